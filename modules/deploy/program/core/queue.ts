/**
 * The queue of an environment: the runs that wait for its lease, in the order in which they get it. The lease alone decides
 * who may change something: a queue that is lost or damaged costs the order, and nothing else.
 */
import * as z from "zod"
import { whoSchema } from "./journal.ts"
import { type End, end } from "./outcome.ts"
import type { Request } from "./request.ts"
import { short, utc } from "./text.ts"

const waiterSchema = z.strictObject({
  run: whoSchema,
  action: z.string(),
  commit: z.string(),
  migrates: z.enum(["expand", "contract"]).nullable(),
  /** Whether it brings an answer, or the reason of an emergency: then it waits whatever else does. */
  insists: z.boolean(),
  /** By the run's own clock, for people. */
  since: z.number(),
  seen: z.number(),
  /** Whether people were told that it waits. */
  told: z.boolean(),
  /** A waiting run that deploys this commit with a newer one; null: none. */
  superseded: z.strictObject({ run: whoSchema, commit: z.string() }).nullable(),
})
/** A run that waits. */
export type Waiter = z.infer<typeof waiterSchema>

/** The file of runs that wait for an environment. */
export const queueSchema = z.strictObject({ version: z.literal(1), waiting: z.array(waiterSchema) })

/** Returns the waiter of a request that begins to wait. */
export const waiterOf = ({ run, action, release, environment, ...rest }: Request, now: number): Waiter => ({
  run: { id: run.id, url: run.url, actor: run.actor, attempt: run.attempt },
  action,
  commit: release.commit,
  migrates: environment.migration?.phase ?? null,
  insists: rest.answer !== null || rest.breakGlass !== null,
  since: now,
  seen: now,
  told: false,
  superseded: null,
})

/** A rollback does not wait for deployments: they would go out first, and it would then return from them. */
const goesFirst = ({ action }: Waiter): boolean => action === "rollback"

const byOther = (waiter: Waiter, { run }: Waiter): boolean => waiter.run.id !== run.id

/**
 * Whether one run deploys all that another one would. A contract migration needs the releases before it to be live, and a
 * migration that only the earlier commit asks for would not run.
 */
const covers = (newer: Waiter, older: Waiter, contains: ReadonlySet<string>): boolean =>
  newer.action === "deploy" &&
  older.action === "deploy" &&
  !older.insists &&
  contains.has(older.commit) &&
  newer.migrates !== "contract" &&
  (older.migrates === null || older.migrates === newer.migrates)

/** Adds a run, or renews it: then it keeps its place. */
function placed(waiting: readonly Waiter[], mine: Waiter): readonly Waiter[] {
  const known = waiting.findIndex((one) => !byOther(one, mine))
  if (known >= 0) return waiting.map((one, index) => (index === known ? mine : one))
  const last = goesFirst(mine) ? waiting.findLastIndex(goesFirst) + 1 : waiting.length
  return waiting.toSpliced(last, 0, mine)
}

/**
 * Adds a run, or renews it, and supersedes the runs of commits that it contains.
 *
 * @param contains the commits that the run's own one contains.
 */
export const entered = (
  waiting: readonly Waiter[],
  mine: Waiter,
  contains: ReadonlySet<string>,
): readonly Waiter[] =>
  placed(waiting, mine).map((one) =>
    byOther(one, mine) && covers(mine, one, contains)
      ? { ...one, superseded: { run: mine.run, commit: mine.commit } }
      : one,
  )

/** Returns how many runs get the lease before this one. */
export const runsBefore = (waiting: readonly Waiter[], mine: Waiter): number =>
  placed(waiting, mine).findIndex((one) => !byOther(one, mine))

/** Removes a run. @param passed how many runs before it go as well: they did not take the lease when they could. */
export function left(waiting: readonly Waiter[], mine: Waiter, passed: number): readonly Waiter[] {
  return waiting.slice(passed).filter((one) => byOther(one, mine))
}

/** Returns the end of a run that another one supersedes; null: it goes on. */
export function supersededEnd({ commit, superseded }: Waiter): End | null {
  if (superseded === null) return null
  const { run } = superseded
  const other = run.url ?? run.id
  return end(
    "superseded",
    `run ${run.id} of ${run.actor} waits with ${short(superseded.commit)}, which contains ${short(commit)}`,
    {
      todo: [
        `nothing to do if that run deploys it: follow ${other}`,
        "nothing was changed by this run; run it again to deploy this commit all the same",
      ],
    },
  )
}

/** Age of a run's last word at which people are told, in milliseconds. */
const SILENT_MS = 120_000

function waiterText({ run, action, commit, since, seen }: Waiter, now: number): string {
  const url = run.url === null ? "" : ` (${run.url})`
  const silent = now - seen > SILENT_MS ? `; silent since ${utc(seen)}, so its runner may be gone` : ""
  const what = action === "rollback" ? action : `${action} ${short(commit)}`
  return `${what}, run ${run.id} of ${run.actor}${url}, since ${utc(since)}${silent}`
}

/** Returns a line for each run that waits, the next one first. */
export const queueLines = (waiting: readonly Waiter[], now: number): readonly string[] =>
  waiting.map((waiter, index) => {
    const label = index === 0 ? "waiting" : ""
    return `${label.padEnd(13)}${index + 1}. ${waiterText(waiter, now)}`
  })
