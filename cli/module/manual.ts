import {
  firstSentence,
  innerFunctions,
  type ModuleDescription,
  type ModuleFunction,
  mainFunctions,
  type Parameter,
} from "./description.js"

/** Characters of a line of help. */
const WIDTH = 110

/** Breaks text into lines, each after the first indented. */
export function wrapped(text: string, indent: number): string {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || indent + last.length + word.length >= WIDTH) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join(`\n${" ".repeat(indent)}`)
}

/** A name and its text. */
export type Row = readonly [name: string, text: string]

/** Width of the names of rows, in characters. */
export const nameWidth = (rows: readonly Row[]): number => Math.max(0, ...rows.map(([name]) => name.length))

/** Two columns, the second one wrapped. */
export function columns(rows: readonly Row[], width = nameWidth(rows)): readonly string[] {
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${wrapped(text, width + 4)}`.trimEnd())
}

/** The function that the first words name, as far as they name one, with its words. */
function find(
  module: ModuleDescription,
  words: readonly string[],
): { readonly path: string; readonly found: ModuleFunction } | null {
  const main = mainFunctions(module).find(({ name }) => name === words[0])
  if (!main) return null
  const inner = innerFunctions(module, main).find(({ name }) => name === words[1])
  return inner ? { path: `${main.name} ${inner.name}`, found: inner } : { path: main.name, found: main }
}

/** How a function of the module is used: what its doc comment says, and its options. Null for an unknown one. */
export function functionManual(module: ModuleDescription, words: readonly string[]): string | null {
  const match = find(module, words)
  if (match === null) return null
  const { path, found } = match
  const inner = innerFunctions(module, found)
  const required = found.parameters.filter((one) => one.required).map(({ name }) => `--${name} …`)
  const form = [path, ...(inner.length > 0 ? ["FUNCTION"] : []), "[FOLDER]", ...required, "[OPTIONS]"]
  return [
    `slipway ${form.join(" ")}`,
    "",
    found.text,
    ...section("Functions", columns(inner.map(({ name, text }) => [name, firstSentence(text)]))),
    ...section("Options", optionLines(found.parameters)),
    "",
    "FOLDER is the app's folder, right after the function. Default: the current folder.",
    "`slipway help options` lists the options of every function, such as --rerun.",
  ].join("\n")
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", `${title}:`, ...lines]

/** A line for each option: its value, its text, its default. */
export const optionLines = (parameters: readonly Parameter[]): readonly string[] =>
  columns(parameters.map((one) => [signature(one), `${one.text} ${note(one)}`.trim()]))

const signature = ({ name, type }: Parameter): string =>
  type === "boolean" ? `--${name}` : `--${name} ${type.replace("[]", "").toUpperCase()}`

/** Values that say nothing as a default. */
const EMPTY = new Set(["", "false", '""', "0", "[]"])

function note({ required, type, fallback }: Parameter): string {
  const list = type.endsWith("[]") ? "(several: with commas between them)" : ""
  if (required) return `(required) ${list}`.trim()
  return EMPTY.has(fallback ?? "") ? list : `(default: ${fallback})`
}
