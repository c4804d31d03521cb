import { suggest } from "../../ci/src/config/suggest.js"
import { CAUSES } from "../../ci/src/settings.js"
import { CommandFault, FAULT_CODES } from "../fault.js"
import { innerFunctions, type ModuleDescription, mainFunctions, paths } from "../module/description.js"
import { CHECK, groupedFunctions } from "../module/groups.js"
import { moduleDescription } from "../module/load.js"
import { columns, functionManual, nameWidth, optionLines, type Row } from "../module/manual.js"
import type { Command } from "./command.js"

/** Text that `slipway help NAME` shows for a name that is no command. */
const TOPICS: Readonly<Record<string, (module: ModuleDescription) => readonly string[]>> = {
  options: ({ options }) => [
    "Options of every function of the module. `slipway` sets --source, --history and --run itself.",
    "",
    ...optionLines(options),
  ],
  "exit-codes": () => [
    "Exit codes of a run:",
    ...codeLines(Object.values(CAUSES)),
    "",
    "Exit codes of faults of this machine:",
    ...codeLines(Object.values(FAULT_CODES)),
  ],
}

const codeLines = (
  codes: readonly { readonly code: number; readonly meaning: string }[],
): readonly string[] =>
  columns(codes.toSorted((a, b) => a.code - b.code).map(({ code, meaning }): Row => [String(code), meaning]))

/** The help command over a table of commands, itself included. */
export function helpOn(others: readonly Command[]): Command {
  const help: Command = {
    name: "help",
    group: "This machine",
    help: "shows this list, or how one command or function is used",
    usage: ["help [COMMAND | FUNCTION…]"],
    async run(words) {
      const module = await moduleDescription()
      const commands = [...others, help]
      process.stdout.write(
        `${words.length === 0 ? overview(commands, module) : manual(commands, module, words)}\n`,
      )
      return 0
    },
  }
  return help
}

/** What is printed for no arguments at all: every command and function, by group. */
export function overview(commands: readonly Command[], module: ModuleDescription): string {
  const rows = (group: Command["group"]) =>
    commands.filter((one) => one.group === group).map(({ name, help }): Row => [name, capital(help)])
  const checks = rows(CHECK)
  const isNew = ([name]: Row) => !checks.some(([known]) => known === name)
  const functions = groupedFunctions(module).map(
    ([group, listed]) => [group, group === CHECK ? [...checks, ...listed.filter(isNew)] : listed] as const,
  )
  const groups = [...functions, ["This machine", rows("This machine")], ["Dagger", rows("Dagger")]] as const
  const width = nameWidth(groups.flatMap(([, listed]) => listed))
  return [
    "Slipway checks an app the same way on every machine, and deploys it.",
    "",
    "slipway COMMAND [FOLDER] [OPTIONS]   FOLDER is the app's folder. Default: the current folder.",
    ...groups.flatMap(([group, listed]) => ["", `${group}:`, ...columns(listed, width)]),
    "",
    "`slipway help COMMAND` describes a command; also: `help options`, `help exit-codes`.",
    "State is kept under $SLIPWAY_HOME. Default: ~/.cache/slipway.",
  ].join("\n")
}

/**
 * How a command, a function of the module or a topic is used.
 *
 * @throws CommandFault `usage` for an unknown name.
 */
export function manual(
  commands: readonly Command[],
  module: ModuleDescription,
  words: readonly string[],
): string {
  const [name = ""] = words
  const command = commands.find((candidate) => candidate.name === name)
  const texts = [
    ...(TOPICS[name] ? [TOPICS[name](module).join("\n")] : []),
    ...(command ? [commandManual(command)] : []),
    command && !leads(module, name) ? [] : (functionManual(module, words) ?? []),
  ].flat()
  if (texts.length === 0) throw unknown(name, commands, module)
  return texts.join("\n\n")
}

/** True for a function that leads to others. A command of the same name then does something else. */
const leads = (module: ModuleDescription, name: string): boolean =>
  mainFunctions(module).some((found) => found.name === name && innerFunctions(module, found).length > 0)

const commandManual = ({ help, usage, details = [] }: Command): string =>
  [...usage.map((form) => `slipway ${form}`), "", `${capital(help)}.`, ...details].join("\n")

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** The fault of a word that is neither a command nor a function, with the nearest one. */
export function unknown(name: string, commands: readonly Command[], module: ModuleDescription): CommandFault {
  const known = [...commands, ...mainFunctions(module)].map((one) => one.name)
  const inner = new Map(paths(module).map((path) => [path.split(" ").at(-1) ?? path, path]))
  const near = suggest(name, known) ?? inner.get(suggest(name, [...inner.keys()]) ?? "")
  return new CommandFault(
    "usage",
    `unknown command: ${name}`,
    near ? `did you mean \`slipway ${near}\`?` : "`slipway help` lists the commands",
  )
}
