import * as z from "zod/mini"
import { sha256 } from "../formats/canonical.js"
import { globMatcher } from "../formats/glob.js"
import { parseJson } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import type { Difference } from "./differences.js"
import type { Change } from "./plan-json.js"
import { OWNED_ELSEWHERE } from "./resources.js"

const sighting = z.object({
  /** In a row. */
  count: z.number(),
  /** ISO 8601. */
  first: z.string(),
  last: z.string(),
})

/** What was seen before: handed in from the last look, and out to the next. */
export const sightingsSchema = z.object({
  schema: z.literal(1),
  /** By the resource and what of it drifted. */
  seen: z.record(z.string(), sighting),
})
export type Sightings = z.output<typeof sightingsSchema>

export const NEVER: Sightings = { schema: 1, seen: {} }

/** A resource that is no longer as Terraform left it. */
export interface Drifted {
  readonly address: string
  readonly type: string
  /** `update`, or `delete` for one that is gone. */
  readonly action: Change["action"]
  readonly differences: readonly Difference[]
  /** How often it was seen so, in a row, with now. */
  readonly sightings: number
  /** ISO 8601. */
  readonly since: string
  readonly alert: boolean
}

/** What a look at drift came to. */
export interface Drift {
  readonly outcome: "none" | "seen" | "alert"
  readonly drifted: readonly Drifted[]
  /** What others own, by resource: it is theirs to change. */
  readonly elsewhere: readonly { readonly address: string; readonly paths: readonly string[] }[]
  readonly sightings: Sightings
}

/** What drift is judged by. */
export interface Looking {
  /** Attributes that others own, by type, beside those that Slipway knows. */
  readonly elsewhere: Readonly<Record<string, readonly string[]>>
  /** From how many sightings on it is an alert. */
  readonly sightings: number
  readonly before: Sightings
  /** ISO 8601. */
  readonly now: string
}

/** Sorts what drifted: what others own, what was seen for the first times, and what is an alert. */
export function judgeDrift(changes: readonly Change[], looking: Looking): Drift {
  const sorted = changes.map((change) => ({ change, ...sort(change, looking.elsewhere) }))
  const drifted = sorted
    .filter(({ change, own }) => change.action !== "update" || own.length > 0)
    .map(({ change, own }) => sight(change, own, looking))
  return {
    outcome: outcomeOf(drifted),
    drifted: drifted.map(({ key: _, ...rest }) => rest),
    elsewhere: sorted
      .filter(({ others }) => others.length > 0)
      .map(({ change, others }) => ({ address: change.address, paths: others.map(({ path }) => path) })),
    sightings: {
      schema: 1,
      // What is not seen any more is forgotten: it counts from one when it comes back.
      seen: Object.fromEntries(
        drifted.map(({ key, sightings, since }) => [
          key,
          { count: sightings, first: since, last: looking.now },
        ]),
      ),
    },
  }
}

function outcomeOf(drifted: readonly Drifted[]): Drift["outcome"] {
  if (drifted.length === 0) return "none"
  return drifted.some(({ alert }) => alert) ? "alert" : "seen"
}

function sort(
  { type, action, differences }: Change,
  more: Looking["elsewhere"],
): { readonly own: readonly Difference[]; readonly others: readonly Difference[] } {
  if (action !== "update") return { own: [], others: [] }
  const patterns = [...(OWNED_ELSEWHERE[type] ?? []), ...(more[type] ?? [])]
  const theirs = ({ path }: Difference) => patterns.some((pattern) => matches(pattern, path))
  return { own: differences.filter((one) => !theirs(one)), others: differences.filter(theirs) }
}

/** A star stands for any number of steps: `default_action.*` for all below. */
const matches = (pattern: string, path: string): boolean =>
  globMatcher([pattern.replaceAll(".", "/").replaceAll("*", "**")])(path.replaceAll(".", "/"))

function sight(change: Change, own: readonly Difference[], { before, now, sightings: limit }: Looking) {
  const { address, type, action } = change
  // Without the values: what changes all the time has drifted all the time.
  const key = sha256(JSON.stringify([address, action, own.map(({ path }) => path)])).slice(0, 32)
  const known = before.seen[key]
  const sightings = (known?.count ?? 0) + 1
  return {
    key,
    address,
    type,
    action,
    differences: own,
    sightings,
    since: known?.first ?? now,
    alert: sightings >= limit,
  }
}

/** Reads what the last look handed out; nothing where there was none. @throws {Fault} for what is none. */
export function readSightings(text: string | null): Sightings {
  if (text === null) return NEVER
  const read = sightingsSchema.safeParse(parseJson(text), { jitless: true })
  if (read.success) return read.data
  throw new Fault("configuration", {
    what: "--sightings holds no sightings of drift",
    where: null,
    fix: "hand over the sightings.json that the last `infra drift` gave, or none",
  })
}
