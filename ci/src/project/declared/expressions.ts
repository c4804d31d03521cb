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

/** Returns the values of the first run of a matrix. */
export function matrixOf(job: JsonRecord): JsonRecord {
  const { include, ...axes } = recordOf(recordOf(job.strategy).matrix)
  const first = Object.entries(axes).map(([name, values]) => [
    name,
    Array.isArray(values) ? values[0] : undefined,
  ])
  return { ...recordsOf(include)[0], ...Object.fromEntries(first) }
}

/** Returns what is known in each run of a job by the first axis of its matrix that a text names; of other axes, the first value counts. */
export function runsOf(text: string, job: JsonRecord, known: Known): readonly Known[] {
  const name = AXIS.exec(text)?.[1]
  if (name === undefined) return [known]
  const { include, ...axes } = recordOf(recordOf(job.strategy).matrix)
  const own = axes[name]
  const all = [...(Array.isArray(own) ? own : []), ...recordsOf(include).map((one) => one[name])]
  const values = all.filter((value) => value !== undefined)
  return values.length === 0
    ? [known]
    : values.map((value) => ({ ...known, matrix: { ...known.matrix, [name]: value } }))
}

const AXIS = /\$\{\{\s*matrix\.([\w-]+)/

/** Matches an expression; what it consists of is the first group. */
export const EXPRESSION = /\$\{\{\s*(.*?)\s*\}\}/g

/** Returns a text with its expressions replaced; null where one has a value that only GitHub knows. */
export function evaluated(text: string, known: Known): string | null {
  let unknown = false
  const done = text.replace(EXPRESSION, (_, expression: string) => {
    const values = expression.split("||").map((operand) => operandOf(operand.trim(), known))
    unknown ||= values.every((value) => value === null)
    return values.find(Boolean) ?? ""
  })
  return unknown ? null : done
}

/** Returns the value of an operand; null for one that only GitHub knows: `secrets.PASSWORD`. */
function operandOf(operand: string, { matrix, env, ports }: Known): string | null {
  const { scope, name = "", service = "", port, text } = REFERENCE.exec(operand)?.groups ?? {}
  if (text !== undefined) return text.replaceAll("''", "'")
  if (port !== undefined) return String(ports[service]?.[port] ?? port)
  return scope === "matrix" ? scalar(valueAt(matrix, name)) : (env[name] ?? null)
}

/** `matrix.node`, `matrix.db.version`, `env.PORT`, `job.services.db.ports['5432']`, `'text'`. */
const REFERENCE = anyOf([
  /^(?<scope>matrix|env)\.(?<name>[\w.-]+)$/,
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
      const { name = "", operator, value } = COMPARISON.exec(part.trim())?.groups ?? {}
      const own = evaluated(`\${{ ${name} }}`, known)
      return operator !== undefined && own !== null && (own === value) !== (operator === "==")
    })
