import { execFile, execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

const TESTDATA = fileURLToPath(new URL("testdata", import.meta.url))

/** A call of the dagger CLI, ended. */
export interface Called {
  readonly code: number
  readonly stdout: string
  /** The progress and, at the end, the error. */
  readonly stderr: string
}

/** Copies fixture modules into a git repository of their own, in which they are called. */
export function workspace(names: readonly string[], entry: "fast" | "stock" = "fast"): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-sdk-"))
  execFileSync("git", ["init", "--quiet", folder])
  for (const name of names) {
    const copy = path.join(folder, name)
    fs.cpSync(path.join(TESTDATA, name), copy, { recursive: true })
    const manifest = path.join(copy, "package.json")
    if (entry === "stock")
      fs.writeFileSync(manifest, JSON.stringify({ ...json(manifest), slipway: { entry } }))
  }
  return folder
}

function json(file: string): object {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {}
}

/** Runs the dagger CLI in a folder, `input` on its standard input. */
export function dagger(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = "",
): Promise<Called> {
  const command = process.env._EXPERIMENTAL_DAGGER_CLI_BIN ?? "dagger"
  const defaults = { DAGGER_PROGRESS: "plain", DAGGER_NO_NAG: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" }
  const options = {
    cwd: folder,
    env: { ...process.env, ...defaults, ...env },
    timeout: 240_000,
    maxBuffer: 1 << 26,
  }
  return new Promise((resolve) => {
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : 255) : 0
      resolve({ code, stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

/** The error that the CLI prints last, without what differs from run to run. */
export function message({ stderr }: Called): string {
  const start = stderr.lastIndexOf("\nError: ")
  if (start === -1) return ""
  return stderr
    .slice(start)
    .replace(/\s*\[traceparent:[^\]]*\]/g, "")
    .trim()
}

/**
 * A root filesystem with a shell and Node, put together from this machine's own, so that commands can be run
 * without an image.
 */
export function smallRoot(): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-root-"))
  const put = (from: string, to = from) => {
    const target = path.join(root, to)
    if (fs.existsSync(target)) return
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.copyFileSync(fs.realpathSync(from), target)
  }
  const programs = [
    [fs.realpathSync("/bin/sh"), "/bin/sh"],
    [process.execPath, "/usr/local/bin/node"],
  ] as const
  for (const [from, to] of programs) {
    put(from, to)
    const libraries = execFileSync("ldd", [from], { encoding: "utf8" }).matchAll(/(\/\S+)\s\(0x/g)
    for (const [, library = ""] of libraries) put(library)
  }
  return root
}
