import * as z from "zod/mini"
import type { RunRecord } from "../../ci/src/run/result.js"
import type { Cause } from "./causes.js"

/** What people have been told. It is kept from run to run, so that a cause is told once. */
const stateSchema = z.object({
  /** Version of this format. */
  schema: z.literal(1),
  /** The start of the newest run that people were told of: milliseconds since the epoch. */
  run: z.number(),
  causes: z.record(
    z.string(),
    z.object({
      event: z.enum(["red", "flaky", "finding", "slow"]),
      stage: z.string(),
      text: z.string(),
      since: z.number(),
      seen: z.number(),
      /** Channels that have been told. */
      told: z.array(z.string()),
    }),
  ),
})

export type State = z.output<typeof stateSchema>
export type Known = State["causes"][string]

export const NOTHING_TOLD: State = { schema: 1, run: 0, causes: {} }

/** Reads the text of a state; null if it is damaged. People are then told again. */
export function readState(text: string): State | null {
  try {
    return stateSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** How long a flaky test is remembered that has not failed again. */
const FLAKY_MS = 30 * 24 * 60 * 60 * 1000

/** Tells whether a cause that a run does not show may still be there: its stage did not end, or it fails by chance. */
function isOpen({ event, stage: name, seen }: Known, record: RunRecord): boolean {
  if (event === "flaky") return record.startedAt - seen < FLAKY_MS
  const stage = record.stages.find((one) => one.name === name)
  if (event === "red" && record.verdict === "passed") return false
  return stage?.verdict !== "passed" && stage?.verdict !== "failed"
}

/** The state after a run, and what the run fixed. */
export interface Change {
  readonly state: State
  /** Red causes that are gone, where the run is green. */
  readonly fixed: readonly Known[]
}

/** Returns the state after a run: its causes, and those before that are still open. */
export function after(before: State, record: RunRecord, causes: readonly Cause[]): Change {
  const own = new Map(causes.map((cause) => [cause.key, cause]))
  const kept = Object.entries(before.causes).filter(([key, known]) => !own.has(key) && isOpen(known, record))
  const now = [...own].map(([key, { event, stage, text }]): readonly [string, Known] => {
    const known = before.causes[key]
    const at = record.startedAt
    return [key, { event, stage, text, since: known?.since ?? at, seen: at, told: known?.told ?? [] }]
  })
  const green = record.verdict === "passed"
  return {
    state: { schema: 1, run: record.startedAt, causes: Object.fromEntries([...kept, ...now]) },
    fixed: green ? Object.values(before.causes).filter(({ event }) => event === "red") : [],
  }
}
