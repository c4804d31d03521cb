import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { createInterface } from "node:readline"

/** How {@link logged} runs a command. */
export interface RunOptions {
  /** Gets both outputs whole. */
  readonly log: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Sees each line of either output. */
  readonly onLine?: (line: string) => void
  /** Seconds until it is ended. */
  readonly timeout: number
}

/** A command that ended badly: its last words and where the whole log is. */
export class CommandFailed extends Error {
  constructor(
    readonly command: string,
    readonly reason: string,
    readonly tail: string,
    readonly log: string,
  ) {
    super([`${command} ${reason}`, tail].filter(Boolean).join(": "))
  }
}

/** How a process ended: the signal that ended it, or its exit code. */
export const endOf = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal ?? `exit code ${code}`

/**
 * Ends a command with everything that it started when this process ends, however it ends: a compiler or a
 * package manager that goes on would write into a folder that the next start makes anew. Its mounts are its own.
 */
const CONTAINED = [
  "--pdeathsig=KILL",
  ..."unshare --mount --pid --mount-proc --fork --kill-child=KILL --".split(" "),
]

/** Runs a command as root with its output appended to a log file, and fails with its last lines. */
export async function logged(command: readonly [string, ...string[]], options: RunOptions): Promise<void> {
  fs.mkdirSync(path.dirname(options.log), { recursive: true })
  const log = fs.createWriteStream(options.log, { flags: "a" })
  log.write(`$ ${command.join(" ")}\n`)
  const [program] = command
  const child = spawn("setpriv", [...CONTAINED, ...command], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  const last: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      log.write(`${line}\n`)
      options.onLine?.(line)
      if (line.trim() !== "") last.push(line)
      if (last.length > 5) last.shift()
    })
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill("SIGTERM")
  }, options.timeout * 1000)
  const reason = await new Promise<string | null>((resolve) => {
    child.on("error", (error) => resolve(`does not start (${error.message})`))
    child.on("close", (code, signal) => resolve(code === 0 ? null : `ended with ${endOf(code, signal)}`))
  })
  clearTimeout(timer)
  log.end()
  if (reason === null) return
  const why = late ? `was ended after ${options.timeout} s` : reason
  throw new CommandFailed(path.basename(program), why, last.join("\n  "), options.log)
}
