import { parseJsonc, recordOf } from "../../formats/json.js"
import { anyOf } from "../../formats/pattern.js"
import { commandBehind } from "../command-prefixes.js"
import { joinPath, pathFrom } from "../paths.js"
import type { Tree } from "../project.js"
import { shellCommands } from "../shell-words.js"
import { CALLS_CLIENT } from "./database-clients.js"
import type { Step } from "./found.js"
import { madeBy } from "./make.js"
import { isMigration } from "./migration-scripts.js"
import { callsIn, commandsOf, folderOfCall } from "./scripts.js"
import { shellSteps } from "./steps.js"
import { pairs } from "./values.js"

/** How deep shell scripts may call each other. */
const DEEPEST = 4

/**
 * Adds the lines of shell scripts and of rules of make after the steps that call them, with the variables of those steps; of
 * scripts of package.json, those that have to do with containers and databases: the others are known by their names.
 */
export async function withCalledScripts(tree: Tree, steps: readonly Step[]): Promise<readonly Step[]> {
  return (await Promise.all(steps.map((step) => calledBy(tree, step, DEEPEST)))).flat()
}

async function calledBy(tree: Tree, step: Step, depth: number): Promise<readonly Step[]> {
  const called = depth === 0 || step.folder === null ? [] : scriptsIn(tree, step)
  const inside = await Promise.all([
    ...called.map(async ({ file, byShell }) => {
      const text = await tree.read(file)
      const isShell = byShell || SHELL_FILE.test(file) || SHEBANG.test(text)
      return isShell ? shellSteps(text, { env: step.env, folder: step.folder }) : []
    }),
    ...(depth === 0
      ? []
      : shellCommands(step.run).map((command) => madeBy(tree, step, commandBehind(command)))),
  ])
  const [lines, containers] = await Promise.all([
    Promise.all(inside.flat().map((one) => calledBy(tree, one, depth - 1))),
    containersOf(tree, step, depth),
  ])
  // What does not run calls nothing.
  const also = {
    ...(step.leftOut ? { leftOut: step.leftOut } : {}),
    ...(step.optional ? { optional: step.optional } : {}),
  }
  return [step, ...[...lines.flat(), ...containers].map((one) => ({ ...one, ...also }))]
}

const CONTAINERS = /\b(?:docker|docker-compose|podman)\b/
const OF_DATABASES = anyOf([CONTAINERS, CALLS_CLIENT])

/** The lines of the scripts of package.json that a step calls, of those that have to do with containers and databases. */
async function containersOf(tree: Tree, step: Step, depth: number): Promise<readonly Step[]> {
  const folder = folderOfCall(step)
  const manifest = folder === null ? "" : joinPath(folder, "package.json")
  if (depth === 0 || folder === null || !tree.files.includes(manifest) || !MANAGER.test(step.run)) return []
  const scripts = pairs(recordOf(parseJsonc(await tree.read(manifest))).scripts)
  const lines = callsIn(step.run, Object.keys(scripts)).map(async (name) => {
    const steps = shellSteps(commandsOf({ scripts }, name), { env: step.env, folder })
    const all = await Promise.all(steps.map((one) => calledBy(tree, one, depth - 1)))
    // Scripts that migrate run with the tests: what they do with clients is done there.
    const kept = isMigration(name) ? CONTAINERS : OF_DATABASES
    return all.flat().filter(({ run }) => kept.test(run))
  })
  return (await Promise.all(lines)).flat()
}

const MANAGER = /\b(?:npm|pnpm|yarn|bun)\s/

const SHELL_FILE = /\.(?:ba|z|da)?sh$/
const SHEBANG = /^#!.*\b(?:ba|z|da)?sh\b/

const SHELLS = ["bash", "sh", "zsh", "dash", "source", "."]

/** A file that a step starts, or has a shell run. */
interface Called {
  readonly file: string
  readonly byShell: boolean
}

/** The files of the repository that a step calls. */
function scriptsIn({ files }: Tree, { run, folder }: Step): readonly Called[] {
  return shellCommands(run).flatMap((command) => {
    const [first = "", ...args] = commandBehind(command)
    const byShell = SHELLS.includes(first)
    const name = byShell ? args.find((word) => !word.startsWith("-")) : first
    if (name === undefined || (!byShell && !name.includes("/"))) return []
    const file = pathFrom(folder ?? "", name)
    return file !== null && files.includes(file) ? [{ file, byShell }] : []
  })
}
