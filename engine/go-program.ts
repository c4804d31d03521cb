import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { HostFault } from "../cli/fault.js"
import { fingerprint, makeWhole, withLock } from "../cli/home.js"
import { logged } from "../cli/process.js"
import type { Task } from "../cli/progress.js"
import type { GoProgram } from "./recipes/index.js"

/** Fetches a module to Go's module cache and returns its folder, its checksum verified. */
export function goModule(module: string, version: string, sum: string): string {
  // Outside any module, so that no replacements apply. The sum is checked below, and the checksum database does
  // not know every mirror's modules.
  const output = execFileSync("go", ["mod", "download", "-json", `${module}@${version}`], {
    cwd: "/",
    encoding: "utf8",
    timeout: 600_000,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, GONOSUMDB: module },
  })
  const found: { Dir: string; Sum: string } = JSON.parse(output)
  if (found.Sum === sum) return found.Dir
  throw new HostFault(
    "build-failed",
    `the module mirror's ${module} ${version} has the checksum ${found.Sum}, not ${sum}`,
    "ask who runs the Go module mirror: this is not the code that was released",
  )
}

/** Seconds that a build from nothing may take on a busy machine. */
const TIMEOUT = 7200

/** Flags that every build has; another set makes other programs. */
const FLAGS = ["-v", "-trimpath", "-mod=readonly"]

/** The folder of the state folder that a program is kept in. */
export const programFolder = (program: GoProgram): string =>
  `program-${path.basename(program.path)}-${fingerprint(JSON.stringify(program), FLAGS.join())}`

/**
 * Builds the program of an image, once: later calls return what was built.
 *
 * The module's own go.sum has the checksums of all that it needs, and the module's is pinned: so nothing goes
 * into the program that its makers did not name.
 *
 * @param progress is told how far it is.
 * @returns the path of the program.
 */
export async function buildProgram(
  program: GoProgram,
  log: string,
  progress: Task["update"],
): Promise<string> {
  const name = path.basename(program.path)
  const folder = programFolder(program)
  const make = () =>
    makeWhole(folder, async (work) => {
      const source = path.join(work, "src")
      progress("fetching its modules")
      fs.cpSync(goModule(program.module, program.version, program.sum), source, { recursive: true })
      await logged(["chmod", "-R", "u+w", source], { log, timeout: 60 })
      const flags = [...FLAGS, "-ldflags", `-s -w ${program.ldflags ?? ""}`]
      let compiled = 0
      await logged(["go", "build", ...flags, "-o", path.join(work, name), program.package], {
        cwd: source,
        env: { ...process.env, ...program.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
        log,
        timeout: TIMEOUT,
        onLine: (line) => {
          if (/^[\w./-]+$/.test(line)) progress(`${++compiled} packages compiled`)
        },
      })
      fs.rmSync(source, { recursive: true })
      return [name]
    })
  const waiting = () => progress("another process builds it")
  return path.join(await withLock(folder, waiting, make), name)
}
