import { suggest } from "../../ci/src/config/suggest.js"
import { CAUSES } from "../../ci/src/settings.js"
import { HOST_EXIT_CODES, HostFault } from "../fault.js"
import type { Command } from "./command.js"

/** The command of a name. An unknown one is a usage fault that names the nearest. */
export function find(commands: readonly Command[], name: string): Command {
  const command = commands.find((candidate) => candidate.name === name)
  if (command) return command
  const near = suggest(
    name,
    commands.map((candidate) => candidate.name),
  )
  throw new HostFault(
    "usage",
    `there is no command ${name}`,
    near ? `did you mean \`slipway ${near}\`?` : "`slipway help` lists the commands",
  )
}

/** The help command over a table of commands, itself included. */
export function helpOn(others: readonly Command[]): Command {
  const help: Command = {
    name: "help",
    help: "shows this, or how a command is used",
    usage: ["help [COMMAND]"],
    async run([name]) {
      const text = name === undefined ? overview([...others, help]) : manual(find([...others, help], name))
      process.stdout.write(`${text}\n`)
      return 0
    },
  }
  return help
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const codes = (table: Readonly<Record<string, number>>) =>
    Object.entries(table)
      .map(([name, code]) => `${code} ${name}`)
      .join(", ")
  return [
    "Slipway checks an app the same way on every machine.",
    "",
    ...commands.map(({ name, help }) => `  slipway ${name.padEnd(width)}  ${help}`),
    "",
    `Exit codes of a run: ${codes(Object.fromEntries(Object.entries(CAUSES).map(([name, { code }]) => [name, code])))}.`,
    `Exit codes of this machine's faults: ${codes(HOST_EXIT_CODES)}.`,
    "State is kept under $SLIPWAY_HOME, by default ~/.cache/slipway.",
  ].join("\n")
}

const manual = ({ help, usage, details = [] }: Command): string =>
  [...usage.map((form) => `slipway ${form}`), "", `It ${help}.`, ...details].join("\n")
