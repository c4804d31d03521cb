import { createHash } from "node:crypto"
import type { Directory, File } from "@dagger.io/dagger"
import type { LineHits } from "../formats/coverage-reader.js"
import { engineFilter } from "../formats/glob.js"
import { withTargets } from "../project/links.js"
import type { Project } from "../project/project.js"
import { attempt, remembered } from "./attempt.js"
import type { RunOptions, Shared } from "./given.js"
import { imageDigests } from "./image-digests.js"
import type { ImageSource } from "./images.js"
import { type Kept, kept } from "./keep.js"
import { skipped } from "./outcome.js"
import { type Remembering, recall } from "./remember.js"
import { type Reruns, readReruns, rememberReruns } from "./reruns.js"
import { type ImageRecord, type RunRecord, type StageRecord, worst } from "./result.js"
import { needed, schedule } from "./schedule.js"
import { type Done, partOf, type Stage } from "./stage.js"
import { VERSION } from "./version.js"

/** A run: its record, and the whole logs of stages whose record holds only the end, by stage. */
export interface Run {
  readonly record: RunRecord
  readonly fullLogs: ReadonlyMap<string, File>
  /** Files that stages left for the evidence, by their path in it. */
  readonly files: ReadonlyMap<string, string | File>
  /** Where its images came from. */
  readonly images: ImageSource
  /** Records of stages for the store of results. */
  readonly kept: readonly Kept[]
  /** How often tests ran each line, by stage. */
  readonly lines: ReadonlyMap<string, LineHits>
  /** The commands of stages that ran here, by stage. */
  readonly commands: ReadonlyMap<string, readonly Done[]>
}

/** Runs stages of a project and returns what became of all of them. Never throws for a stage. */
export async function run(
  project: Project,
  source: Directory,
  stages: readonly Stage[],
  options: RunOptions,
): Promise<Run> {
  const shared = begun(project, source, stages, options)
  const inputsOf = inputDigests(shared)
  const { digestOf, withDigest } = imageDigests()
  const remembering = await recall(shared, inputsOf, digestOf)
  const again = rerunner(shared, inputsOf)
  const one = async (stage: Stage): Promise<StageRecord> => {
    const joined = options.joined?.get(stage.name)
    if (joined) {
      shared.results.set(stage.name, joined.result)
      return joined.record
    }
    options.onStage(stage, null)
    const own = filesOf(stage, shared)
    const found = remembering?.taken.get(stage.name)
    const record = found ? await remembered(stage, shared, own, found) : await again.attempt(stage, own)
    options.onStage(stage, record)
    return { ...record, inputs: await inputsOf(stage) }
  }
  const records = await schedule(stages, {
    limit: project.config.concurrency,
    run: one,
    skip: (stage, because) =>
      notRun(stage, `needs ${because.map(({ name }) => name).join(", ")}, which did not pass`),
    good: (record) => record.verdict === "passed",
  })
  await again.end()
  return {
    ...collected(shared),
    record: summarize(shared, [...records.values()], await imagesOf(shared, withDigest), remembering),
    kept: remembering === null ? [] : await kept(shared, remembering, records, digestOf),
  }
}

/** What stages left beside their records. */
const collected = ({ project, results, fullLogs, commands }: Shared) => ({
  fullLogs,
  commands,
  files: new Map([...results.values()].flatMap(({ files }) => Object.entries(files ?? {}))),
  images: project.config.images,
  lines: new Map(
    [...results].flatMap(([name, { lineHits }]) => (lineHits ? [[name, lineHits] as const] : [])),
  ),
})

/** Returns the images that stages ran on, sorted: stages end in another order each time. */
async function imagesOf(
  { images }: Shared,
  withDigest: ReturnType<typeof imageDigests>["withDigest"],
): Promise<readonly ImageRecord[]> {
  const used = [...images.values()].sort((a, b) => a.name.localeCompare(b.name, "en"))
  return (await Promise.all(used.map(withDigest))).flatMap((image) => image ?? [])
}

/** What the stages of a run share before any has run. */
const begun = (
  project: Project,
  source: Directory,
  stages: readonly Stage[],
  options: RunOptions,
): Shared => ({
  project,
  source,
  stages,
  options,
  startedAt: options.startedAt ?? Date.now(),
  results: new Map(),
  ran: new Map(),
  used: new Map(),
  commands: new Map(),
  fullLogs: new Map(),
  images: new Map(),
})

