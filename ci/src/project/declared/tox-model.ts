/** What the files of tox say, whichever their form. */

/** What an environment installs and runs. Substitutions are left as they are written. */
export interface ToxEnvironment {
  /** Requirements and options of pip: `pytest>=8`, `-r requirements/test.txt`. */
  readonly deps: readonly string[]
  /** Extras of the project. */
  readonly extras: readonly string[]
  /** Groups of requirements in pyproject.toml. */
  readonly groups: readonly string[]
  /** Those before and after its own as well. */
  readonly commands: readonly string[]
  /** `NAME=value`, or `file|path` for an env file. */
  readonly env: readonly string[]
  /** The folder that its commands run in; "" for that of the file. */
  readonly folder: string
}

/** The environments of a file. */
export interface Tox {
  /** Those that run where none is named. */
  readonly usual: readonly string[]
  /** The factors of those that run where none is named and a variable has a value: variable → value → factors. */
  readonly chosenBy: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  /** The environments that a label stands for. */
  readonly labelled: (label: string) => readonly string[]
  /** Returns an environment by its name; null for one that nothing describes. */
  readonly environment: (name: string) => ToxEnvironment | null
}

/** Environments that are there without a section: those of a Python. */
const OF_PYTHON = /^(?:(?:py|pypy|python)[\d.]*|\d\.\d+)t?$/

/** Tells whether a factor names a Python. */
export const isPython = (factor: string): boolean => OF_PYTHON.test(factor)
