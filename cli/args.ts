import { type ParseArgsConfig, parseArgs } from "node:util"
import { CommandFault } from "./fault.js"

/** The fault of a wrong command line. */
export const usage = (what: string, command: string): CommandFault =>
  new CommandFault("usage", what, `\`slipway help ${command}\` describes it`)

/**
 * Parses the arguments of a command with node:util's parseArgs.
 *
 * @throws CommandFault `usage` for a wrong one.
 */
export function parse<T extends NonNullable<ParseArgsConfig["options"]>>(
  command: string,
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T; args: string[]; allowPositionals: true; strict: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw usage(`${command}: ${message.split(". ")[0]}`, command)
  }
}

/** Splits arguments at the first `--`. */
export function split(args: readonly string[]): readonly [own: readonly string[], rest: readonly string[]] {
  const at = args.indexOf("--")
  return at === -1 ? [args, []] : [args.slice(0, at), args.slice(at + 1)]
}
