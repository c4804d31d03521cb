import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import { createInterface } from "node:readline"
import { answers } from "../engine/running.js"
import { HostFault } from "./fault.js"
import { doesNotStart, type Session } from "./session.js"

/** How a run of the Dagger client ended, when neither a person nor the loss of the engine ended it. */
export interface Ended {
  readonly code: number
  /** The last lines of its output. */
  readonly tail: readonly string[]
}

export interface ClientOptions {
  /** Gets all output. */
  readonly log: string
  readonly onLine: (line: string) => void
  readonly cwd?: string
}

const TAIL = 200
const WATCH_MS = 1000
/** Milliseconds that the client gets to end its session after Ctrl-C. */
const GRACE_MS = 15_000

/**
 * Runs the Dagger client with its output in a log. Ctrl-C goes to it, so that its session and the containers
 * of it end; the loss of the engine, which it would wait out, ends it.
 *
 * @throws HostFault `interrupted` or `engine-lost`.
 */
export async function runClient(
  session: Session,
  args: readonly string[],
  options: ClientOptions,
): Promise<Ended> {
  // In a process group of its own: a terminal's Ctrl-C would reach it as well as our own signal, and its second
  // one makes it leave its session behind.
  const child = spawn(session.dagger, args, {
    cwd: options.cwd,
    env: session.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  })
  const tail = record(child, options)
  const stopSignals = forwardSignals(child)
  const watch = watchEngine(child, session.socket)
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(doesNotStart(session, error)))
    child.on("close", (status) => resolve(status ?? 1))
  }).finally(() => clearInterval(watch.timer))
  if (stopSignals())
    throw new HostFault("interrupted", "interrupted: the run was ended, the engine stays up", null)
  if (code !== 0 && (watch.lost() || (session.socket !== null && !(await answers(session.socket)))))
    throw new HostFault(
      "engine-lost",
      "the engine ended during the run",
      "run it again: that starts it; `slipway engine logs` shows its last words",
      options.log,
    )
  return { code, tail }
}

function record(child: ChildProcess, { log, onLine }: ClientOptions): readonly string[] {
  const file = fs.createWriteStream(log, { flags: "w" })
  const tail: string[] = []
  for (const input of [child.stdout, child.stderr])
    if (input)
      createInterface({ input }).on("line", (line) => {
        file.write(`${line}\n`)
        tail.push(line)
        if (tail.length > TAIL) tail.shift()
        onLine(line)
      })
  child.on("close", () => file.end())
  return tail
}

/** Hands Ctrl-C and a request to end on. Returns a function that stops that and tells whether one came. */
function forwardSignals(child: ChildProcess): () => boolean {
  let count = 0
  const onSignal = () => {
    count++
    // The client ends its session at SIGINT alone.
    child.kill(count === 1 ? "SIGINT" : "SIGKILL")
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref()
  }
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
  for (const signal of signals) process.on(signal, onSignal)
  return () => {
    for (const signal of signals) process.off(signal, onSignal)
    return count > 0
  }
}

function watchEngine(child: ChildProcess, socket: string | null) {
  let misses = 0
  const timer = setInterval(async () => {
    if (socket === null || (await answers(socket))) misses = 0
    else if (++misses === 2) child.kill("SIGKILL")
  }, WATCH_MS)
  return { timer, lost: () => misses > 0 }
}
