/** Checks that the team's CI has Nx run, by tasks that no package.json names. */
import type { Workspace } from "../project/project.js"
import { type Program, programsOf } from "../project/scripts.js"
import type { Stage } from "./stage.js"

const NX = "nx"
/** Tasks that check, by their names. */
const CHECKS =
  /(?:^|[:_-])(?:test|lint|types?|type-?check|check|tsc|unit|integration|component|e2e)(?:$|[:_-])/
/** Nx's own formatter has a stage where the project has Prettier. */
const FORMATS = /^format(?:$|:)/
const TARGETS = /^(?:-t|--targets?)(?:=(.*))?$/

/** Splits a call of Nx into one call for each task that checks something: `nx affected -t lint,e2e-ci` gives two. */
export function nxChecksIn({ name, args }: Program): readonly Program[] {
  if (name !== NX) return []
  return [...new Set(tasksOf(args))]
    .filter((task) => CHECKS.test(task) && !FORMATS.test(task))
    .map((task) => ({ name: NX, args: [task] }))
}

/** `nx run-many -t test lint`, `nx affected --target=test`, `nx run shop:test`, `nx test shop`. */
function tasksOf(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => TARGETS.test(arg))
  const [first = "", second = ""] = args.filter((arg) => !arg.startsWith("-"))
  if (at === -1) return [first === "run" ? (second.split(":")[1] ?? "") : first]
  const behind = args.slice(at + 1)
  const end = behind.findIndex((arg) => arg.startsWith("-"))
  const words = end === -1 ? behind : behind.slice(0, end)
  return [TARGETS.exec(args[at] ?? "")?.[1] ?? "", ...words].flatMap((word) => word.split(","))
}

/**
 * Tells whether a task of Nx needs no mention: a stage runs it, or a package has a script of that name, which is named
 * itself where nothing runs it.
 *
 * @param run the programs that stages start by the scripts of packages.
 */
export const isNxDone = ({ name, args: [task = ""] }: Program, { packages, stages, run }: Done): boolean =>
  name === NX &&
  (run.flatMap(nxChecksIn).some(({ args }) => args[0] === task) ||
    packages.some(
      ({ scripts }) => task in scripts && !programsOf(scripts, task).some((one) => one.name === NX),
    ) ||
    stages.some(({ because }) => new RegExp(`^nx run-many -t ${task}(?: |$)`).test(because)))

/** What stages do, and for which packages. */
export interface Done {
  readonly stages: readonly Pick<Stage, "because" | "kind">[]
  readonly packages: readonly Pick<Workspace, "scripts">[]
  /** The programs that stages start by the scripts of packages. */
  readonly run: readonly Program[]
}
