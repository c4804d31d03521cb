import { groupBy } from "../formats/group-by.js"
import { either } from "../formats/pattern.js"
import { checkingJobs } from "../project/declared/checking-jobs.js"
import { callsScript, folderOfCall } from "../project/declared/scripts.js"
import { fansOut } from "../project/fan-out.js"
import { hasManifest, packagesOf } from "../project/packages.js"
import { joinPath } from "../project/paths.js"
import type { Project, Repository, Unchecked, Workspace } from "../project/project.js"
import { doesWorkOf, isRunner } from "../project/same-work.js"
import { type Program, programsOf } from "../project/scripts.js"
import { isSuiteScript } from "../project/suite-scripts.js"
import { type Done, isNxDone, nxChecksIn } from "./nx-checks.js"
import type { Stage } from "./stage.js"

/** Scripts that check nothing: they build, install, serve, deploy, release or prepare. */
const PREPARE = either(String.raw`
  start dev serve preview watch build bundle compile dist pack package copy install prepare postinstall bootstrap setup init
  clean release publish version deploy docs? storybook generate codegen migrat\w* seed db fix update ci
`)
const APART = new RegExp(`(?:^|[:.-])(?:${PREPARE})(?:$|[:.-])`)
/** Programs, and the kind of stage that does their work whichever script calls them. */
const KINDS: readonly (readonly [programs: string, kind: string])[] = [
  ["eslint oxlint biome standard xo", "lint"],
  ["prettier biome dprint", "format"],
  ["tsc vue-tsc svelte-check", "types"],
  ["tsc vite next rollup tsup webpack", "build"],
  ["knip depcheck", "deadcode"],
]

/** Returns the kinds of stages that do the work of a program; none for one whose work no stage does. */
export const kindsOf = ({ name }: Program): readonly string[] =>
  KINDS.flatMap(([programs, kind]) => (programs.split(" ").includes(name) ? [kind] : []))

const NOTHING = ["echo", "true", ":", "exit", "printf", "cd", "rimraf", "rm", "mkdir", "cp"]

/** Returns the scripts of package.json that the team's CI runs as checks, or that run tests by their names, and no stage does. */
export function scriptsUnchecked(
  { projects }: Pick<Repository, "projects">,
  stages: readonly Stage[],
): readonly Unchecked[] {
  return projects.filter(hasManifest).flatMap((project) => {
    const packages = packagesOf(project)
    return packages.flatMap((workspace) => {
      const run = programsRun(workspace, stages)
      const left = checksOf(project, workspace).filter(
        ({ script }) =>
          !isRun(workspace, script, stages) && !isCovered(workspace, script, { run, stages, packages }),
      )
      return [...groupBy(left, ({ file }) => file ?? "").values()].map((group) =>
        scriptsText(workspace, group),
      )
    })
  })
}

/** Names scripts of a package that one file of the CI runs, or none. */
function scriptsText({ path }: Workspace, group: readonly Check[]): Unchecked {
  const [names, pronoun] = group.length === 1 ? ["the script", "it"] : ["the scripts", "them"]
  const file = group[0]?.file ?? null
  return {
    what: [
      `${names} ${group.map(({ script }) => script).join(", ")} in ${joinPath(path, "package.json")}`,
      ...(file === null ? [] : [`which ${file} runs`]),
    ].join(", "),
    reason: `no stage runs ${pronoun}; describe ${pronoun} under \`custom\` in slipway.yaml: \`slipway init\` writes ${pronoun}`,
  }
}

/** A script that checks a package, and the file of the CI that runs it, or null. */
interface Check {
  readonly script: string
  readonly file: string | null
}

/** The scripts of a package that check it, each once: what CI calls, and suites that it does not call. */
function checksOf(project: Project, workspace: Workspace): readonly Check[] {
  const called = calledByTeam(project, workspace)
  const suites = Object.keys(workspace.scripts).filter(
    (name) => isSuiteScript(name) && !called.some(({ script }) => script === name),
  )
  return [...called, ...suites.map((script) => ({ script, file: null }))]
}

/** Returns the scripts of a package that CI steps in its folder call, each once. */
function calledByTeam({ declared }: Project, { path, scripts }: Workspace) {
  const names = Object.keys(scripts).filter(
    (name) => !APART.test(name) || programsOf(scripts, name).some(isRunner),
  )
  const jobs = checkingJobs(declared)
  return names.flatMap((script) => {
    const job = jobs.find(({ steps }) =>
      steps.some((step) => folderOfCall(step) === path && callsScript(step.run, script)),
    )
    return job === undefined ? [] : [{ script, file: job.file }]
  })
}

/** Tells whether a stage runs a script of a package. */
const isRun = ({ path }: Workspace, script: string, stages: readonly Stage[]): boolean =>
  stages.some(
    ({ because }) =>
      because.includes(`the script ${script} in ${joinPath(path, "package.json")}`) ||
      because.includes(`after ${script},`),
  )

/** Returns the programs that stages start by the scripts of a package. */
export const programsRun = (workspace: Workspace, stages: readonly Stage[]): readonly Program[] =>
  Object.keys(workspace.scripts)
    .filter((name) => isRun(workspace, name, stages))
    .flatMap((name) => programsOf(workspace.scripts, name))

/** Tells whether a stage does the work of a program, whichever script calls it. */
export const hasStage = (one: Program, stages: readonly Pick<Stage, "kind">[]): boolean =>
  kindsOf(one).some((kind) => stages.some((stage) => stage.kind === kind))

/** Tells whether stages do the work of a script. */
function isCovered({ scripts }: Workspace, script: string, done: Done): boolean {
  return programsOf(scripts, script).every(
    (one) =>
      NOTHING.includes(one.name) ||
      done.run.some((other) => doesWorkOf(other, one)) ||
      (fansOut(one) && nxChecksIn(one).every((task) => isNxDone(task, done))) ||
      hasStage(one, done.stages),
  )
}
