/** A command of the command line. */
export interface Command {
  readonly name: string
  /** Its group in the list of commands. */
  readonly group: "Check" | "This machine" | "Dagger"
  /** One line for the list of commands: a verb in the third person first. */
  readonly help: string
  /** What follows `slipway` on a command line, one form a line. */
  readonly usage: readonly string[]
  /** Paragraphs and lists for `slipway help NAME`. */
  readonly details?: readonly string[]
  /** Returns the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>
}
