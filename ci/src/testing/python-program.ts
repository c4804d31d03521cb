import { commandBehind } from "../project/command-prefixes.js"
import type { Step } from "../project/declared/found.js"
import { PYTHON_RUNNERS, TEST_PROGRAM } from "../project/declared/languages.js"
import { plainWord } from "../project/declared/tool-environments.js"
import { baseName, pathFrom } from "../project/paths.js"
import type { Project } from "../project/project.js"
import { placesOf } from "../project/python-places.js"
import { type ShellCommand, stepCommands } from "../project/shell-words.js"

/** A project's own program that runs its tests, where nothing of the project says a runner. */
export interface TestProgram {
  /** The words behind `python`: `runtests.py --fast`; one for each call of the team's CI. */
  readonly calls: readonly string[]
  /** The folder that it runs in, relative to the repository. */
  readonly folder: string
  /** The file that calls it. */
  readonly source: string
}

/** Returns the program by which the team's CI runs the tests of a project; null where a runner runs them. */
export function testProgram(project: Project): TestProgram | null {
  const { jobs } = project.declared
  const isSetUp = placesOf(project).some(({ tools }) => tools.pytest !== undefined)
  const dependencies = project.python?.dependencies ?? []
  const runners = jobs.some(({ steps }) => steps.some(({ run }) => PYTHON_RUNNERS.test(run)))
  if (isSetUp || runners || dependencies.includes("pytest")) return null
  for (const { file, steps } of jobs) {
    const counted = steps.filter((step) => !(step.leftOut || step.optional || step.otherPackages))
    const found = counted.flatMap((step) => callsIn(project, step).map((call) => ({ call, step })))
    const [first] = found
    const folder = first?.step.folder
    if (folder === undefined || folder === null) continue
    const calls = found.filter(({ step }) => step.folder === folder).map(({ call }) => call)
    return { calls: [...new Set(calls)], folder, source: file }
  }
  return null
}

const callsIn = (project: Project, { run, folder }: Step): readonly string[] =>
  folder === null || /\|\|\s*(?:true|:)/.test(run)
    ? []
    : stepCommands(run).flatMap((words) => callOf(project, words, folder))

/** `coverage run -a runtests.py --fast` → `runtests.py --fast` */
function callOf({ files }: Project, words: ShellCommand, folder: string): readonly string[] {
  const [program = "", ...args] = commandBehind(words)
  const command = /^python[\d.]*$/.test(baseName(program)) ? args : [program, ...args]
  const at = command.findIndex((word) => !word.startsWith("-"))
  const named = command[at] ?? ""
  const file = pathFrom(folder, named.replace(/^\.\//, ""))
  if (file === null || !TEST_PROGRAM.test(named) || !files.includes(file)) return []
  // What only a shell there knows is left to the program's own choice.
  return [
    command
      .filter((word) => !/[$`]/.test(word))
      .map(plainWord)
      .join(" "),
  ]
}
