import { plural } from "../formats/figures.js"
import { managerText } from "../project/managers.js"
import { hasManifest } from "../project/packages.js"
import type { Project, Repository } from "../project/project.js"
import { located } from "./fault.js"
import type { Pipeline } from "./pipeline.js"
import { needed } from "./schedule.js"
import type { Stage } from "./stage.js"

const byText = (by: string | null): string => (by === null ? "" : ` (${by})`)

/** How a project's packages are built, for the head of a plan. */
function packagesText(project: Project): string {
  const { python, fault } = project
  if (fault !== null) return `cannot be installed: ${located(fault.where, fault.what)}`
  if (python !== null)
    return [
      `Python ${python.version}${byText(python.versionFrom)}`,
      python.manager,
      python.lockFile ?? "no lock file",
    ].join(", ")
  if (!hasManifest(project)) return "no package.json"
  const { node, nodeBy, packageManager, workspaces } = project
  const inside = workspaces.length === 0 ? "no workspaces" : plural(workspaces.length, "workspace")
  return `Node.js ${node}${byText(nodeBy)}, ${managerText(packageManager)}, ${inside}`
}

const disagreements = ({ python, nodeDisagreements }: Project): readonly string[] =>
  python === null ? nodeDisagreements : python.disagreements

/** The repository's projects: a line where there is one, else a line each; and the files that disagree on their version. */
function headLines({ whole, projects }: Repository): readonly string[] {
  const [only, ...others] = projects
  if (only === undefined || others.length === 0) {
    const one = only ?? whole
    return [`${whole.name}: ${packagesText(one)}`, ...disagreements(one).map((text) => `  but ${text}`)]
  }
  return [
    `${whole.name}: ${plural(projects.length, "project")}`,
    ...projects.flatMap((one) => [
      `  ${one.path || "."}: ${packagesText(one)}`,
      ...disagreements(one).map((text) => `    but ${text}`),
    ]),
  ]
}

/** The plan as a person reads it: what runs and why, what is left out and why. */
export function planText({
  repository,
  stages: all,
  left: without,
}: Pick<Pipeline, "repository" | "stages" | "left">): string {
  const stages = all.filter(({ onlyWhenNamed }) => !onlyWhenNamed)
  const named = all.filter(({ onlyWhenNamed }) => onlyWhenNamed)
  const left = [
    ...without,
    ...named.map(({ name, because }) => ({ kind: name, reason: `only when it is asked for: ${because}` })),
  ]
  const names = [...stages.map(({ name }) => name), ...left.map(({ kind }) => kind)]
  const width = Math.max(...names.map((name) => name.length), 0)
  const line = (name: string, text: string) => `  ${name.padEnd(width)}  ${text}`
  return [
    ...headLines(repository),
    "",
    "runs:",
    ...inWaves(stages).map(({ name, because, needs }) =>
      line(name, needs.length > 0 ? `${because}; after ${needs.join(", ")}` : because),
    ),
    ...section(
      "left out:",
      left.map(({ kind, reason }) => line(kind, reason)),
    ),
    ...section(
      "not checked:",
      repository.unchecked.map(({ what, reason }) => `  ${what}: ${reason}`),
    ),
  ].join("\n")
}

/** Lines below a heading; nothing without lines. */
const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", heading, ...lines]

/** Sorts stages by the longest chain of stages that each waits for. */
function inWaves(stages: readonly Stage[]): readonly Stage[] {
  const waves = new Map<string, number>()
  const wave = (stage: Stage): number => {
    const known = waves.get(stage.name)
    if (known !== undefined) return known
    const found = 1 + Math.max(0, ...needed(stage, stages).map(wave))
    waves.set(stage.name, found)
    return found
  }
  return stages.toSorted((a, b) => wave(a) - wave(b))
}
