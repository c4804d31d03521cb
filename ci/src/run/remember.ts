import { dag } from "@dagger.io/dagger"
import { canonicalJson } from "../formats/canonical.js"
import type { Shared } from "./given.js"
import type { ImageDigests } from "./image-digests.js"
import { projectDigest, stageKeys } from "./keys.js"
import { before, needed } from "./schedule.js"
import type { Stage } from "./stage.js"
import type { Found, Recalled, Stored } from "./stored.js"
import { type Readable, valuesOf } from "./used.js"

/** The store's answer to a run, and what the run uses of it. */
export interface Remembering extends Recalled {
  /** The key of each stage that has one, by its name. */
  readonly keys: ReadonlyMap<string, string>
  /** Results that are used instead of running, by stage. */
  readonly taken: ReadonlyMap<string, Found>
}

/** Returns the digest of Slipway's own sources. */
export const ownDigest = (): Promise<string> =>
  dag
    .currentModule()
    .source()
    .filter({ include: ["src/**", "inside/**", "package-lock.json"] })
    .digest()

/** Asks the store for results of a run's stages. Makes no container. */
export async function recall(
  shared: Shared,
  inputsOf: (stage: Stage) => Promise<string | null>,
  digests: ImageDigests,
): Promise<Remembering | null> {
  const { stages, project, options, startedAt } = shared
  const { memory } = options
  if (memory === null) return null
  const [slipway, platform, inputs] = await Promise.all([
    ownDigest(),
    dag.defaultPlatform(),
    Promise.all(stages.map(async (stage) => [stage.name, await inputsOf(stage)] as const)),
  ])
  const ground = { slipway, platform, project: projectDigest(project) }
  const keys = stageKeys(stages, new Map(inputs), ground)
  const wanted = new Map([...keys].map(([stage, key]) => [key, stage]))
  const recalled = await memory.recall(wanted)
  const usable = new Map<string, Found>()
  await Promise.all(
    [...recalled.found.values()].map(async (found) => {
      const part = stages.find(({ name }) => name === found.record.stage)?.part
      const call = part ? { ...options, shards: part } : options
      if (await holds(found.record, call, startedAt, digests)) usable.set(found.record.stage, found)
    }),
  )
  return { ...recalled, keys, taken: taken(stages, usable) }
}

/** Tells whether a result holds here: all that it depends on beside its files is the same as where it ran. */
export async function holds(
  { conditions: { images, reads, until } }: Pick<Stored, "conditions">,
  call: Readable,
  now: number,
  digests: ImageDigests,
): Promise<boolean> {
  if (until !== null && until <= now) return false
  const values = valuesOf(Object.keys(reads), call)
  if (values === null || canonicalJson(values) !== canonicalJson(reads)) return false
  const all = Object.entries(images).map(async ([name, digest]) => (await digests(name)) === digest)
  return (await Promise.all(all)).every(Boolean)
}

/**
 * Returns the results to use instead of running, by stage. A result is used only if those of all stages before it can be
 * used. A stage that hands a container or files to a stage that runs must run as well.
 */
export function taken(
  stages: readonly Stage[],
  usable: ReadonlyMap<string, Found>,
): ReadonlyMap<string, Found> {
  const known = new Map<string, boolean>()
  const isKnown = (stage: Stage): boolean => {
    const found = known.get(stage.name) ?? (usable.has(stage.name) && before(stage, stages).every(isKnown))
    known.set(stage.name, found)
    return found
  }
  const chosen = new Map(
    stages.filter(isKnown).flatMap(({ name }) => {
      const found = usable.get(name)
      return found ? [[name, found] as const] : []
    }),
  )
  const makeFor = (stage: Stage): void => {
    for (const other of needed(stage, stages))
      if (chosen.get(other.name)?.record.handsOn && chosen.delete(other.name)) makeFor(other)
  }
  for (const stage of stages) if (!isKnown(stage)) makeFor(stage)
  return chosen
}
