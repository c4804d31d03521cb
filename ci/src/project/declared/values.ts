import { recordOf } from "../../formats/json.js"
import type { Env } from "./found.js"

/** Readers of the values that compose files, workflows and env files have in common. */

/** `$$`, `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`; without the colon, empty counts as set. */
const VARIABLE = /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?)([-?+])((?:[^{}]|\{[^{}]*\})*))?\})/g

/**
 * Returns a text with its variables replaced, as compose files have them.
 *
 * @see https://docs.docker.com/reference/compose-file/interpolation/
 */
export const interpolate = (text: string, env: Env): string =>
  text.replace(VARIABLE, (_, dollar, plain, braced, colon, operator, operand = "") => {
    if (dollar) return "$"
    const value = env[plain ?? braced]
    const isSet = value !== undefined && (colon !== ":" || value !== "")
    if (operator === "-") return isSet ? value : interpolate(operand, env)
    if (operator === "+") return isSet ? interpolate(operand, env) : ""
    return value ?? ""
  })

/** As {@link interpolate}; null where a variable has no value. */
export function expanded(text: string, env: Env): string | null {
  const unknown = [...text.matchAll(VARIABLE)].some(([, dollar, plain, braced, , operator]) => {
    const name = plain ?? braced
    return !dollar && name !== undefined && operator === undefined && !(name in env)
  })
  return unknown ? null : interpolate(text, env)
}

/** Reads the lines `NAME=value` of an env file, with quotes and comments as dotenv reads them. */
export function readEnvFile(text: string): Env {
  const found: Record<string, string> = {}
  for (const line of text.split(/\r?\n/)) {
    const { name, quoted, single, plain = "" } = ENV_LINE.exec(line)?.groups ?? {}
    if (name === undefined) continue
    const value = single ?? quoted?.replaceAll("\\n", "\n") ?? plain.replace(/(?:^|\s+)#.*$/, "").trim()
    found[name] = single === undefined ? interpolate(value, found) : value
  }
  return found
}

/** Names of the files that a team keeps for an env file which git ignores. */
export const ENV_EXAMPLES = [
  ".env.example",
  ".env.sample",
  ".env.template",
  ".env.dist",
  "example.env",
  "env.example",
  "env-example",
  "env.sample",
  "env.template",
  "env.dist",
]

/**
 * Returns the variables of an env file, or of the example that stands for it: `.env.db.example` of `.env.db`. Empty without
 * either.
 *
 * @param files those that were read, by path.
 */
export function envOrExample(files: Readonly<Record<string, Env>>, path: string): Env {
  const examples = ENV_EXAMPLES.map((name) => path.replace(/\.env$/, name))
  const endings = ENV_EXAMPLES.filter((name) => name.startsWith(".")).map((name) => path + name.slice(4))
  const all = [path, ...(path.endsWith(".env") ? examples : []), ...endings]
  const found = all.find((name) => name in files)
  return found === undefined ? {} : (files[found] ?? {})
}

const ENV_LINE =
  /^\s*(?:export\s+)?(?<name>[A-Za-z_]\w*)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|'(?<single>[^']*)'|(?<plain>.*))/

/** Splits a command line into words, as a shell does: quotes and backslashes count, nothing is expanded. */
export function shellWords(line: string): readonly string[] {
  const parts = line.match(/(?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*')+/g) ?? []
  return parts.map((part) =>
    part.replace(/"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|\\([\s\S])/g, (_, double, single, escaped) =>
      double === undefined ? (single ?? escaped) : double.replace(/\\(["\\$`])/g, "$1"),
    ),
  )
}

/** Returns a scalar of YAML as text; null for anything else. */
export function scalar(value: unknown): string | null {
  if (typeof value === "string") return value
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null
}

/** Returns the words of a command: a text is split as a shell does; null for any other value. */
export function wordsOf(value: unknown): readonly string[] | null {
  if (typeof value === "string") return shellWords(value)
  return Array.isArray(value) ? value.flatMap((each) => scalar(each) ?? []) : null
}

/** Returns the lines of a script of GitLab CI: a text, or lists in lists. */
export const scriptLines = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.flatMap(scriptLines) : [scalar(value) ?? ""].filter(Boolean)

/** Returns variables with other values; leaves out those whose value becomes null. */
export const mapValues = <T>(values: Readonly<Record<string, T>>, make: (value: T) => string | null): Env =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, each]) => {
      const value = make(each)
      return value === null ? [] : [[name, value]]
    }),
  )

/** Joins the values that several records have for each key, in their order. */
export function joined(
  records: readonly Readonly<Record<string, readonly string[]>>[],
): Readonly<Record<string, readonly string[]>> {
  const all: Record<string, readonly string[]> = {}
  for (const [key, values] of records.flatMap((one) => Object.entries(one)))
    all[key] = [...(all[key] ?? []), ...values]
  return all
}

/** Reads a map, or a list of `NAME=value`. A name without a value has it from the machine: it is left out. */
export function pairs(value: unknown): Env {
  if (!Array.isArray(value)) return mapValues(recordOf(value), scalar)
  const set = value.filter((each) => typeof each === "string").filter((each) => each.includes("="))
  return Object.fromEntries(
    set.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]),
  )
}

/** Returns the name of an image without its tag and digest: `localhost:5000/redis` of `localhost:5000/redis:7`. */
export const untagged = (image: string): string => image.replace(/@.*$/, "").replace(/:[^/]*$/, "")
