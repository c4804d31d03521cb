import { canonicalDigest } from "../formats/canonical.js"
import { globMatcher } from "../formats/glob.js"
import type { Project } from "../project/project.js"
import { isTestFile } from "../project/test-files.js"
import { Fault } from "../run/fault.js"
import { needed } from "../run/schedule.js"
import type { Stage } from "../run/stage.js"
import { type Item, type Load, type Piece, shareOut } from "./balance.js"
import type { Durations } from "./durations.js"

/** How several machines share a check. */
export interface ShardPlan {
  readonly count: number
  /** Changes with whatever decides what each shard runs. */
  readonly digest: string
  readonly loads: readonly Load[]
}

/** What a plan is made from, beside the stages. */
export interface Ground {
  /** Digest of the files that are looked at. */
  readonly tree: string
  /** Digest of Slipway's own sources. */
  readonly slipway: string
  readonly durations: Durations
  /** Seconds of work of a kind of stage, where none are recorded. */
  readonly usual: Readonly<Record<string, number>>
}

/** Seconds of a stage of which nothing is known. */
const UNKNOWN = 15
/** Seconds of a test file of which nothing is known. */
const UNKNOWN_FILE = 2

/**
 * Splits stages into those that machines share, and those that judge the results of others: they run when all shards are
 * joined. The latter are those with `after`, by which a stage reads results of others, and what needs them.
 */
export function parted(stages: readonly Stage[]): {
  readonly shared: readonly Stage[]
  readonly joining: readonly Stage[]
} {
  const joins = (stage: Stage): boolean =>
    stage.after !== undefined || needed(stage, stages).some((other) => joins(other))
  return { shared: stages.filter((stage) => !joins(stage)), joining: stages.filter(joins) }
}

/** Plans the shards of a check. The same repository, durations and number have the same plan on every machine. */
export function planShards(
  stages: readonly Stage[],
  project: Pick<Project, "files">,
  count: number,
  { tree, slipway, durations, usual }: Ground,
): ShardPlan {
  const { shared } = parted(stages)
  const loads = shareOut(itemsOf(shared, project, durations, usual), count)
  const pieces = loads.map((load) => load.pieces.map(pieceText))
  const digest = canonicalDigest({ tree, slipway, durations, count, pieces })
  return { count, digest, loads }
}

function itemsOf(
  stages: readonly Stage[],
  { files }: Pick<Project, "files">,
  durations: Durations,
  usual: Ground["usual"],
): readonly Item[] {
  const direct = new Map(stages.map((stage) => [stage, needed(stage, stages)]))
  const all = (stage: Stage): readonly string[] =>
    (direct.get(stage) ?? []).flatMap((other) => [other.name, ...all(other)])
  const tests = files.filter(isTestFile)
  return stages.map((stage) => {
    const own = stage.splits ? tests.filter(globMatcher(stage.inputs.include)).length : 0
    return {
      name: stage.name,
      before: new Set(all(stage)),
      seconds: durations.stages[stage.name] ?? (usual[stage.kind] ?? UNKNOWN) + own * UNKNOWN_FILE,
      splits: stage.splits === true,
    }
  })
}

/** `test:unit`, `test:unit 2/3` */
const pieceText = ({ name, part }: Piece): string =>
  part === null ? name : `${name} ${part.index}/${part.count}`

/** The stages of one shard, with their shares of test files. */
export function stagesOf(
  { loads }: ShardPlan,
  index: number,
  stages: readonly Stage[],
  { files }: Durations,
): readonly Stage[] {
  const pieces = new Map(loads[index - 1]?.pieces.map((piece) => [piece.name, piece]))
  return stages.flatMap((stage) => {
    const piece = pieces.get(stage.name)
    if (!piece) return []
    if (piece.part === null) return [stage]
    const seconds = new Map(Object.entries(files[stage.name] ?? {}))
    return [{ ...stage, part: { count: piece.part.count, only: piece.part.index, seconds } }]
  })
}

/** Digits of a plan's digest in a token. */
const DIGITS = 12

/** Writes a plan as the `include` of a matrix: a token for `--shard`, seconds of work, and stages for people to read. */
export const matrixJson = ({ count, digest, loads }: ShardPlan): string =>
  JSON.stringify({
    include: loads.map(({ pieces, seconds }, i) => ({
      shard: `${i + 1}/${count}@${digest.slice(0, DIGITS)}`,
      seconds: Math.round(seconds),
      stages: pieces.map(pieceText).join(", "),
    })),
  })

/** A shard that a machine is to run. */
export interface Token {
  /** 1-based. */
  readonly index: number
  readonly count: number
  /** The first digits of the plan's digest; "" where any will do. */
  readonly digest: string
}

/** The most shards. */
export const MOST = 64

/**
 * Reads `2/3`, or `2/3@<digits>` of a matrix.
 *
 * @throws {Fault} `configuration` for anything else.
 */
export function parseToken(text: string): Token {
  const [, index, count, digest = ""] = /^(\d{1,2})\/(\d{1,2})(?:@([0-9a-f]{12,64}))?$/.exec(text) ?? []
  const token = { index: Number(index), count: Number(count), digest }
  if (token.index >= 1 && token.index <= token.count && token.count <= MOST) return token
  throw new Fault("configuration", {
    what: `"${text}" is not a shard`,
    where: null,
    fix: `write \`--shard 2/3\`, or a \`shard\` of \`slipway plan --matrix 3\`; at most ${MOST}`,
  })
}

/** @throws {Fault} `configuration` for a number of shards that nobody can run. */
export function requireCount(count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count
  throw new Fault("configuration", {
    what: `${count} is not a number of shards`,
    where: null,
    fix: `write \`--matrix 3\`: 1 to ${MOST}`,
  })
}

/** @throws {Fault} `shard-foreign` for a token of another plan. */
export function requirePlan({ digest, index, count }: Token, plan: ShardPlan): void {
  if (plan.digest.startsWith(digest)) return
  throw new Fault("shard-foreign", {
    what: `shard ${index}/${count} is of another plan: ${digest.slice(0, DIGITS)} there, ${plan.digest.slice(0, DIGITS)} here`,
    where: null,
    fix: "check out the commit of the plan, with the same slipway.yaml, durations and version of Slipway",
  })
}
