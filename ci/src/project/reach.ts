/** In which packages the team's own commands run a script: `turbo run test --filter=!docs` runs it in all but one. */
import { rememberedOf } from "../formats/remembered.js"
import { BUILD } from "./build-order.js"
import { fansOut, isIdle, wordsOf } from "./fan-out.js"
import { baseName } from "./paths.js"
import type { Project, Workspace } from "./project.js"
import { type Program, programsOf } from "./scripts.js"

/** The packages that a command names, and those that it leaves out. */
interface Selection {
  readonly only: readonly string[]
  readonly not: readonly string[]
}

/** Options that name packages: one in each, or several with commas between them. */
const ONLY =
  /^(?:--filter|-F|--scope|--include|--projects?|-p|--workspace|-w|--prefix|--cwd|--dir|-C)(?:=(.*))?$/
const NOT = /^(?:--exclude|--ignore)(?:=(.*))?$/

function selectionOf({ name, args }: Program): Selection {
  const named = (option: RegExp) =>
    args.flatMap((arg, i) => {
      const match = option.exec(arg)
      // To pnpm, this is the root.
      if (match === null || (name === "pnpm" && arg === "-w")) return []
      return (match[1] ?? args[i + 1] ?? "").split(",").filter((one) => one !== "")
    })
  const wanted = [...named(ONLY), ...(args[0] === "workspace" ? args.slice(1, 2) : [])]
  return {
    only: wanted.filter((one) => !one.startsWith("!")),
    not: [...named(NOT), ...wanted.filter((one) => one.startsWith("!")).map((one) => one.slice(1))],
  }
}

/** A selector that takes packages by what they need, or by what changed, can mean any. */
const BY_GRAPH = /\.\.\.|\[/

const escaped = (text: string) => text.replace(/[.+^$()|\\]/g, "\\$&")

/** Tells whether a selector names a package: by its name, its folder, or a pattern of these. */
function names(selector: string, { packageName, path }: Workspace): boolean {
  const plain = selector.replace(/^\{(.*)\}$/, "$1")
  const pattern = plain.replace(/^\.\//, "").replace(/\/$/, "")
  const steps = pattern.split(/(\*+\/?)/).map((step) => {
    if (!step.startsWith("*")) return escaped(step)
    return step.startsWith("**") ? ".*" : step.replace("*", "[^/]*")
  })
  const inFolder = new RegExp(`^${steps.join("")}$`)
  const called = new RegExp(`^${escaped(plain).replaceAll("*", ".*")}$`)
  return inFolder.test(path) || called.test(packageName) || called.test(baseName(packageName))
}

function reaches({ only, not }: Selection, workspace: Workspace): boolean {
  if (not.some((one) => !BY_GRAPH.test(one) && names(one, workspace))) return false
  return only.length === 0 || only.some((one) => BY_GRAPH.test(one) || names(one, workspace))
}

const MANAGERS = /^(?:npm|pnpm|yarn|bun|turbo|nx|lerna)$/

/** Tells whether all package managers and task runners of a command line work in other packages than this one. */
export function isForOthers(run: string, workspace: Workspace): boolean {
  const all = programsOf({ run }, "run").filter(({ name }) => MANAGERS.test(name))
  return all.length > 0 && all.every((one) => !reaches(selectionOf(one), workspace))
}

/** A command that runs scripts in packages, and those that it chooses. */
interface Start {
  readonly words: readonly string[]
  readonly selection: Selection
}

const startsOf = (programs: readonly Program[]): readonly Start[] =>
  programs.filter(fansOut).map((program) => ({ words: wordsOf(program), selection: selectionOf(program) }))

/** What the root's scripts start, and the steps of the team's CI. */
const teamStarts = rememberedOf(({ root, declared }: Project): readonly Start[] => {
  const steps = declared.jobs.flatMap((job) =>
    job.steps.filter(({ folder }) => folder === "" || folder === null),
  )
  const texts = [...new Set(steps.map(({ run }) => run))]
  return [
    ...Object.keys(root.scripts).flatMap((name) => startsOf(programsOf(root.scripts, name))),
    ...texts.flatMap((step) => startsOf(programsOf({ step }, "step"))),
  ]
})

/** Tells whether a step of the team's CI works in a package's own folder. */
const isVisited = ({ declared }: Project, { path }: Workspace): boolean =>
  declared.jobs.some(({ steps }) => steps.some(({ folder }) => folder === path))

/** Folders of what tests and generators take as input: nobody runs the scripts in it as they are. */
const INPUTS = /(?:^|\/)(?:__)?(?:fixtures?|testdata|templates?|mocks?)(?:__)?\/./
const OF_TESTS = /(?:^|\/)(?:tests?|__tests__|specs?)\/./

/** Tells whether a package is an input: it lies in such a folder, or among the tests of another package. */
const isInput = ({ workspaces }: Project, { path }: Workspace): boolean =>
  INPUTS.test(path) ||
  (OF_TESTS.test(path) &&
    workspaces.some((one) => path.startsWith(`${one.path}/`) && OF_TESTS.test(path.slice(one.path.length))))

/** Tells whether a script of the root does nothing but to start a task in packages that it chooses. */
function chooses({ root, workspaces }: Project, script: string, task: string): boolean {
  const programs = programsOf(root.scripts, script).filter((one) => !isIdle(one))
  const starts = startsOf(programs).filter(({ words }) => words.includes(task))
  // A choice of no package is one that cannot be told here.
  return (
    programs.every(fansOut) &&
    starts.some(({ selection }) => workspaces.some((one) => reaches(selection, one)))
  )
}

/** Scripts whose tools may need what the package's own build makes. */
const AFTER_BUILD = ["test", "test:unit", "lint", "typecheck"]

const needsOwnBuild = (project: Project, workspace: Workspace): boolean =>
  workspace.order.own !== null &&
  AFTER_BUILD.some((task) => {
    const own = task in project.root.scripts ? task : null
    return task in workspace.scripts && !isPassedOver(project, workspace, own, task)
  })

/**
 * Tells whether the team passes a package over for a kind of work: the root's script for it starts it in others alone, or
 * the package is an input of tests; and no other script of the root and no step of its CI starts it there.
 *
 * @param own the root's script for that kind of work; null without one.
 * @param task the package's script for it.
 */
export function isPassedOver(
  project: Project,
  workspace: Workspace,
  own: string | null,
  task: string,
): boolean {
  const narrowed = own !== null && !(own in project.tasks) && chooses(project, own, task)
  if (!narrowed && !isInput(project, workspace)) return false
  if (neededFolders(project).has(workspace.path) || isVisited(project, workspace)) return false
  if (task === BUILD && needsOwnBuild(project, workspace)) return false
  return !teamStarts(project).some(
    ({ words, selection }) => words.includes(task) && reaches(selection, workspace),
  )
}

/** The folders of the packages whose builds others may need. */
const neededFolders = rememberedOf(
  (project: Project): ReadonlySet<string> =>
    new Set(project.workspaces.filter((user) => !isInput(project, user)).flatMap(({ needs }) => needs)),
)
