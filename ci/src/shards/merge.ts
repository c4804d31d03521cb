import type { LineHits } from "../formats/coverage-reader.js"
import { duration } from "../formats/figures.js"
import { NO_WORK } from "../run/outcome.js"
import type { JoinedShard, RunRecord, ShardRecord } from "../run/result.js"
import type { Stage, StageResult } from "../run/stage.js"
import { workSeconds } from "./durations.js"

/** The evidence of a shard. */
export interface Evidence {
  /** The folder that holds it. */
  readonly place: string
  readonly record: RunRecord
  readonly shard: ShardRecord
  /** How often its tests ran each line, by stage. */
  readonly lines: ReadonlyMap<string, LineHits>
}

/** Evidence that cannot be read, or was changed. */
export interface Damaged {
  readonly place: string
  readonly problem: string
}

/** What all shards must be of. */
export interface Expected {
  readonly project: string
  readonly commit: string | null
  /** The CI vendor's name for the run. */
  readonly run: string | null
  readonly tree: string
  readonly slipway: string
}

type ProblemCause = "shard-damaged" | "shard-foreign" | "shard-double" | "shard-missing"

/** Why shards are no whole check. */
export interface Problem {
  readonly cause: ProblemCause
  readonly text: string
}

/** Shards that belong together, and what is wrong with the others. */
export interface Sorted {
  /** In the order of their numbers. */
  readonly shards: readonly Evidence[]
  readonly count: number
  readonly problems: readonly Problem[]
}

/** Finds the shards of one check among evidence. What is foreign, double or damaged does not count. */
export function sortOut(all: readonly Evidence[], damaged: readonly Damaged[], expected: Expected): Sorted {
  const fitting = all.filter((one) => difference(ofThisRun(one, expected)) === null)
  const usual = mostCommon((fitting.length > 0 ? fitting : all).map(({ shard }) => shard))
  const judged = all.map((one) => {
    const more = usual ? alike(one.shard, usual) : []
    return { one, why: difference([...ofThisRun(one, expected), ...more]) }
  })
  const own = judged.flatMap(({ one, why }) => (why === null ? [one] : []))
  const groups = [...new Set(own.map(({ shard }) => shard.index))]
    .toSorted((a, b) => a - b)
    .map((index) => lastAttempt(own.filter(({ shard }) => shard.index === index)))
  const doubles = groups.filter((group) => group.length > 1)
  const count = usual?.count ?? 0
  const seen = new Set(all.map(({ shard }) => shard.index))
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((index) => !seen.has(index))
  return {
    count,
    shards: groups.flatMap((group) => (group.length === 1 ? group : [])),
    problems: [
      ...damaged.map(({ place, problem }) => told("shard-damaged", `${place}: ${problem}`)),
      ...judged.flatMap(({ one, why }) =>
        why === null ? [] : [told("shard-foreign", `shard ${labelOf(one)} (${one.place}) is of ${why}`)],
      ),
      ...doubles.map((group) =>
        told(
          "shard-double",
          `shard ${group.map(labelOf)[0]} is there ${group.length} times: ${group.map(({ place }) => place).join(", ")}`,
        ),
      ),
      ...missing.map((index) => told("shard-missing", `shard ${index}/${count} left no evidence`)),
      ...(count === 0 && damaged.length === 0 ? [told("shard-missing", "no shard left evidence")] : []),
    ],
  }
}

/** A job that ran again counts by its last attempt. */
function lastAttempt(all: readonly Evidence[]): readonly Evidence[] {
  const attempt = ({ record }: Evidence) => record.context.attempt
  const last = Math.max(...all.map(attempt))
  return all.filter((one) => attempt(one) === last)
}

const told = (cause: ProblemCause, text: string): Problem => ({ cause, text })

const labelOf = ({ shard: { index, count } }: Pick<Evidence, "shard">): string => `${index}/${count}`

/** The shard that agrees with most others; the first of several. */
function mostCommon(shards: readonly ShardRecord[]): ShardRecord | null {
  const agreeing = (one: ShardRecord) =>
    shards.filter((other) => difference(alike(other, one)) === null).length
  return shards.reduce<ShardRecord | null>(
    (best, one) => (best === null || agreeing(one) > agreeing(best) ? one : best),
    null,
  )
}

const SHOWN = 12
const short = (text: string | null): string => text?.replace(/^sha256:/, "").slice(0, SHOWN) ?? "none"

/** Something that must be the same, as a shard has it and as it must be. */
type Compared = readonly [what: string, there: string | null, here: string | null]

/** What all shards must have in common with the tree and the run that they are joined in. */
const ofThisRun = ({ record, shard }: Evidence, expected: Expected): readonly Compared[] => [
  ["project", record.project, expected.project],
  ["commit", record.context.commit, expected.commit],
  // A laptop has none.
  ["run", record.context.run ?? expected.run, expected.run ?? record.context.run],
  ["tree", shard.tree, expected.tree],
  ["version of Slipway", shard.slipway, expected.slipway],
]

/** What they must have in common with each other. */
const alike = (shard: ShardRecord, usual: ShardRecord): readonly Compared[] => [
  ["number of shards", String(shard.count), String(usual.count)],
  ["file of durations", shard.durations, usual.durations],
  ["configuration: its base", shard.base, usual.base],
  ["plan", shard.plan, usual.plan],
]

/** Tells what differs first; null if nothing does. */
function difference(compared: readonly Compared[]): string | null {
  const [other] = compared.filter(([, there, here]) => there !== here)
  return other ? `another ${other[0]}: ${short(other[1])} instead of ${short(other[2])}` : null
}

/** The name of the stage that tells how shards were joined. */
const SHARDS = "shards"

/** Returns the stage that tells how shards were joined: `errored` where they are no whole check. */
export const shardsStage = (joined: readonly JoinedShard[], problems: readonly Problem[]): Stage => ({
  name: SHARDS,
  kind: SHARDS,
  needs: [],
  prepares: true,
  because: "several machines shared the check",
  inputs: { include: [], exclude: [] },
  run: async () => shardsResult(joined, problems),
})

/** Returns the result of joining: how long each shard took, or why the shards cannot be joined. */
export function shardsResult(joined: readonly JoinedShard[], problems: readonly Problem[]): StageResult {
  const [first] = problems
  if (first)
    return {
      ...NO_WORK,
      verdict: "errored",
      cause: first.cause,
      summary: problems.map(({ text }) => text).join("; "),
    }
  const each = joined.map(({ shard, seconds }) => `${shard} ${duration(seconds * 1000)}`)
  return { ...NO_WORK, verdict: "passed", cause: null, summary: `work of each: ${each.join(", ")}` }
}

/** Returns what the record of the whole check says of each shard. */
export const joinedShards = (shards: readonly Evidence[]): readonly JoinedShard[] =>
  shards.map(({ record, shard }) => ({
    shard: `${shard.index}/${shard.count}`,
    verdict: record.verdict,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    seconds: record.stages.reduce((sum, stage) => sum + (workSeconds(stage) ?? 0), 0),
    url: record.context.url,
    head: record.audit?.head ?? null,
  }))
