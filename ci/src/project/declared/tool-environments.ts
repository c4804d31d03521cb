import { quote } from "../../run/command.js"
import { ofTests } from "./environment.js"
import type { Env, Step } from "./found.js"
import { PYTHON_TESTS } from "./languages.js"

/** What a tool such as tox installs in an environment, and runs there: without what only the tool replaces. */
export interface ToolEnvironment {
  /** Requirements and options of pip: `pytest>=8`, `-r requirements/test.txt`. */
  readonly deps: readonly string[]
  /** Extras of the project. */
  readonly extras: readonly string[]
  /** Groups of requirements in pyproject.toml. */
  readonly groups: readonly string[]
  readonly commands: readonly string[]
  readonly env: Env
  /** The folder that its commands run in, relative to the repository. */
  readonly folder: string
}

/** Returns a word for a command line: in quotes where a shell would read it otherwise. A variable stays one. */
export const plainWord = (word: string): string =>
  /^(?:\$\w+|[\w./=:,@%+-]+)$/.test(word) ? word : quote(word)

/** Returns what environments install and run as steps, as if the one that calls their tool did it itself. */
export function environmentSteps(step: Step, found: readonly ToolEnvironment[]): readonly Step[] {
  const testing = found.find(({ commands }) => commands.some((line) => PYTHON_TESTS.test(line)))
  const install = testing === undefined ? [] : installOf(testing)
  const steps = [
    ...install.map((run): Step => ({ ...step, run })),
    ...found.flatMap((one) => {
      const also = testing === undefined || fits(one, testing) ? {} : OTHER_PACKAGES
      const env = { ...step.env, ...one.env }
      return one.commands.map((run): Step => ({ ...step, run, env, folder: one.folder, ...also }))
    }),
  ]
  const workOf = ({ run, folder, env }: Step) => JSON.stringify([run, folder, ofTests(env)])
  const works = steps.map(workOf)
  return steps.filter((_, i) => works.indexOf(works[i] ?? "") === i)
}

const OTHER_PACKAGES = { otherPackages: true } as const

/** Tells whether two environments need the same packages. */
const fits = (one: ToolEnvironment, other: ToolEnvironment): boolean =>
  JSON.stringify([one.deps, one.extras, one.groups]) ===
  JSON.stringify([other.deps, other.extras, other.groups])

/** What an environment installs. Only that of the first with tests counts: those of two need not fit each other. */
function installOf({ deps, extras, groups }: ToolEnvironment): readonly string[] {
  const needed = [
    ...deps.map((line) => (line.startsWith("-") ? line : quote(line))),
    ...groups.map((name) => `--group ${plainWord(name)}`),
    ...(extras.length === 0 ? [] : [`.[${extras.join()}]`]),
  ]
  return needed.length === 0 ? [] : [`pip install ${needed.join(" ")}`]
}
