import type { Config } from "../config/config.js"
import { canonicalDigest } from "../formats/canonical.js"
import type { Project } from "../project/project.js"
import { before } from "./schedule.js"
import type { Stage } from "./stage.js"

/** Files that only people read. They count only for stages that have them among their inputs. */
const PROSE = /\.(?:md|mdx|txt|rst|adoc|png|jpe?g|gif|svg|webp|pdf)$/i

/**
 * Returns the digest of what detection found in a repository: it decides what the stages do. Of the names of files, it
 * has only those beside manifests, where tools have their settings. All others are in the inputs of each stage.
 */
export const projectDigest = (project: Project): string => canonicalDigest(modelOf(project))

function modelOf({ files, shared: _, rootFiles: _root, parts, outer, ...rest }: Project): object {
  const folders = new Set([rest.root, ...rest.workspaces].map(({ path }) => path))
  const beside = files.filter((file) => folders.has(folderOf(file)) && !PROSE.test(file))
  return {
    ...rest,
    beside,
    config: settingsOf(rest.config),
    outer: outer?.path ?? null,
    parts: parts.map(modelOf),
  }
}

/** Leaves out the settings of the store of results: stages do not depend on them. */
function settingsOf({ results: _, written, ...rest }: Config): object {
  return { ...rest, written: written.filter((key) => !key.startsWith("results.")) }
}

const folderOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf("/")))

/** What all keys of a run have in common. */
export interface KeyGround {
  /** The digest of Slipway's own sources: the version of every stage. */
  readonly slipway: string
  /** `linux/amd64`. */
  readonly platform: string
  /** Of {@link projectDigest}. */
  readonly project: string
}

/**
 * Returns the key of each stage: the digest of all that decides its result and is known before the run. A stage whose
 * files have no digest has no key; neither have the stages after it.
 *
 * @param inputs the digest of each stage's files, by its name; null where the engine reports none.
 */
export function stageKeys(
  stages: readonly Stage[],
  inputs: ReadonlyMap<string, string | null>,
  ground: KeyGround,
): ReadonlyMap<string, string> {
  const keys = new Map<string, string | null>()
  const keyOf = (stage: Stage): string | null => {
    const known = keys.get(stage.name)
    if (known !== undefined) return known
    const earlier = before(stage, stages).map((other) => [other.name, keyOf(other)] as const)
    const files = inputs.get(stage.name) ?? null
    const whole = files !== null && earlier.every(([, key]) => key !== null)
    const { name, kind, because, inputs: patterns, part } = stage
    const project = stage.project?.path ?? null
    const about = { name, kind, because, patterns, project, node: stage.project?.node ?? null }
    const share = part ? { part: [part.count, part.only, ...(part.seconds ?? [])] } : {}
    const key = whole ? canonicalDigest({ ...ground, ...about, ...share, files, earlier }) : null
    keys.set(name, key)
    return key
  }
  return new Map(
    stages.flatMap((stage) => {
      const key = keyOf(stage)
      return key === null ? [] : [[stage.name, key] as const]
    }),
  )
}
