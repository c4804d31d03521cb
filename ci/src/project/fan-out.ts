import { BUILD } from "./build-order.js"
import { namesOthers } from "./command-prefixes.js"
import { isManagerName, type Workspace } from "./project.js"
import { type Program, programsOf } from "./scripts.js"

/** Programs that run the scripts of packages. */
const TASK_RUNNERS = ["turbo", "nx", "lerna", "lage", "ultra", "wsrun", "moon", "rush"]
/** Words of theirs that run a program, and no script; and a task of the root itself. */
const OWN_WORK = /^(?:exec|x|dlx|install|\/\/#.*)$/
/** Programs that check nothing. */
const NOTHING = ["cd", "echo", "true", ":", "exit", "printf"]

/** Tells whether a program checks nothing by itself. */
export const isIdle = ({ name }: Program): boolean => NOTHING.includes(name)

/** Tells whether a program starts scripts of packages. */
export const fansOut = ({ name, args }: Program): boolean =>
  (TASK_RUNNERS.includes(name) || (isManagerName(name) && namesOthers(args))) &&
  !args.some((arg) => OWN_WORK.test(arg))

/** The words of a command, of which some are the names of scripts: `run`, `test`, `--targets=lint,test`. */
export const wordsOf = ({ args }: Program): readonly string[] =>
  args.flatMap((arg) => [arg, ...arg.split(/[,=#]/), arg.slice(arg.lastIndexOf(":") + 1)])

/**
 * Tells whether a script of the root does nothing but start scripts of the workspaces, in which a stage runs the same
 * kind of work already: `turbo run test`, `npm test --workspaces`. What it starts besides keeps it from being one.
 *
 * @param covered the workspaces that have such a stage.
 */
export function isMereFanOut(
  root: Workspace,
  script: string,
  workspaces: readonly Workspace[],
  covered: readonly Workspace[],
): boolean {
  const programs = programsOf(root.scripts, script).filter((one) => !isIdle(one))
  if (programs.length === 0 || !programs.every(fansOut)) return programs.length === 0
  return programs.every((program) => {
    const words = wordsOf(program)
    const tasks = new Set(workspaces.flatMap(({ scripts }) => words.filter((word) => word in scripts)))
    // Nx has tasks that no package.json names.
    if (tasks.size === 0) return program.name !== "nx"
    const left = workspaces.filter((one) => !covered.includes(one))
    return left.every(({ scripts }) => [...tasks].every((task) => task === BUILD || !(task in scripts)))
  })
}

/** What task runners and pnpm print where no package has the task. */
const NO_TASK =
  /No tasks were (?:executed as part of this run|run)\b|No packages found with the lifecycle script|None of the (?:selected )?packages has a/g
/** Words by which managers start a script in all packages that have it. */
const IN_ALL = /^(?:-ws|--workspaces|-r|--recursive|recursive)$/

/**
 * Tells whether a script that ended well did nothing: it only starts scripts of packages, and no package has one.
 *
 * @param log what it printed.
 */
export function startedNothing(
  { scripts }: Pick<Workspace, "scripts">,
  script: string,
  workspaces: readonly Workspace[],
  log: string,
): boolean {
  const programs = programsOf(scripts, script).filter((one) => !isIdle(one))
  if (programs.length === 0 || !programs.every(fansOut)) return false
  if ((log.match(NO_TASK)?.length ?? 0) >= programs.length) return true
  return programs.every(
    (program) =>
      isManagerName(program.name) &&
      program.args.some((arg) => IN_ALL.test(arg)) &&
      !workspaces.some((one) => wordsOf(program).some((word) => word in one.scripts)),
  )
}

/** Why a stage of such a script is skipped. */
export const startedNothingText = (script: string): string =>
  `the script ${script} starts scripts of packages, and none has one`
