import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { goBuild } from "./go-build.js"
import { HostFault } from "./host/fault.js"
import { fingerprint, makeWhole, withLock } from "./host/home.js"
import { logged } from "./host/process.js"
import type { Task } from "./host/progress.js"
import type { GoProgram } from "./recipes/index.js"

/**
 * Downloads a module to Go's module cache, verifies its checksum, and returns its folder.
 *
 * @throws HostFault `build-failed` for another checksum.
 */
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
    `${module} ${version}: the module mirror's checksum is ${found.Sum}, not ${sum}`,
    "report it to the operator of the Go module mirror: this is not the released code",
  )
}

/** Seconds for a build with empty caches on a busy machine. */
const TIMEOUT = 7200

/** Flags of every build; part of a program's fingerprint. */
const FLAGS = ["-v", "-trimpath", "-mod=readonly"]

/** Returns the name of a program's folder in the state folder. */
export const programFolder = (program: GoProgram): string =>
  `program-${path.basename(program.path)}-${fingerprint(JSON.stringify(program), FLAGS.join())}`

/**
 * Builds the program of an image once; later calls return it.
 *
 * The module's checksum is pinned, and its go.sum pins all dependencies.
 *
 * @param progress called with the state of the build.
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
      for (const [file, text] of Object.entries(program.generated ?? {}))
        fs.writeFileSync(path.join(source, file), text)
      const flags = [...FLAGS, "-ldflags", `-s -w ${program.ldflags ?? ""}`]
      await goBuild({
        args: [...flags, "-o", path.join(work, name), program.package],
        cwd: source,
        env: { ...process.env, ...program.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
        log,
        timeout: TIMEOUT,
        progress,
      })
      fs.rmSync(source, { recursive: true })
      return [name]
    })
  const waiting = () => progress("another process is building it")
  return path.join(await withLock(folder, waiting, make), name)
}
