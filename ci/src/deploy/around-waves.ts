/** The world around a run over waves. */
import { Fault } from "../run/fault.js"
import { CAUSES } from "../settings.js"
import type { Known } from "./known-waves.js"
import type { Action } from "./request.js"
import { type Waves, worst } from "./waves.js"
import { titled } from "./waves-text.js"

/** Works in several environments at once. An error in one is thrown once all have ended: none is left unwatched. */
export async function allOf<T>(names: readonly string[], work: (name: string) => Promise<T>) {
  const ends = await Promise.allSettled(names.map(async (name) => [name, await work(name)] as const))
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason
    return end.value
  })
}

/** The world around a run. */
export interface Around {
  /**
   * Runs an action in the deployer of an environment.
   *
   * @param wayBack whether these waves return by it, under the ID that stands below.
   */
  readonly run: (environment: string, action: Action, wayBack?: boolean) => Promise<Known & Ended>
  /** ID of this run, as the ledgers have it. */
  readonly id: string
  /** ID of the run by which these waves return from a release. */
  readonly wayBack: string
  /** Whether no other run has these IDs. */
  readonly unique: boolean
  readonly now: () => number | Promise<number>
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly show: (line: string) => void
}

/** How an action ended, for the shell and for people. */
export interface Ended {
  readonly exitCode: number
  readonly text: string
}

/** Asks all environments for their status. Returns the end where some cannot tell. */
export async function statuses({ order }: Waves, { run }: Pick<Around, "run">) {
  const all = await allOf(order.flat(), (name) => run(name, "status"))
  const wrong = all.filter(([, { exitCode }]) => exitCode !== 0)
  if (wrong.length === 0) return { all }
  const exitCode = worst(wrong.map(([, status]) => status.exitCode))
  return { ended: { exitCode, text: wrong.map(([name, { text }]) => titled(name, text)).join("\n\n") } }
}

const NOTHING_KNOWN = { recorded: null, inflight: null, last: null }

/** Returns the end of an environment whose deployer failed: what the others did must still be told. */
export function endOfError(error: unknown): Known & Ended {
  const text = error instanceof Error ? error.message : String(error)
  const exitCode = error instanceof Fault ? CAUSES[error.code].code : 1
  return { ...NOTHING_KNOWN, live: { unknown: text }, exitCode, text }
}
