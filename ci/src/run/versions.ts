/** The matrix: tests that run on each version of Node.js or Python, and what they need of it. */
import type { Project } from "../project/project.js"
import type { Stage, StageKind } from "./stage.js"

/** A project on one of its versions. */
export interface Variant {
  readonly project: Project
  /** Follows the names of stages: `[node 20]`; empty for the only version. */
  readonly label: string
  /** The first version is the one that everything else runs on. */
  readonly first: boolean
}

/** The versions of a project that the stages of a kind are for. */
export function variantsOf(project: Project, { versions }: StageKind): readonly Variant[] {
  const variants = versions === undefined ? [] : onEach(project)
  return variants.length < 2
    ? [{ project, label: "", first: true }]
    : variants.map((variant, i) => ({ ...variant, first: i === 0 }))
}

/** A project on each version of its language. */
function onEach(project: Project): readonly Omit<Variant, "first">[] {
  const { python, nodes } = project
  if (python === null)
    return nodes.map((node) => ({ project: { ...project, node }, label: `[node ${node}]` }))
  return python.versions.map((version) => ({
    project: { ...project, python: { ...python, version } },
    label: `[python ${version}]`,
  }))
}

/**
 * Adds the version to the name of a stage, and to the names of the stages that it needs. Stages that only others need
 * keep their plain name on the first version.
 *
 * @param names the names of all stages so far.
 */
export function onVersion(
  stage: Stage,
  { label, first }: Variant,
  versions: StageKind["versions"],
  names: ReadonlySet<string>,
): Stage {
  if (label === "" || (first && versions === "needed")) return stage
  const name = stage.name + label
  if (first) return { ...stage, name }
  const { lacksLines: _, ...rest } = stage
  const renamed = Object.fromEntries(
    stage.needs.flatMap((need) => (names.has(need + label) ? [[need, need + label]] : [])),
  )
  return {
    ...rest,
    name,
    needs: stage.needs.map((need) => renamed[need] ?? need),
    renamed,
    ...(versions === "needed" ? { spare: true } : {}),
  }
}

/** Leaves out spare stages that no other needs. */
export function withoutSpare(stages: readonly Stage[]): readonly Stage[] {
  const needs = new Set(stages.flatMap((stage) => stage.needs))
  const kept = stages.filter(({ spare, name }) => !spare || needs.has(name))
  return kept.length === stages.length ? stages : withoutSpare(kept)
}
