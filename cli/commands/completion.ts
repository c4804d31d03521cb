import { usage } from "../args.js"
import { completionScript, type Entry, SHELLS } from "../module/completion.js"
import { innerFunctions, type ModuleDescription, mainFunctions } from "../module/description.js"
import { moduleDescription } from "../module/load.js"
import type { Command } from "./command.js"

/** Options in the usage of a command, and at the beginning of a line of its details. */
const optionsIn = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|\[)(--[a-z][a-z-]*)/g)].flatMap(([, option]) => option ?? [])

/** Returns what a command accepts, by its usage and details. */
const entryOf = ({ name, help, usage, details = [] }: Command): Entry => ({
  name,
  help,
  words: [],
  options: [...new Set([...usage, ...details].flatMap(optionsIn))],
})

/** Returns what can be completed: commands and functions, with their inner functions and options. */
export function entries(commands: readonly Command[], module: ModuleDescription): readonly Entry[] {
  const functions = mainFunctions(module).map((found): Entry => {
    const inner = innerFunctions(module, found)
    const parameters = [found, ...inner].flatMap((one) => one.parameters)
    return {
      name: found.name,
      help: found.text,
      words: inner.map(({ name }) => name),
      options: [...new Set([...parameters, ...module.options].map(({ name }) => `--${name}`))],
    }
  })
  const own = commands.map((command): Entry => {
    const same = functions.find(({ name }) => name === command.name)
    const entry = entryOf(command)
    return same
      ? { ...entry, words: same.words, options: [...new Set([...entry.options, ...same.options])] }
      : entry
  })
  const names = new Set(own.map(({ name }) => name))
  return [...own, ...functions.filter(({ name }) => !names.has(name))]
}

/** The completion command over a table of commands, itself included. */
export function completionOf(commands: () => readonly Command[]): Command {
  return {
    name: "completion",
    group: "This machine",
    help: "prints the script by which a shell completes commands, functions and options",
    usage: [`completion ${SHELLS.join("|")}`],
    details: [
      "",
      "bash  add `source <(slipway completion bash)` to ~/.bashrc",
      "zsh   `slipway completion zsh >_slipway` in a folder of $fpath",
      "fish  `slipway completion fish >~/.config/fish/completions/slipway.fish`",
    ],
    async run([name = "", ...rest]) {
      const shell = SHELLS.find((known) => known === name)
      if (shell === undefined || rest.length > 0)
        throw usage(`completion: name one shell: ${SHELLS.join(", ")}`, "completion")
      const all = entries(commands(), await moduleDescription())
      process.stdout.write(completionScript(shell, all))
      return 0
    },
  }
}
