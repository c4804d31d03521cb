import { either } from "../formats/pattern.js"
import { callsScript, folderOfCall } from "../project/declared/scripts.js"
import { fansOut } from "../project/fan-out.js"
import { hasManifest, packagesOf } from "../project/packages.js"
import { joinPath } from "../project/paths.js"
import type { Project, Repository, Unchecked, Workspace } from "../project/project.js"
import { type Program, programsOf } from "../project/scripts.js"
import { isSuiteScript } from "../project/suite-scripts.js"
import type { Stage } from "./stage.js"

/** Scripts that check nothing: they build, install, serve, deploy, release or prepare. */
const PREPARE = either(String.raw`
  start dev serve preview watch build bundle compile dist pack package install prepare postinstall bootstrap setup init
  clean release publish version deploy docs? storybook generate codegen migrat\w* seed db fix update ci
`)
const APART = new RegExp(`(?:^|[:.-])(?:${PREPARE})(?:$|[:.-])`)
const APART_JOB = /deploy|release|publish|preview|docs|pages|canary|changeset/i

/** Programs, and the kind of stage that does their work whichever script calls them. */
const KINDS: readonly (readonly [programs: string, kind: string])[] = [
  ["eslint oxlint biome standard xo", "lint"],
  ["prettier biome dprint", "format"],
  ["tsc vue-tsc svelte-check", "types"],
  ["tsc vite next rollup tsup webpack", "build"],
  ["knip depcheck", "deadcode"],
]

const NOTHING = ["echo", "true", ":", "exit", "printf", "cd", "rimraf", "rm", "mkdir", "cp"]

const textOf = ({ name, args }: Program): string => [name, ...args].join(" ")

/** Returns the scripts of package.json that the team's CI runs as checks, or that run tests by their names, and no stage does. */
export function scriptsUnchecked(
  { projects }: Pick<Repository, "projects">,
  stages: readonly Stage[],
): readonly Unchecked[] {
  return projects.filter(hasManifest).flatMap((project) =>
    packagesOf(project).flatMap((workspace) =>
      checksOf(project, workspace)
        .filter(({ script }) => !isCovered(workspace, script, stages))
        .map(({ script, file }) => ({
          what: [
            `the script ${script} in ${joinPath(workspace.path, "package.json")}`,
            ...(file === null ? [] : [`which ${file} runs`]),
          ].join(", "),
          reason: "no stage runs it; describe it under `custom` in slipway.yaml: `slipway init` writes it",
        })),
    ),
  )
}

/** The scripts of a package that check it, each once: what CI calls, and suites that it does not call. */
function checksOf(project: Project, workspace: Workspace) {
  const called = calledByTeam(project, workspace)
  const suites = Object.keys(workspace.scripts).filter(
    (name) => isSuiteScript(name) && !called.some(({ script }) => script === name),
  )
  return [...called, ...suites.map((script) => ({ script, file: null }))]
}

/** Returns the scripts of a package that CI steps in its folder call, each once. */
function calledByTeam({ declared }: Project, { path, scripts }: Workspace) {
  const names = Object.keys(scripts).filter((name) => !APART.test(name))
  const jobs = declared.jobs.filter(({ name, file }) => !APART_JOB.test(`${file} ${name}`))
  return names.flatMap((script) => {
    const job = jobs.find(({ steps }) =>
      steps.some((step) => folderOfCall(step) === path && callsScript(step.run, script)),
    )
    return job === undefined ? [] : [{ script, file: job.file }]
  })
}

function isCovered({ path, scripts }: Workspace, script: string, stages: readonly Stage[]): boolean {
  const manifest = joinPath(path, "package.json")
  const runs = (name: string) =>
    stages.some(
      ({ because }) =>
        because.includes(`the script ${name} in ${manifest}`) || because.includes(`after ${name},`),
    )
  if (runs(script)) return true
  const known = new Set(
    Object.keys(scripts)
      .filter(runs)
      .flatMap((name) => programsOf(scripts, name).map(textOf)),
  )
  const hasStage = ({ name }: Program) =>
    KINDS.some(
      ([programs, kind]) => programs.split(" ").includes(name) && stages.some((one) => one.kind === kind),
    )
  return programsOf(scripts, script).every(
    (one) => NOTHING.includes(one.name) || known.has(textOf(one)) || fansOut(one) || hasStage(one),
  )
}
