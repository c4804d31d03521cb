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

/** Reads a map, or a list of `NAME=value`. A name without a value has it from the machine: it is left out. */
export function pairs(value: unknown): Env {
  const entries = Array.isArray(value)
    ? value
        .filter((each) => typeof each === "string")
        .map(
          (each) =>
            [
              each.split("=")[0] ?? "",
              each.includes("=") ? each.slice(each.indexOf("=") + 1) : null,
            ] as const,
        )
    : Object.entries(recordOf(value)).map(([name, each]) => [name, scalar(each)] as const)
  return Object.fromEntries(entries.flatMap(([name, each]) => (each === null ? [] : [[name, each]])))
}
