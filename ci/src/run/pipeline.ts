import type { Directory } from "@dagger.io/dagger"
import type { Config, ConfigReader } from "../config/config.js"
import { CONFIG_FILE, type Configured, readConfiguration } from "../config/read.js"
import { settingsOf } from "../config/stage-settings.js"
import { didYouMean } from "../config/suggest.js"
import { withPlainManifests } from "../project/other-manifests.js"
import type { FindLinks, Language, Project, Repository } from "../project/project.js"
import { detectIn } from "../project/repository.js"
import { unknownProject } from "../project/unknown.js"
import { Fault } from "./fault.js"
import { answersTo, circle, needed } from "./schedule.js"
import type { Stage, StageKind } from "./stage.js"
import { commandsUnchecked } from "./team-commands.js"
import { scriptsUnchecked } from "./team-scripts.js"
import { onVersion, variantsOf, withoutSpare } from "./versions.js"

/** What would run for a repository, and what would not. */
export interface Pipeline {
  /** The repository as a whole. */
  readonly project: Project
  readonly repository: Repository
  /** The project's files, without those that the configuration ignores. */
  readonly source: Directory
  readonly stages: readonly Stage[]
  readonly left: readonly { readonly kind: string; readonly reason: string }[]
  /** Why the stages are no check of the folder; null where they are. */
  readonly unknown: Fault | null
}

/**
 * Reads a project and works out its stages.
 *
 * @throws {Fault} `configuration` for a file that cannot be used.
 */
export async function pipeline(
  folder: Directory,
  kinds: readonly StageKind[],
  reader: ConfigReader<Config>,
  links: FindLinks = async () => [],
): Promise<Pipeline> {
  return pipelineOf(await readConfiguration(folder, reader), kinds, links)
}

/** Works out the stages of a project whose configuration is read. @throws {Fault} as {@link pipeline}. */
export async function pipelineOf(
  read: Configured,
  kinds: readonly StageKind[],
  links: FindLinks = async () => [],
): Promise<Pipeline> {
  const configured = await withPlainManifests(read)
  const detected = await detectIn({ ...configured, links: await links(configured.config.images) })
  const { stages, left } = graph(detected, kinds)
  check(stages)
  const ofTeam = [scriptsUnchecked, commandsUnchecked].flatMap((find) => find(detected, stages))
  const ofStages = stages.flatMap((stage) => stage.unchecked ?? [])
  const repository = { ...detected, unchecked: [...detected.unchecked, ...ofTeam, ...ofStages] }
  return {
    project: repository.whole,
    repository,
    source: configured.source,
    stages,
    left,
    unknown: unknownProject(repository, kinds),
  }
}

/** The pipeline of a project. @throws {Fault} `no-project` for a folder without a project. */
export function known(found: Pipeline): Pipeline {
  if (found.unknown) throw found.unknown
  return found
}

/** The stages of a repository, and what is left out: kinds that do not apply or are turned off, and what needs them. */
export function graph(
  repository: Repository,
  kinds: readonly StageKind[],
): Pick<Pipeline, "stages" | "left"> {
  const expanded: Expanded[] = []
  for (const kind of kinds) {
    const others = expanded.flatMap(({ stages }) => stages)
    expanded.push(expand(kind, repository, others))
  }
  const left = expanded.flatMap(({ kind, reason }) => (reason === null ? [] : [{ kind, reason }]))
  const off = expanded.flatMap((one) => one.off)
  return without(withoutSpare(expanded.flatMap((one) => one.stages)), off, left)
}

/** The stages of a kind in a project, or why there are none, and those that are turned off. */
interface Expanded {
  readonly kind: string
  readonly stages: readonly Stage[]
  readonly off: readonly Stage[]
  readonly reason: string | null
}

function expand(stageKind: StageKind, repository: Repository, others: readonly Stage[]): Expanded {
  const { kind, scope, versions } = stageKind
  const projects = projectsFor(scope, repository)
  const variants = projects.flatMap((project) => variantsOf(project, stageKind))
  const all = variants.map((variant) => ({ variant, applies: stageKind.applies(variant.project, others) }))
  const found = all.flatMap(({ variant, applies }) =>
    applies.applies ? applies.stages.map((stage) => ({ variant, stage })) : [],
  )
  const names = new Set([
    ...others.map(({ name }) => name),
    ...found.map(({ variant, stage }) => stage.name + variant.label),
  ])
  const stages = found.map(({ variant, stage }) =>
    onVersion(scope ? { ...stage, project: variant.project } : stage, variant, versions, names),
  )
  if (!settingsOf(repository.whole.config, kind).enabled)
    return { kind, stages: [], off: stages, reason: `${CONFIG_FILE} turns it off` }
  const reasons = all.flatMap(({ applies }) => (applies.applies ? [] : [applies.reason]))
  return {
    kind,
    stages,
    off: [],
    reason: stages.length > 0 || reasons.length === 0 ? null : [...new Set(reasons)].join("; "),
  }
}

/** What a kind looks at. A language that no project has is nothing to speak of where there are projects of another. */
function projectsFor(scope: Language | undefined, { whole, projects }: Repository): readonly Project[] {
  if (scope === undefined) return [whole]
  const found = projects.filter(({ language }) => language === scope)
  return found.length > 0 || scope !== "node" || projects.some(({ language }) => language !== null)
    ? found
    : [whole]
}

/** Leaves out what needs a stage that is not to run, until nothing does. */
function without(
  stages: readonly Stage[],
  gone: readonly Stage[],
  left: Pipeline["left"],
): Pick<Pipeline, "stages" | "left"> {
  const lost = stages.flatMap((stage) => {
    const [need] = needed(stage, gone)
    return need
      ? [{ stage, reason: `needs ${need.name}, which does not run: ${CONFIG_FILE} turns it off` }]
      : []
  })
  if (lost.length === 0) return { stages, left }
  const dropped = lost.map(({ stage }) => stage)
  return without(
    stages.filter((stage) => !dropped.includes(stage)),
    [...gone, ...dropped],
    [...left, ...lost.map(({ stage, reason }) => ({ kind: stage.name, reason }))],
  )
}

/** Refuses a graph that names a stage twice, needs one that is not there, or turns in a circle. */
export function check(stages: readonly Stage[]): void {
  const names = stages.map((stage) => stage.name)
  const refuse = (what: string): never => {
    throw new Fault("configuration", {
      what,
      where: CONFIG_FILE,
      fix: "change it under custom; `plan` shows the stages that there are",
    })
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice) refuse(`two stages are called ${twice}`)
  for (const stage of stages)
    for (const need of stage.needs) {
      if (need === stage.name) refuse(`${need} needs itself`)
      if (stages.some((other) => other.kind === need || answersTo(other, need))) continue
      refuse(`${stage.name} needs ${need}, which is no stage${didYouMean(need, names)}`)
    }
  const round = circle(stages)
  if (round) refuse(`stages need each other in a circle: ${round.join(" → ")}`)
}
