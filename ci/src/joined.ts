/** Joins the shares of a check that several machines ran into one run. */
import type { Directory, File } from "@dagger.io/dagger"
import { runThese } from "./finish.js"
import { mergeHits } from "./formats/coverage-reader.js"
import { fullLogPath, logPaths } from "./report/evidence-paths.js"
import type { Joined } from "./run/given.js"
import { known, type Pipeline, pipeline } from "./run/pipeline.js"
import { ownDigest } from "./run/remember.js"
import type { Request } from "./run/request.js"
import type { ImageRecord, RunRecord, StageRecord } from "./run/result.js"
import { type Run, select } from "./run/run.js"
import type { StageResult } from "./run/stage.js"
import { type Evidence, joinedShards, shardsStage, sortOut } from "./shards/merge.js"
import { parted } from "./shards/plan.js"
import { readShards } from "./shards/read.js"
import { type JoinedStage, joinStages } from "./shards/stages.js"
import { KINDS } from "./stages.js"
import { united } from "./testing/shards.js"

/** Joins the evidence of all shards: what they ran does not run again, and what judges all of it runs here. */
export async function joinShards(request: Request, folder: Directory): Promise<Run> {
  const found = known(await pipeline(request.source, KINDS, request.reader, request.links))
  const all = await readShards(folder)
  const sorted = sortOut(
    all.flatMap((one) => ("shard" in one ? [one] : [])),
    all.flatMap((one) => ("problem" in one ? [one] : [])),
    {
      project: found.project.name,
      commit: request.context.commit,
      run: request.context.run,
      tree: await found.source.digest(),
      slipway: await ownDigest(),
    },
  )
  const stages = select(found.stages, null)
  const { joined, problems } = joinStages(parted(stages).shared, sorted, unite)
  const shards = joinedShards(sorted.shards)
  const summary = shardsStage(shards, [...sorted.problems, ...problems])
  const records = sorted.shards.map(({ record }) => record)
  const run = await runThese(request, found, [...stages, summary], false, {
    memory: null,
    unchecked: uncheckedOf(found, records),
    joined: new Map([...joined].map(([name, stage]) => [name, asResult(stage, (path) => folder.file(path))])),
    startedAt: Math.min(Date.now(), ...records.map(({ startedAt }) => startedAt)),
  })
  const images = imagesOf([...records.flatMap((record) => record.images), ...run.record.images])
  const fullLogs = await fullLogsOf(sorted.shards, joined, folder)
  return {
    ...run,
    record: { ...run.record, images, shards },
    fullLogs: new Map([...fullLogs, ...run.fullLogs]),
  }
}

/** The whole logs that shards left, by stage. */
async function fullLogsOf(
  shards: readonly Evidence[],
  joined: ReadonlyMap<string, JoinedStage>,
  folder: Directory,
): Promise<ReadonlyMap<string, File>> {
  const all = new Set(await folder.glob("**/*.full.log"))
  const paths = new Map(shards.map(({ place, record }) => [place, logPaths(record)]))
  return new Map(
    [...joined].flatMap(([name, { place }]) => {
      const log = place === null ? undefined : paths.get(place)?.get(name)
      const path = log && below(place, fullLogPath(log))
      return path && all.has(path) ? [[name, folder.file(path)] as const] : []
    }),
  )
}

/** A path in the evidence of a shard, as the folder of all evidence has it. */
const below = (place: string | null, path: string): string =>
  place === null || place === "." ? path : `${place}/${path}`

/** Merges the records of parts of one stage. */
export function unite(records: readonly StageRecord[]): StageRecord {
  const [first] = records
  if (!first) throw new Error("no part of a stage to merge")
  const { part: _part, files: _files, ...rest } = first
  if (records.every(isIdle)) return rest
  const { fullLog: _log, ...merged } = united(
    records.map(({ part, files: _left, ...result }) => ({
      index: part?.index ?? 0,
      count: part?.count ?? 0,
      result: isIdle(result) ? null : result,
    })),
  )
  const starts = records.flatMap(({ startedAt }) => startedAt ?? [])
  const ends = records.flatMap(({ endedAt }) => endedAt ?? [])
  return {
    ...rest,
    ...merged,
    ...contentsOf(records),
    files: [],
    startedAt: starts.length === 0 ? null : Math.min(...starts),
    endedAt: ends.length === 0 ? null : Math.max(...ends),
    cached: records.every(({ cached }) => cached),
  }
}

/** The machines may have built the image apart, and each looked at its own build. */
function contentsOf(records: readonly StageRecord[]): Pick<StageRecord, "contents"> {
  const all = records.flatMap(({ contents = [] }) => contents)
  return all.length === 0 ? {} : { contents: keyed(all, (one) => JSON.stringify(one)) }
}

/** True for a part without test files, or one that did not run: the whole is judged without it. */
const isIdle = ({ verdict }: Pick<StageRecord, "verdict">): boolean => verdict === "skipped"

/** What the stages after one read of it, and its record. */
export function asResult({ record, lines, place }: JoinedStage, read: (path: string) => File): Joined {
  const { files = [], ...outcome } = record
  const result: StageResult = {
    ...outcome,
    files: Object.fromEntries(files.map((file) => [file, read(below(place, file))])),
    ...(lines.length > 0 ? { lineHits: mergeHits(lines) } : {}),
  }
  return { record, result }
}

const keyed = <T>(all: readonly T[], key: (one: T) => string): readonly T[] => [
  ...new Map(all.map((one) => [key(one), one])).values(),
]

const imagesOf = (images: readonly ImageRecord[]): readonly ImageRecord[] =>
  keyed(images, ({ name }) => name).toSorted((a, b) => a.name.localeCompare(b.name, "en"))

/** What no stage checks, by all shards. */
const uncheckedOf = ({ repository }: Pipeline, records: readonly RunRecord[]) =>
  keyed(
    [...repository.unchecked, ...records.flatMap(({ unchecked = [] }) => unchecked)],
    ({ what, reason }) => JSON.stringify([what, reason]),
  )
