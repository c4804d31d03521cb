import { inQuotes } from "../../ci/src/run/command.js"
import { firstSentence } from "./description.js"

/** Shells that can be told what to complete. */
export const SHELLS = ["bash", "zsh", "fish"] as const

/** A word that can follow `slipway`, and what can follow that word. */
export interface Entry {
  readonly name: string
  /** Its first sentence is shown. */
  readonly help: string
  readonly words: readonly string[]
  /** With their dashes. */
  readonly options: readonly string[]
}

/** Returns the script that tells a shell what to complete. After a command, folders are completed as well. */
export const completionScript = (shell: (typeof SHELLS)[number], entries: readonly Entry[]): string =>
  WRITERS[shell](entries)

const WRITERS: Readonly<Record<(typeof SHELLS)[number], (entries: readonly Entry[]) => string>> = {
  bash: (entries) =>
    lines([
      "# Completes slipway in bash.",
      "_slipway() {",
      `  local word=\${COMP_WORDS[COMP_CWORD]} words=""`,
      '  if [ "$COMP_CWORD" -eq 1 ]; then',
      `    words="${names(entries)}"`,
      "  else",
      `    case \${COMP_WORDS[1]} in`,
      ...entries.map(
        ({ name, words, options }) => `      ${name}) words="${[...words, ...options].join(" ")}" ;;`,
      ),
      "    esac",
      "  fi",
      '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
      '  [ "$COMP_CWORD" -eq 1 ] || COMPREPLY+=($(compgen -d -- "$word"))',
      "}",
      "complete -o filenames -F _slipway slipway",
    ]),
  zsh: (entries) =>
    lines([
      "#compdef slipway",
      "# Completes slipway in zsh.",
      "_slipway() {",
      "  local -a found",
      "  if (( CURRENT == 2 )); then",
      `    found=(${entries.map(described).join(" ")})`,
      "    _describe command found",
      "    return",
      "  fi",
      "  case $words[2] in",
      ...entries.map(
        ({ name, words, options }) =>
          `    ${name}) found=(${[...words, ...options].map(inQuotes).join(" ")}) ;;`,
      ),
      "  esac",
      "  compadd -- $found",
      "  _files -/",
      "}",
      '[ "$funcstack[1]" = _slipway ] && _slipway "$@" || compdef _slipway slipway',
    ]),
  fish: (entries) =>
    lines([
      "# Completes slipway in fish.",
      "complete -c slipway -e",
      ...entries.flatMap(({ name, help, words, options }) => [
        `complete -c slipway -f -n __fish_use_subcommand -a ${name} -d ${inQuotes(short(help))}`,
        ...(words.length === 0
          ? []
          : [`complete -c slipway -n ${seen(name)} -a ${inQuotes(words.join(" "))}`]),
        ...options.map((option) => `complete -c slipway -n ${seen(name)} -l ${option.slice(2)}`),
      ]),
    ]),
}

const lines = (all: readonly string[]): string => `${all.join("\n")}\n`

const names = (entries: readonly Entry[]): string => entries.map(({ name }) => name).join(" ")

const seen = (name: string): string => inQuotes(`__fish_seen_subcommand_from ${name}`)

/** The first sentence, without characters that are special to shells. */
const short = (help: string): string => firstSentence(help).replace(/[:'`\\$"]/g, "")

const described = ({ name, help }: Entry): string => inQuotes(`${name}:${short(help)}`)
