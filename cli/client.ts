import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import { createInterface } from "node:readline"
import { withoutTraces } from "../ci/src/formats/clean.js"
import { HostFault } from "../engine/host/fault.js"
import type { Watch } from "../engine/watch.js"
import { CommandFault } from "./fault.js"
import { doesNotStart, type Session } from "./session.js"

/** How a run of the Dagger client ended by itself. */
export interface Ended {
  readonly code: number
  /** The last lines of its output. */
  readonly tail: readonly string[]
}

/** How the client runs, and where its output goes. */
export interface ClientOptions {
  /** Gets all output. */
  readonly log: string
  readonly onLine: (line: string) => void
  readonly cwd?: string
  /** True to give it this process's input and output: then its standard error is all that is logged. */
  readonly onTerminal?: true
}

const TAIL = 200
/** Milliseconds for the client to end its session after Ctrl-C. */
const GRACE_MS = 15_000

/**
 * Runs the Dagger client and logs its output without marks of traces. Ctrl-C ends its session and its containers. It is
 * killed when the engine stops, which it would not notice for minutes.
 *
 * @throws HostFault `engine-lost`. @throws CommandFault `interrupted`.
 */
export async function runClient(
  session: Session,
  args: readonly string[],
  options: ClientOptions,
): Promise<Ended> {
  // In its own process group: from a terminal, Ctrl-C would reach it twice, and a second signal makes it leave its
  // session open.
  const child = spawn(session.dagger, args, {
    cwd: options.cwd,
    env: session.env,
    stdio: options.onTerminal ? ["inherit", "inherit", "pipe"] : ["ignore", "pipe", "pipe"],
    detached: true,
  })
  const { tail, logged } = record(child, options)
  const stopSignals = forwardSignals(child)
  const watch = watchEngine(child, session.watch)
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(doesNotStart(session, error)))
    child.on("close", (status) => resolve(status ?? 1))
  }).finally(() => clearInterval(watch.timer))
  await logged
  if (stopSignals())
    throw new CommandFault(
      "interrupted",
      "interrupted: the run has stopped; the engine is still running",
      null,
    )
  const { watch: engine } = session
  if (code !== 0 && engine !== null && (watch.lost() || !(await engine.lives())))
    throw new HostFault(
      "engine-lost",
      "the engine stopped during the run",
      `run it again: it starts the engine. \`${engine.log}\` shows the end of its log`,
      options.log,
    )
  return { code, tail }
}

/** Copies the output of a client to a log. `logged` resolves once the log is on disk. */
function record(
  child: ChildProcess,
  { log, onLine }: ClientOptions,
): { readonly tail: readonly string[]; readonly logged: Promise<void> } {
  const file = fs.createWriteStream(log, { flags: "w" })
  const tail: string[] = []
  for (const input of [child.stdout, child.stderr])
    if (input)
      createInterface({ input }).on("line", (raw) => {
        const line = withoutTraces(raw)
        file.write(`${line}\n`)
        tail.push(line)
        if (tail.length > TAIL) tail.shift()
        onLine(line)
      })
  const logged = new Promise<void>((resolve) => {
    child.on("close", () => file.end(() => resolve()))
  })
  return { tail, logged }
}

/** Forwards signals that end a process. Returns a function that stops this and tells whether one came. */
function forwardSignals(child: ChildProcess): () => boolean {
  let count = 0
  const onSignal = () => {
    count++
    // SIGINT is what ends the client's session.
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

function watchEngine(child: ChildProcess, engine: Watch | null) {
  let misses = 0
  const look = async () => {
    if (engine === null || (await engine.lives())) misses = 0
    else if (++misses === 2) child.kill("SIGKILL")
  }
  return { timer: setInterval(look, (engine?.every ?? 1) * 1000), lost: () => misses > 0 }
}
