/** The sessions of nox, as far as a noxfile.py says what they do without being run. @see https://nox.thea.codes/en/stable/config.html */
import { type JsonRecord, textsOf } from "../../formats/json.js"
import { type PyStatement, pythonStatements } from "../../formats/python-source.js"
import {
  isDict,
  isList,
  type PyCall,
  type PyScope,
  type PyValue,
  pythonCall,
  pythonValue,
  truth,
} from "../../formats/python-values.js"

/** A session: its statements, and how it is chosen. */
export interface NoxSession {
  readonly name: string
  /** The name of its first parameter. */
  readonly session: string
  readonly tags: readonly string[]
  /** False for one that runs only where it is named. */
  readonly usual: boolean
  /** True where its programs come from elsewhere than the index of Python. */
  readonly conda: boolean
  readonly body: readonly PyStatement[]
  /** The first value of each of its parameters. */
  readonly parameters: ReadonlyMap<string, PyValue>
}

/** What a noxfile.py says. */
export interface NoxFile {
  readonly sessions: readonly NoxSession[]
  /** The names of those that run where none is named; null where nobody can tell. */
  readonly usual: readonly string[] | null
  /** The constants of the file. */
  readonly values: ReadonlyMap<string, PyValue>
}

const fromJson = (value: unknown): PyValue => {
  if (typeof value === "string") return value
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value !== "object" || value === null) return value === undefined ? null : String(value)
  return new Map(Object.entries(value).map(([key, one]) => [key, fromJson(one)]))
}

/** Returns what names and calls in a noxfile.py stand for. @param toml the project's pyproject.toml. */
export const scopeOf = (values: ReadonlyMap<string, PyValue>, toml: JsonRecord): PyScope => ({
  value: (name) => values.get(name) ?? null,
  call: (name, { listed, named }) => {
    const [first = null, ...others] = listed
    if (/^(?:str|list|tuple|Path)$/.test(name)) return first
    if (name === "dict") return new Map(Object.entries(named))
    if (name.endsWith("load_toml"))
      return first === "pyproject.toml" || first === null ? fromJson(toml) : null
    return name.endsWith("dependency_groups") ? others.map((one) => `--group=${wordOf(one)}`) : null
  },
})

/** Keeps what an assignment says: `NAME = …`, `NAME += […]`; what else changes names makes them unknown. */
export function assign({ tokens }: PyStatement, values: Map<string, PyValue>, toml: JsonRecord): void {
  const at = tokens.findIndex(({ kind, text }) => kind === "mark" && /^[+|]?=$/.test(text))
  if (at < 1) return
  const isTyped = tokens[1]?.text === ":"
  const left = tokens.slice(0, isTyped ? 1 : at)
  const name = left.map(({ text }) => text).join("")
  const value = pythonValue(tokens.slice(at + 1), scopeOf(values, toml))
  const before = values.get(name) ?? null
  if (!/^[\w.]+$/.test(name)) for (const { kind, text } of left) if (kind === "name") values.set(text, null)
  if (tokens[at]?.text === "=") values.set(name, value)
  else values.set(name, isList(before) && isList(value) ? [...before, ...value] : null)
}

/** Reads a noxfile.py. */
export function readNoxFile(text: string, toml: JsonRecord): NoxFile {
  const values = new Map<string, PyValue>()
  const sessions: NoxSession[] = []
  let decorators: PyCall[] = []
  for (const statement of pythonStatements(text)) {
    const [first, second] = statement.tokens
    if (first?.text === "@") decorators.push(decoratorOf(statement, values, toml))
    else if (first?.text === "def") {
      const own = sessionOf(statement, second?.text ?? "", decorators)
      if (own !== null) sessions.push(own)
    } else assign(statement, values, toml)
    if (first?.text !== "@") decorators = []
  }
  const named = values.get("nox.options.sessions")
  const usual = named === undefined ? sessions.filter((one) => one.usual).map(({ name }) => name) : named
  const isKnown = isList(usual) && usual.every((one) => typeof one === "string")
  return { sessions, usual: isKnown ? textsOf(usual) : null, values }
}

/** `@nox.session(python="3.12")`, `@nox.session` */
function decoratorOf(
  { tokens }: PyStatement,
  values: ReadonlyMap<string, PyValue>,
  toml: JsonRecord,
): PyCall {
  const name = tokens
    .slice(1)
    .map(({ text }) => text)
    .join("")
  return pythonCall(tokens.slice(1), scopeOf(values, toml)) ?? { name, given: { listed: [], named: {} } }
}

const SESSION = /^(?:nox\.)?session$/

function sessionOf(
  { tokens, body }: PyStatement,
  called: string,
  decorators: readonly PyCall[],
): NoxSession | null {
  const own = decorators.find(({ name }) => SESSION.test(name))
  if (own === undefined) return null
  const { name = called, tags = [], venv_backend: backend = "" } = own.given.named
  const parameters = decorators.flatMap(({ name, given: { listed } }) => {
    const [names, lists] = listed
    return name.endsWith("parametrize") && typeof names === "string" ? firstOf(names, lists ?? null) : []
  })
  return {
    name: typeof name === "string" ? name : called,
    session: tokens[3]?.text ?? "session",
    tags: isList(tags) ? textsOf(tags) : [],
    usual: truth(own.given.named.default ?? "True") !== false,
    conda: typeof backend === "string" && /conda|mamba/.test(backend),
    body,
    parameters: new Map(parameters),
  }
}

/** The first values of parameters: `"django,python", [("4.2", "3.10")]`. */
function firstOf(names: string, values: PyValue): readonly (readonly [string, PyValue])[] {
  const all = names.split(",").map((name) => name.trim())
  const first = isList(values) ? (values[0] ?? null) : null
  const each = isList(first) ? first : []
  return all.map((name, i) => [name, all.length === 1 ? first : (each[i] ?? null)])
}

/** Returns the texts of a dict; without those that nobody can tell. */
export const textsIn = (value: PyValue): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...(isDict(value) ? value : [])].flatMap(([key, one]) => (typeof one === "string" ? [[key, one]] : [])),
  )

/** A word of a command that nobody can tell: as unknown as a variable. */
export const UNKNOWN = "$unknown"

/** Returns a value as a word of a command. */
export const wordOf = (value: PyValue): string => (typeof value === "string" ? value : UNKNOWN)
