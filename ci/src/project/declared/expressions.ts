import { type JsonRecord, recordOf, recordsOf } from "../../formats/json.js"
import { anyOf } from "../../formats/pattern.js"
import type { Env } from "./found.js"
import { scalar } from "./values.js"

/** Expressions of GitHub's workflows. @see https://docs.github.com/actions/reference/workflows-and-actions/expressions */

/** What expressions are made of. */
export interface Known {
  readonly matrix: JsonRecord
  readonly env: Env
  /** By a service of the job and a port of its: the port of localhost; without an entry it is the same. */
  readonly ports: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** Returns what is known in each run of a job by the first axis of its matrix that a text names: that of the entry itself first. */
export function runsOf(text: string, job: JsonRecord, known: Known): readonly Known[] {
  const name = AXIS.exec(text)?.[1]
  if (name === undefined) return [known]
  const { include, ...axes } = recordOf(recordOf(job.strategy).matrix)
  const own = axes[name]
  const all = [...(Array.isArray(own) ? own : []), ...recordsOf(include).map((one) => one[name])]
  const values = all.filter((value) => value !== undefined)
  const here = known.matrix[name]
  const others = values.filter((value) => JSON.stringify(value) !== JSON.stringify(here))
  return values.length === 0
    ? [known]
    : [here ?? others.shift(), ...others].map((value) => ({
        ...known,
        matrix: { ...known.matrix, [name]: value },
      }))
}

const AXIS = /\$\{\{\s*matrix\.([\w-]+)/

/** Matches an expression; what it consists of is the first group. */
export const EXPRESSION = /\$\{\{\s*(.*?)\s*\}\}/g

/** Returns a text with its expressions replaced; null where one has a value that only GitHub knows. */
export function evaluated(text: string, known: Known): string | null {
  let unknown = false
  const done = text.replace(EXPRESSION, (_, expression: string) => {
    const values = expression.split("||").map((operands) => bothOf(operands, known))
    unknown ||= values.every((value) => value === null)
    return values.find(isTrue) ?? values.findLast((value) => value !== null) ?? ""
  })
  return unknown ? null : done
}

const isTrue = (value: string | null): boolean => value !== null && !["", "false", "0"].includes(value)

/** The value of `matrix.tls && '1'`: the first one that is false, else the last; null where nobody can tell. */
function bothOf(operands: string, known: Known): string | null {
  const values = operands.split("&&").map((one) => comparedOf(one.trim(), known))
  if (values.includes(null)) return null
  return values.find((value) => !isTrue(value)) ?? values.at(-1) ?? null
}

/** The value of a comparison, of a negation, or of an operand alone. */
function comparedOf(text: string, known: Known): string | null {
  const { name = "", operator, value } = COMPARISON.exec(text)?.groups ?? {}
  const own = operandOf(operator === undefined ? text.replace(/^!\s*/, "") : name, known)
  if (own === null) return null
  if (operator !== undefined) return String((own === value) === (operator === "=="))
  return text.startsWith("!") ? String(!isTrue(own)) : own
}

/** Returns the value of an operand; null for one that only GitHub knows: `secrets.PASSWORD`. */
function operandOf(operand: string, { matrix, env, ports }: Known): string | null {
  const { scope, name = "", service = "", port, text } = REFERENCE.exec(operand)?.groups ?? {}
  if (text !== undefined) return text.replaceAll("''", "'")
  if (port !== undefined) return String(ports[service]?.[port] ?? port)
  // Stages run on Linux.
  if (scope === "runner") return name === "os" ? "Linux" : null
  if (scope !== "matrix") return env[name] ?? null
  const value = valueAt(matrix, name)
  // A name that this entry of the matrix has not is an empty text.
  return scalar(value) ?? (value === undefined && Object.keys(matrix).length > 0 ? "" : null)
}

/** `matrix.node`, `matrix.db.version`, `env.PORT`, `job.services.db.ports['5432']`, `'text'`. */
const REFERENCE = anyOf([
  /^(?<scope>matrix|env|runner)\.(?<name>[\w.-]+)$/,
  /^job\.services\.(?<service>[\w-]+)\.ports\[['"]?(?<port>\d+)['"]?\]$/,
  /^'(?<text>(?:[^']|'')*)'$/,
])

/** The value of `db.version`: a matrix may have records as values. */
const valueAt = (matrix: JsonRecord, name: string): unknown =>
  name.split(".").reduce<unknown>((value, key) => recordOf(value)[key], matrix)

/** `matrix.db == 'mysql'`. */
const COMPARISON = /^(?<name>(?:matrix|env)\.[\w.-]+)\s*(?<operator>[=!]=)\s*'?(?<value>[^']*?)'?$/

/** Tells whether a condition is certainly false for the first run of a matrix. */
export const isFalse = (condition: unknown, known: Known): boolean =>
  (scalar(condition) ?? "")
    .replace(/^\s*\$\{\{|\}\}\s*$/g, "")
    .split("&&")
    .some((part) => {
      const own = comparedOf(part.trim(), known)
      return own !== null && !isTrue(own)
    })
