import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { promisify } from "node:util"
import { temporary } from "../../engine/support.js"
import { own } from "../../engine/vendor-apps.js"

/** The folder of the tools that the tests of wrappers install. */
export const tools = temporary("vendor-tools")

export const run = async (program: string, args: readonly string[], cwd = tools, env = {}) =>
  (await promisify(execFile)(program, [...args], { cwd, env: { ...own(), ...env }, maxBuffer: 1 << 26 }))
    .stdout

/** Runs a command that may be red; returns its exit code and output. */
export const ended = (program: string, args: readonly string[], cwd: string, env = {}) =>
  new Promise<{ readonly code: number; readonly output: string }>((resolve) => {
    const options = { cwd, env: { ...own(), ...env }, maxBuffer: 1 << 26 }
    execFile(program, [...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    )
  })

const GO = {
  actionlint: "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12",
  act: "github.com/nektos/act@v0.2.89",
} as const

/** Builds a tool of Go into {@link tools}. */
export const fromGo = (name: keyof typeof GO) => run("go", ["install", GO[name]], tools, { GOBIN: tools })

/** Installs gitlab-ci-local into {@link tools}. It copies with rsync: Debian's, in a folder of its own. */
export async function gitlabCiLocal(): Promise<void> {
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", tools, "gitlab-ci-local@4.61.1"])
  await run("apt-get", ["download", "rsync", "libpopt0", "libxxhash0"])
  const packages = fs.readdirSync(tools).filter((file) => file.endsWith(".deb"))
  for (const file of packages) await run("dpkg", ["--extract", file, "deb"])
  const libraries = path.join(tools, "deb/usr/lib/x86_64-linux-gnu")
  const real = path.join(tools, "deb/usr/bin/rsync")
  fs.writeFileSync(path.join(tools, "rsync"), `#!/bin/sh\nLD_LIBRARY_PATH=${libraries} exec ${real} "$@"\n`)
  fs.chmodSync(path.join(tools, "rsync"), 0o755)
}
