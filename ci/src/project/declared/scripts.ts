import { anyOf, escapeRegExp } from "../../formats/pattern.js"
import { remembered, rememberedOf } from "../../formats/remembered.js"
import { behindPrefixes } from "../command-prefixes.js"
import { baseName, pathFrom, prefixOf } from "../paths.js"
import type { Project, Workspace } from "../project.js"
import { doesWorkOf, isOf, isRunner, RUNNERS } from "../same-work.js"
import { programsOf } from "../scripts.js"
import { stepCommands } from "../shell-words.js"
import type { Job, Step } from "./found.js"
import { PYTHON_TESTS } from "./languages.js"
import { PRE_COMMIT } from "./pre-commit.js"

/** Tests that run by a script of a package. */
export interface TestScript {
  readonly workspace: Workspace
  readonly kind: "unit" | "integration"
  readonly script: string
  /** The run of the team's CI that they are like; that of {@link jobOf} where it is absent. */
  readonly runs?: Runs
}

/** Starts containers with Docker's own command line. */
export const DOCKER = /\bdocker(?:\s+|-)compose\b|\bdocker\s+run\b/

/** Packages that start containers with Docker's own command line. */
export const STARTERS = ["docker-compose"]

/** Returns whether the tests of a script start their services themselves, with Docker's command line. */
export const startsDocker = (workspace: Workspace, script: string): boolean =>
  DOCKER.test(commandsOf(workspace, script)) || STARTERS.some((name) => workspace.dependencies.includes(name))

/** A script with all that runs for it: before it, after it, and the scripts that it calls. */
export function commandsOf(
  { scripts }: Pick<Workspace, "scripts">,
  script: string,
  seen: readonly string[] = [],
): string {
  if (seen.includes(script) || seen.length > 8) return ""
  const own = [`pre${script}`, script, `post${script}`].flatMap((name) => scripts[name] ?? []).join("\n")
  const called = Object.keys(scripts).filter((name) => callOf(name).test(own))
  return [own, ...called.map((name) => commandsOf({ scripts }, name, [...seen, script]))].join("\n")
}

/** Options of package managers in front of a script's name, with a value as the next word or without. */
const OPTIONS = String.raw`(?:(?:--prefix|--cwd|--dir|-C|--workspace|-w|--filter|-F)[\s=]+\S+\s+|-\S+\s+)*`

/** Matches a command line that runs a script of package.json. */
const callOf = remembered(
  (script) =>
    new RegExp(
      String.raw`\b(?:npm|pnpm|yarn|bun)\s+${OPTIONS}(?:run\s+|run-script\s+)?${OPTIONS}${escapeRegExp(script)}(?![\w:-])`,
    ),
)

/** Matches a command line by which a task runner starts a script in packages: `turbo run test`, `nx affected -t test`. */
const taskCall = (script: string): RegExp =>
  new RegExp(String.raw`\b(?:turbo|nx|lerna)\s[^\n;&|]*[\s,:=]${escapeRegExp(script)}(?![\w:-])`)

/**
 * Returns what tells whether a text starts the runner of a script without the script: `npx vitest run`, `bun test`. In
 * a script of a package, the runner's name alone is some other suite's.
 */
function startsRunner({ scripts }: Workspace, script: string): (text: string, where: Where) => boolean {
  const programs = programsOf(scripts, script)
  if (programs.some((one) => isOf(one, "node --test"))) return (text) => NODE_TEST.test(text)
  const runner = RUNNERS.find((named) => programs.some((one) => isOf(one, named)))
  const [name = ""] = runner?.split(" ") ?? []
  if (runner === undefined) return () => false
  return (text, where) =>
    text.includes(name) &&
    stepCommands(text).some((words) => {
      const [first = "", ...args] = behindPrefixes(words, () => false).command
      return (
        isOf({ name: baseName(first), args }, runner) &&
        (where === "step" || words.some((word) => BY_MANAGER.test(word)))
      )
    })
}

const BY_MANAGER = /^(?:npx|pnpx|bunx|npm|pnpm|yarn)$|node_modules\//

/** Where a text is written: in a step of the team's CI, or a script of a package. */
type Where = "step" | "script"

