import { type ParseArgsConfig, parseArgs } from "node:util"
import { HostFault } from "./fault.js"

/** A command line that can't be understood. */
export const usage = (what: string, command: string): HostFault =>
  new HostFault("usage", what, `\`slipway help ${command}\` shows how it is used`)

/** Parses the arguments of a command with node:util's parseArgs; a wrong one is a usage fault. */
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

/** What stands before `--`, and what after it. */
export function split(args: readonly string[]): readonly [own: readonly string[], rest: readonly string[]] {
  const at = args.indexOf("--")
  return at === -1 ? [args, []] : [args.slice(0, at), args.slice(at + 1)]
}