type InputsOf = (stage: Stage) => Promise<string | null>

/** Returns how to ask for the digest of what a stage reads: each is asked of the engine once; null where it has none. */
function inputDigests(shared: Shared): InputsOf {
  const digests = new Map<string, Promise<string | null>>()
  return (stage) => {
    const known = digests.get(stage.name)
    if (known) return known
    const digest = filesOf(stage, shared)
      .digest()
      .catch(() => null)
    digests.set(stage.name, digest)
    return digest
  }
}

/** The files that a stage reads. */
const filesOf = ({ inputs }: Stage, { project, source }: Shared): Directory =>
  source.filter(engineFilter(withTargets(inputs, project.links, project.files)))

const hash = (...parts: readonly string[]) => createHash("sha256").update(parts.join("\0")).digest("hex")

/** Returns how to run a stage: again, if it failed and the failure is only remembered. */
function rerunner(shared: Shared, inputsOf: InputsOf) {
  const { project, options, startedAt } = shared
  const fresh: Record<string, string> = {}
  let known: Promise<Reruns> | null = null
  return {
    attempt: async (stage: Stage, files: Directory): Promise<StageRecord> => {
      // Asked by the first stage that runs: where nothing does, no container is made.
      known ??= readReruns(project.config.images)
      const reruns = await known
      const key = async () => hash(stage.name, (await inputsOf(stage)) ?? "")
      const { record, ran } = await attempt(stage, shared, files, reruns.any ? reruns.of(await key()) : null)
      if (!record.cached || !(ran === "errored" || (options.rerun && ran === "failed"))) return record
      const nonce = String(startedAt)
      fresh[await key()] = nonce
      return (await attempt(stage, shared, files, nonce)).record
    },
    end: () => rememberReruns(project.config.images, fresh),
  }
}

/** The record of a stage that did not run. */
export function notRun(stage: Pick<Stage, "name" | "needs" | "part">, reason: string): StageRecord {
  return {
    name: stage.name,
    needs: stage.needs,
    ...skipped(reason),
    ...partOf(stage),
    startedAt: null,
    endedAt: null,
    cached: false,
  }
}

function summarize(
  shared: Shared,
  stages: readonly StageRecord[],
  images: readonly ImageRecord[],
  remembering: Remembering | null,
): RunRecord {
  const vouching = shared.stages.filter(({ vouches }) => vouches).map(({ name }) => name)
  const notTheCommit = stages.find(({ name, verdict }) => verdict === "errored" && vouching.includes(name))
  const verdict = notTheCommit?.verdict ?? worst(stages.map((stage) => stage.verdict))
  const unchecked = [
    ...shared.options.unchecked,
    ...[...shared.results.values()].flatMap(({ unchecked }) => unchecked ?? []),
  ]
  const red = notTheCommit ?? stages.find((stage) => stage.verdict === verdict && stage.cause !== null)
  return {
    schema: 1,
    slipway: VERSION,
    project: shared.project.name,
    verdict,
    exitCode: shared.options.causes[red?.cause ?? "passed"].code,
    startedAt: shared.startedAt,
    endedAt: Date.now(),
    context: shared.options.context,
    stages,
    images,
    ...(unchecked.length > 0 ? { unchecked } : {}),
    ...storeOf(shared, remembering),
  }
}

/** Returns the store's part of the record of a run: its warning, and the results that it refused. Empty without a store. */
function storeOf(
  { options: { memory } }: Shared,
  remembering: Remembering | null,
): Pick<RunRecord, "results"> {
  if (memory === null || remembering === null) return {}
  const { warning, refused } = remembering
  return { results: { store: memory.store, warning, refused } }
}

/**
 * The stages of some kinds or names, with those that they need.
 *
 * @param wanted null for the whole check: all but those that run only when they are named.
 */
export function select(stages: readonly Stage[], wanted: readonly string[] | null): readonly Stage[] {
  const chosen = new Set(
    stages.filter(
      ({ name, kind, onlyWhenNamed = false }) =>
        wanted?.includes(name) || (!onlyWhenNamed && (wanted?.includes(kind) ?? true)),
    ),
  )
  for (const stage of chosen) for (const other of needed(stage, stages)) chosen.add(other)
  return stages.filter((stage) => chosen.has(stage))
}