/** `node --test`. */
const NODE_TEST = /(?:^|[\s;&|(])node\s+(?:-\S+\s+)*--test(?![\w-])/

/** `npm t`: package managers run the script `test` by shorter names as well. */
const SHORT_TEST = /\b(?:npm|pnpm|yarn|bun)\s+(?:t|tst)\b/

/** What runs the tests of a Python project, whichever way. */
const RUNS_PYTHON_TESTS = anyOf([PYTHON_TESTS, /\b(?:tox|nox)\b|\bmake\s+test\b/])

const runsPythonTests = (run: string): boolean => PYTHON_TESTS.test(run) && !/\binstall\b/.test(run)

/** Tells whether no file of a CI says what the team runs. */
export const hasNoCi = ({ declared }: Project): boolean =>
  declared.jobs.every(({ file }) => file === PRE_COMMIT)

/** A job of the team's CI that runs a script, and its step that does. */
export interface Runs extends StepOf {
  readonly job: Job
}

/** A step among others. */
export interface StepOf {
  readonly job: Pick<Job, "steps">
  readonly step: Step
}

/** The folder that a step's command line names for its package manager. */
const FOLDER = /\s(?:--prefix|--cwd|--dir|-C)[\s=]+["']?(?:\.\/)?([^\s"']+)/

/** Returns the folder in which a step runs its package manager; null if it is unknown. */
export function folderOfCall({ run, folder }: Step): string | null {
  const named = FOLDER.exec(run)?.[1]
  return folder !== null && named !== undefined ? pathFrom(folder, named) : folder
}

/** Returns whether a command line runs a script of package.json by its name. */
export const callsScript = (run: string, script: string): boolean =>
  callOf(script).test(run) || (script === "test" && SHORT_TEST.test(run))

/** Returns the scripts that a text calls, in the order of its calls. */
export function callsIn(text: string, scripts: readonly string[]): readonly string[] {
  return scripts
    .map((script) => ({ script, at: text.search(callOf(script)) }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at)
    .map(({ script }) => script)
}

/** Returns whether a step may run something of a package: in its folder, or above it. */
function reaches(step: Step, { path }: Workspace): boolean {
  const at = folderOfCall(step)
  return at === null || at === "" || at === path || path.startsWith(`${at}/`)
}

/** Returns whether a step runs in the folder of a Python project, or in one below. */
const isInside = ({ folder }: Step, { language, path }: Project): boolean =>
  language === "python" && folder !== null && `${folder}/`.startsWith(prefixOf(path))

/** Returns the job that runs a test script, or what calls it: one that judges a change, and of these one with services. Null if no job runs it. */
export const jobOf = (project: Project, { script, workspace, runs }: TestScript): Runs | null =>
  runs ?? jobsOf(project)(workspace)(script)

/**
 * Returns the job of a test script as {@link jobOf} does; where no job runs it, one with services that runs some of its
 * tests by another script: `vitest run --project server` of `vitest run`.
 */
export function jobOfTests(project: Project, test: TestScript): Runs | null {
  const { scripts } = test.workspace
  const all = programsOf(scripts, test.script)
  const isPart = (script: string) => {
    const programs = programsOf(scripts, script)
    return programs.some(isRunner) && programs.every((one) => all.some((other) => doesWorkOf(other, one)))
  }
  return (
    jobOf(project, test) ??
    Object.keys(scripts)
      .filter(isPart)
      .map((script) => jobOf(project, { ...test, script }))
      .find((runs) => (runs?.job.services.length ?? 0) > 0) ??
    null
  )
}

const jobsOf = rememberedOf((project: Project) =>
  rememberedOf((workspace: Workspace) => remembered((script) => foundJob(project, workspace, script))),
)

function foundJob(project: Project, workspace: Workspace, script: string): Runs | null {
  const stepsOf = stepsThatRun(project, workspace, script)
  const found = project.declared.jobs.flatMap((job) => {
    const [step] = stepsOf(job)
    return step ? [{ job, step }] : []
  })
  const judging = found.filter(({ job }) => !job.apart)
  const among = judging.length > 0 ? judging : found
  return among.find(({ job }) => job.services.length > 0) ?? among[0] ?? null
}

/** Returns what finds the steps of a job that run a test script, or what calls it. */
export function stepsThatRun(
  project: Project,
  workspace: Workspace,
  script: string,
): (job: Pick<Job, "steps">) => readonly Step[] {
  const { root } = project
  const isPython = project.language === "python"
  const patterns = [
    isPython ? RUNS_PYTHON_TESTS : callOf(script),
    taskCall(script),
    ...(script === "test" ? [SHORT_TEST] : []),
  ]
  const starts = isPython ? () => false : startsRunner(workspace, script)
  const runs = (text: string, where: Where) => patterns.some((one) => one.test(text)) || starts(text, where)
  const through = [root, workspace].flatMap((one) =>
    Object.keys(one.scripts).filter((name) => runs(commandsOf(one, name), "script")),
  )
  const calls = (text: string) => runs(text, "step") || through.some((name) => callOf(name).test(text))
  return ({ steps }) => {
    const own = steps.filter((one) => (reaches(one, workspace) || isInside(one, project)) && calls(one.run))
    // What tox runs has variables that the call of tox has not.
    const direct = isPython ? own.filter(({ run }) => runsPythonTests(run)) : []
    return direct.length > 0 ? direct : own
  }
}

/** Returns the steps of a job up to that which runs something, that one included. */
export const stepsBefore = ({ job, step }: StepOf): readonly Step[] =>
  job.steps.slice(0, job.steps.indexOf(step) + 1)

/** A command line that installs or runs something of a package. */
const OF_PACKAGES = /\b(?:npm|npx|pnpm|yarn|bun|bunx)\s/

/**
 * Tells whether the team's CI checks a package and leaves a kind of work out: no command of its jobs, and no script of
 * the package or the root that they name, says the words.
 *
 * @param words what a command line of that work would say.
 */
export function leftOutByTeam({ declared, root }: Project, workspace: Workspace, words: RegExp): boolean {
  const steps = declared.jobs.flatMap(({ steps }) => steps).filter((step) => reaches(step, workspace))
  if (!steps.some(({ run }) => OF_PACKAGES.test(run))) return false
  const text = declared.jobs.flatMap((job) => job.steps.map(({ run }) => run)).join("\n")
  const scripts = [root, workspace].flatMap((one) =>
    Object.keys(one.scripts)
      .filter(
        (name) => callOf(name).test(text) || new RegExp(String.raw`\b${escapeRegExp(name)}\b`).test(text),
      )
      .map((name) => commandsOf(one, name)),
  )
  return ![text, ...scripts].some((one) => words.test(one))
}
