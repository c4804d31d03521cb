/** A check that several machines share: its plan, and what one of them runs. */
import type { Directory, File } from "@dagger.io/dagger"
import { runStages, runThese } from "./finish.js"
import { canonicalDigest } from "./formats/canonical.js"
import { joinShards } from "./joined.js"
import { known, type Pipeline, pipeline } from "./run/pipeline.js"
import { readRecord } from "./run/record.js"
import { ownDigest } from "./run/remember.js"
import type { Request } from "./run/request.js"
import type { ShardRecord } from "./run/result.js"
import { type Run, select } from "./run/run.js"
import { SECONDS } from "./settings.js"
import { DURATIONS_FILE, type Durations, NO_DURATIONS, readDurations } from "./shards/durations.js"
import {
  matrixJson,
  parseToken,
  planShards,
  requireCount,
  requirePlan,
  type ShardPlan,
  stagesOf,
} from "./shards/plan.js"
import { KINDS } from "./stages.js"

/** Which part of a whole check runs, as the caller passed it. */
export interface Share {
  /** `2/3`; "" for all of it. */
  readonly shard: string
  readonly durations: File | undefined
  /** The evidence of all shards, to be joined. */
  readonly evidence: Directory | undefined
}

/** Runs the whole check, or a share of it, or joins the shares. */
export function runWhole(request: Request, { shard, durations, evidence }: Share): Promise<Run> {
  if (evidence) return joinShards(request, evidence)
  return shard === "" ? runStages(request, null) : runShard(request, shard, durations)
}

/** Returns the shards of a check as the JSON of a matrix. */
export async function matrixOf(found: Pipeline, count: number, durations?: File): Promise<string> {
  return matrixJson((await planOf(found, requireCount(count), durations)).plan)
}

interface Planned {
  readonly plan: ShardPlan
  readonly durations: Durations
  readonly tree: string
  readonly slipway: string
}

/** Plans the shards of a whole check. */
async function planOf({ project, source, stages }: Pipeline, count: number, file?: File): Promise<Planned> {
  const [tree, slipway, durations] = await Promise.all([
    source.digest(),
    ownDigest(),
    durationsOf(project.files, source, file),
  ])
  const ground = { tree, slipway, durations, usual: SECONDS }
  return { ...ground, plan: planShards(select(stages, null), project, count, ground) }
}

async function durationsOf(files: readonly string[], source: Directory, file?: File): Promise<Durations> {
  if (file) return readDurations(await file.contents(), "--durations")
  if (!files.includes(DURATIONS_FILE)) return NO_DURATIONS
  return readDurations(await source.file(DURATIONS_FILE).contents(), DURATIONS_FILE)
}

/** Runs one shard. Its record says which, and of which plan. */
async function runShard(request: Request, text: string, file?: File): Promise<Run> {
  const token = parseToken(text)
  const found = known(await pipeline(request.source, KINDS, request.reader, request.links))
  const { plan, durations, tree, slipway } = await planOf(found, token.count, file)
  requirePlan(token, plan)
  const stages = stagesOf(plan, token.index, select(found.stages, null), durations)
  const run = await runThese(request, found, stages, false)
  const shard: ShardRecord = {
    index: token.index,
    count: token.count,
    plan: plan.digest,
    tree,
    slipway,
    durations: canonicalDigest(durations),
    base: await baseOf(request),
  }
  return { ...run, record: { ...run.record, shard } }
}

/** Names the base of a run by the files that its stages read, the same where each machine checks it; null without one. */
async function baseOf({ base }: Request): Promise<string | null> {
  if (base === null) return null
  const { stages } = readRecord(await base.contents())
  return canonicalDigest(stages.map(({ name, inputs }) => [name, inputs ?? null]))
}
