import type { TestProgram } from "./python-program.js"

/** The tests of a Python project that run together. */
export interface PythonSuite {
  /** What stands after the colon in the name of its stage. */
  readonly label: string
  /** The folder that they run in, relative to the repository. */
  readonly folder: string
  /** Its test files. */
  readonly files: readonly string[]
  /** More arguments of pytest, as a shell's words. */
  readonly args: string
  /** Test files that those arguments leave out, since no call of the team's CI has them. */
  readonly left: readonly string[]
  /** Test files that they leave out, since a call of the team's CI has them that its usual run skips. */
  readonly conditional: readonly string[]
  /** The project's own program that runs them in place of pytest; null without one. */
  readonly program: TestProgram | null
}
