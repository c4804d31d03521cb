import type { File } from "@dagger.io/dagger"
import type { Shared } from "./given.js"
import type { ImageDigests } from "./image-digests.js"
import type { Remembering } from "./remember.js"
import type { StageRecord } from "./result.js"
import { before } from "./schedule.js"
import type { Stage, StageResult } from "./stage.js"
import { linesOf, type Stored } from "./stored.js"
import { valuesOf } from "./used.js"
import { VERSION } from "./version.js"

type Conditions = Stored["conditions"]

/** A new record for the store, and contents that belong to it by their digests. */
export interface Kept {
  readonly record: Stored
  readonly blobs: Readonly<Record<string, File>>
}

/**
 * Returns records of the stages that ran here and passed, for runs elsewhere. A stage has none if its conditions are
 * unknown, such as the digest of an image; neither have the stages after it.
 */
export async function kept(
  shared: Shared,
  { keys, taken, found }: Remembering,
  records: ReadonlyMap<string, StageRecord>,
  digests: ImageDigests,
): Promise<readonly Kept[]> {
  const { stages } = shared
  const known = new Map<string, Promise<Conditions | null>>()
  const conditionsOf = (stage: Stage): Promise<Conditions | null> => {
    const conditions = known.get(stage.name) ?? find(stage)
    known.set(stage.name, conditions)
    return conditions
  }
  const find = async (stage: Stage): Promise<Conditions | null> => {
    const own =
      taken.get(stage.name)?.record.conditions ?? (await ownConditions(stage, shared, records, digests))
    const earlier = await Promise.all(before(stage, stages).map(conditionsOf))
    return merged([own, ...earlier])
  }
  const all = await Promise.all(
    stages.map(async (stage) => {
      const key = keys.get(stage.name)
      const record = records.get(stage.name)
      const result = shared.ran.get(stage.name)
      if (key === undefined || found.has(key) || !record || !result) return null
      const conditions = await conditionsOf(stage)
      return conditions === null ? null : keptOf(key, record, result, conditions, shared)
    }),
  )
  return all.filter((one) => one !== null)
}

/** Returns what a stage's result depends on beside its key; null if it did not pass, or if that is unknown. */
async function ownConditions(
  { name, part }: Stage,
  { ran, used, options, startedAt }: Shared,
  records: ReadonlyMap<string, StageRecord>,
  digests: ImageDigests,
): Promise<Conditions | null> {
  const [result, own] = [ran.get(name), used.get(name)]
  if (result?.verdict !== "passed" || records.get(name)?.verdict !== "passed" || !own) return null
  const { until = null, images = [] } = result
  const reads = valuesOf(own.reads, part ? { ...options, shards: part } : options)
  if (reads === null || (until !== null && until <= startedAt)) return null
  const named = images.flatMap((image) => (image.name.includes(":") ? [image.name] : []))
  const references = [...new Set([...own.images, ...named])].sort()
  const resolved = await Promise.all(references.map(async (image) => [image, await digests(image)] as const))
  const stated = resolved.flatMap(([image, digest]) => (digest === null ? [] : [[image, digest] as const]))
  if (stated.length < resolved.length) return null
  return { images: Object.fromEntries(stated), reads, until }
}

/** Merges conditions; null if one of them is unknown. */
function merged(all: readonly (Conditions | null)[]): Conditions | null {
  const known = all.filter((one) => one !== null)
  if (known.length < all.length) return null
  const ends = known.flatMap(({ until }) => until ?? [])
  return {
    images: Object.assign({}, ...known.map(({ images }) => images)),
    reads: Object.assign({}, ...known.map(({ reads }) => reads)),
    until: ends.length === 0 ? null : Math.min(...ends),
  }
}

async function keptOf(
  key: string,
  stage: StageRecord,
  result: StageResult,
  conditions: Conditions,
  { options, images, used }: Shared,
): Promise<Kept | null> {
  const { run, attempt, vendor, url, commit, actor } = options.context
  const files = Object.entries(result.files ?? {})
  const texts = files.flatMap(([path, file]) => (typeof file === "string" ? [[path, file] as const] : []))
  const others = files.flatMap(([path, file]) => (typeof file === "string" ? [] : [{ path, file }]))
  const blobs = await Promise.all(others.map(withDigest))
  if (blobs.some(({ digest }) => digest === null) || !stage.inputs) return null
  const ranOn = [...(used.get(stage.name)?.images ?? [])].flatMap((name) => images.get(name) ?? [])
  const record = {
    schema: 1,
    key,
    stage: stage.name,
    inputs: stage.inputs,
    origin: { run, attempt, vendor, url, commit, actor, slipway: VERSION },
    startedAt: stage.startedAt,
    endedAt: stage.endedAt,
    conditions,
    handsOn: result.container !== undefined || result.made !== undefined,
    outcome: outcomeOf(result),
    images: [...ranOn, ...(result.images ?? [])],
    unchecked: result.unchecked ?? [],
    unread: result.unread ?? [],
    incomplete: result.incomplete ?? false,
    lines: result.lineHits ? linesOf(result.lineHits) : null,
    texts: Object.fromEntries(texts),
    blobs: Object.fromEntries(blobs.map(({ path, digest }) => [path, digest ?? ""])),
  } as const
  return {
    // As plain JSON: what is signed is what is read again.
    record: JSON.parse(JSON.stringify(record)),
    blobs: Object.fromEntries(blobs.map(({ digest, file }) => [digest ?? "", file])),
  }
}

/** What a stage that passed says of its project. */
function outcomeOf(result: StageResult) {
  const { summary, findings, tests, steps, log, looked, measures, contents, coverage } = result
  return {
    verdict: "passed",
    cause: null,
    summary,
    findings,
    tests,
    steps,
    log,
    ...(looked ? { looked } : {}),
    ...(measures ? { measures } : {}),
    ...(contents ? { contents } : {}),
    ...(coverage ? { coverage } : {}),
  }
}

const withDigest = async ({ path, file }: { readonly path: string; readonly file: File }) => ({
  path,
  file,
  digest: await file.digest({ excludeMetadata: true }).catch(() => null),
})
