/** A command of the command line. */
export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly help: string
  /** What follows `slipway` on a command line, one form a line. */
  readonly usage: readonly string[]
  /** What else is to be known, for `slipway help NAME`. */
  readonly details?: readonly string[]
  /** Returns the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>
}
