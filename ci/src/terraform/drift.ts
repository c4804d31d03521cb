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

/** Drift seen by earlier runs: read from the previous run, written for the next. */
const sightingsSchema = z.object({
  schema: z.literal(1),
  /** By resource and drifted attributes. */
  seen: z.record(z.string(), sighting),
})
export type Sightings = z.output<typeof sightingsSchema>

export const NEVER: Sightings = { schema: 1, seen: {} }

/** A resource that differs from what Terraform applied. */
export interface Drifted {
  readonly address: string
  readonly type: string
  /** `update`, or `delete` for a resource that no longer exists. */
  readonly action: Change["action"]
  readonly differences: readonly Difference[]
  /** How often in a row this drift was seen, including now. */
  readonly sightings: number
  /** ISO 8601. */
  readonly since: string
  readonly alert: boolean
}

/** The result of a drift check. */
export interface Drift {
  readonly outcome: "none" | "seen" | "alert"
  readonly drifted: readonly Drifted[]
  /** Attributes that others own and may change, by resource. */
  readonly elsewhere: readonly { readonly address: string; readonly paths: readonly string[] }[]
  readonly sightings: Sightings
}

/** How drift is judged. */
export interface Looking {
  /** Attributes that others own, by resource type, in addition to the built-in list. */
  readonly elsewhere: Readonly<Record<string, readonly string[]>>
  /** Sightings in a row that make an alert. */
  readonly sightings: number
  readonly before: Sightings
  /** ISO 8601. */
  readonly now: string
}

/** Classifies drift: owned by others, seen too seldom, or an alert. */
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
      // Drift that is gone is forgotten: when it returns, it counts from one.
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

/** A star matches any number of steps: `default_action.*` is everything below. */
const matches = (pattern: string, path: string): boolean =>
  globMatcher([pattern.replaceAll(".", "/").replaceAll("*", "**")])(path.replaceAll(".", "/"))

function sight(change: Change, own: readonly Difference[], { before, now, sightings: limit }: Looking) {
  const { address, type, action } = change
  // Without values: an attribute that keeps changing is one drift.
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

/** Reads the sightings of the previous run; none if there was no run. @throws {Fault} for any other text. */
export function readSightings(text: string | null): Sightings {
  if (text === null) return NEVER
  const read = sightingsSchema.safeParse(parseJson(text), { jitless: true })
  if (read.success) return read.data
  throw new Fault("configuration", {
    what: "the file of `--sightings` was not written by `infra drift`",
    where: null,
    fix: "pass the sightings.json of the previous `infra drift`, or leave the flag out",
  })
}
