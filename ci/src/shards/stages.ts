import type { LineHits } from "../formats/coverage-reader.js"
import { type StageRecord, worst } from "../run/result.js"
import { notRun } from "../run/run.js"
import type { Stage } from "../run/stage.js"
import type { Evidence, Problem, Sorted } from "./merge.js"

/** A stage as the shards ran it. */
export interface JoinedStage {
  readonly record: StageRecord
  readonly lines: readonly LineHits[]
  /** The folder of the evidence that has its files; null if no shard ran it. */
  readonly place: string | null
}

/** Merges the records of parts of one stage. */
export type Unite = (parts: readonly StageRecord[]) => StageRecord

/** A stage in the evidence of one shard. */
interface Copy {
  readonly shard: Evidence
  readonly record: StageRecord
}

/**
 * Joins what shards recorded of stages, by stage. Of a stage that several of them ran, as others need it, the worst counts.
 *
 * @param stages all that shards share.
 */
export function joinStages(
  stages: readonly Stage[],
  { shards, count }: Pick<Sorted, "shards" | "count">,
  unite: Unite,
): { readonly joined: ReadonlyMap<string, JoinedStage>; readonly problems: readonly Problem[] } {
  const complete = count > 0 && shards.length === count
  const all = stages.map((stage) => {
    const copies = shards.flatMap((shard) =>
      shard.record.stages.flatMap((record) => (record.name === stage.name ? [{ shard, record }] : [])),
    )
    return { stage, copies, problem: complete ? problemOf(stage, copies) : null }
  })
  return {
    joined: new Map(all.map(({ stage, copies }) => [stage.name, joinCopies(stage, copies, unite)])),
    problems: all.flatMap(({ problem }) => problem ?? []),
  }
}

function joinCopies(stage: Stage, copies: readonly Copy[], unite: Unite): JoinedStage {
  const verdict = worst(copies.map(({ record }) => record.verdict))
  const chosen = copies.find(({ record }) => record.verdict === verdict)
  if (!chosen) return { record: notRun(stage, "no evidence of its shard counts"), lines: [], place: null }
  const { record, shard } = chosen
  if (!record.part) return { record, lines: [shard.lines.get(stage.name) ?? []].flat(), place: shard.place }
  const records = copies.map((copy) => copy.record)
  return {
    record: withoutGap(unite(records), records),
    lines: copies.flatMap((copy) => copy.shard.lines.get(stage.name) ?? []),
    place: shard.place,
  }
}

/** Numbers of the parts that ran, or had nothing to run. */
const ranParts = (records: readonly StageRecord[]): readonly number[] =>
  records.flatMap(({ part, startedAt }) => (part && startedAt !== null ? [part.index] : []))

const missingParts = (records: readonly StageRecord[], seen: readonly number[]): readonly string[] => {
  const count = records[0]?.part?.count ?? 0
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter((index) => !seen.includes(index))
    .map((index) => `${index}/${count}`)
}

/** A stage of which a part did not run has not passed. */
function withoutGap(record: StageRecord, records: readonly StageRecord[]): StageRecord {
  const missing = missingParts(records, ranParts(records))
  if (missing.length === 0 || record.verdict !== "passed") return record
  return { ...record, verdict: "skipped", summary: `not run: ${missing.join(", ")} of its test files` }
}

/** Tells what is wrong with a stage although all shards are there. */
function problemOf(stage: Stage, copies: readonly Copy[]): Problem | null {
  const records = copies.map(({ record }) => record)
  if (records.length === 0) return { cause: "shard-missing", text: `no shard ran ${stage.name}` }
  const parts = records.flatMap(({ part }) => (part ? [part] : []))
  if (parts.length === 0) return null
  const missing = missingParts(
    records,
    parts.map(({ index }) => index),
  )
  if (missing.length > 0)
    return { cause: "shard-missing", text: `no shard ran ${stage.name} ${missing.join(", ")}` }
  const finished = records.filter(({ verdict, startedAt }) => startedAt !== null && verdict !== "errored")
  const divisions = new Set(finished.map(({ part }) => part?.files))
  if (divisions.size <= 1) return null
  return { cause: "shard-foreign", text: `the shards divided the test files of ${stage.name} differently` }
}
