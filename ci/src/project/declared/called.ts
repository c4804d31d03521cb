import { commandBehind } from "../command-prefixes.js"
import { pathFrom } from "../paths.js"
import type { Tree } from "../project.js"
import { shellCommands } from "../shell-words.js"
import type { Step } from "./found.js"
import { madeBy } from "./make.js"
import { shellSteps } from "./steps.js"

/** How deep shell scripts may call each other. */
const DEEPEST = 4

/** Adds the lines of shell scripts and of rules of make after the steps that call them, with the variables of those steps. */
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
  return [step, ...(await Promise.all(inside.flat().map((one) => calledBy(tree, one, depth - 1)))).flat()]
}

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
