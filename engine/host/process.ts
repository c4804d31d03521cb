import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { createInterface } from "node:readline"

/** How {@link logged} runs a command. */
export interface RunOptions {
  /** Path of a file to which both outputs are appended. */
  readonly log: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Called with each line of either output. */
  readonly onLine?: (line: string) => void
  /** Seconds after which the command is ended. */
  readonly timeout: number
}

/** A failed command, with the end of its output and the path of its log. */
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

/** Describes the end of a process: its signal, or its exit code. */
export const endOf = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal ?? `exit code ${code}`

/**
 * Ends a command and all its processes when this process ends: a compiler or package manager that went on would write
 * into a folder that the next start replaces. The command has its own mount namespace.
 */
const CONTAINED = [
  "--pdeathsig=KILL",
  ..."unshare --mount --pid --mount-proc --fork --kill-child=KILL --".split(" "),
]

/**
 * Runs a command as root and appends its output to a log file.
 *
 * @throws CommandFailed with its last lines.
 */
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
    child.on("error", (error) => resolve(`did not start (${error.message})`))
    child.on("close", (code, signal) => resolve(code === 0 ? null : `ended with ${endOf(code, signal)}`))
  })
  clearTimeout(timer)
  log.end()
  if (reason === null) return
  const why = late ? `timed out after ${options.timeout} s` : reason
  throw new CommandFailed(path.basename(program), why, last.join("\n  "), options.log)
}
