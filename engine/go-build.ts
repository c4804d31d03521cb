import { execFile } from "node:child_process"
import { logged } from "./host/process.js"
import type { Task } from "./host/progress.js"

/** How {@link goBuild} runs `go build`. */
export interface GoBuild {
  /** Flags and packages, without `-v`. */
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly log: string
  /** Seconds. */
  readonly timeout: number
  readonly progress: Task["update"]
}

/** Runs `go build` and reports how many of the packages that are not in Go's cache are compiled. */
export async function goBuild({ args, cwd, env, log, timeout, progress }: GoBuild): Promise<void> {
  const count = compiled(packagesToCompile(await dryRun(["build", "-n", ...args], { cwd, env })))
  await logged(["go", "build", "-v", ...args], {
    cwd,
    env,
    log,
    timeout,
    onLine(line) {
      const state = count(line)
      if (state !== null) progress(state)
    },
  })
}

/** Returns what `go build -n` would run. Where that fails, the build itself fails and says why. */
function dryRun(args: readonly string[], options: Pick<GoBuild, "cwd" | "env">): Promise<string> {
  return new Promise((resolve) => {
    execFile("go", [...args], { ...options, maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      resolve(error ? "" : stdout + stderr),
    )
  })
}

/** Reads the packages that a build compiles from the output of `go build -n`: each has a heading of three lines. */
export function packagesToCompile(output: string): ReadonlySet<string> {
  return new Set([...output.matchAll(/^#\n# (\S+)\n#$/gm)].map(([, name = ""]) => name))
}

/**
 * Counts compiled packages.
 *
 * @param wanted the packages to compile.
 * @returns a function from a line of `go build -v` to the state after it, such as `212 of 1744 packages`; null for a
 *   line that adds nothing.
 */
export function compiled(wanted: ReadonlySet<string>): (line: string) => string | null {
  const seen = new Set<string>()
  return (line) => {
    if (!wanted.has(line) || seen.has(line)) return null
    seen.add(line)
    return `${seen.size} of ${wanted.size} packages`
  }
}
