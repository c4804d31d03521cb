/** The sessions of nox, as far as a noxfile.py says what they do without being run. @see https://nox.thea.codes/en/stable/config.html */
import { type JsonRecord, textsOf } from "../../formats/json.js"
import { assign, type PyNames, scopeOfNames } from "../../formats/python-assignments.js"
import { clausesOf, type PyNode, parsePython, statementsOf } from "../../formats/python-tree.js"
import {
  argumentsOf,
  isDict,
  isList,
  type PyCall,
  type PyScope,
  type PyValue,
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
  readonly body: readonly PyNode[]
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
export function scopeOf(values: ReadonlyMap<string, PyValue>, toml: JsonRecord): PyScope {
  const plain = scopeOfNames(values)
  return {
    ...plain,
    call: (call) => {
      const { name, given } = call
      const [first = null, ...others] = given.listed
      if (name === "Path") return first
      if (name.endsWith("load_toml"))
        return first === "pyproject.toml" || first === null ? fromJson(toml) : null
      if (name.endsWith("dependency_groups")) return others.map((one) => `--group=${wordOf(one)}`)
      return plain.call(call)
    },
  }
}

/** Reads a noxfile.py. */
export async function readNoxFile(text: string, toml: JsonRecord): Promise<NoxFile> {
  const values: PyNames = new Map()
  const scope = scopeOf(values, toml)
  const sessions: NoxSession[] = []
  for (const statement of statementsOf(await parsePython(text))) {
    if (statement.kind === "DecoratedStatement") sessions.push(...sessionOf(statement, scope))
    else assign(statement, values, scope)
  }
  const named = values.get("nox.options.sessions")
  const usual = named === undefined ? sessions.filter((one) => one.usual).map(({ name }) => name) : named
  const isKnown = isList(usual) && usual.every((one) => typeof one === "string")
  return { sessions, usual: isKnown ? textsOf(usual) : null, values }
}

const partsOf = ({ parts }: PyNode, kind: string): readonly PyNode[] =>
  parts.filter((part) => part.kind === kind)

/** `@nox.session(python="3.12")`, `@nox.session` */
function decoratorOf(decorator: PyNode, scope: PyScope): PyCall {
  const names = partsOf(decorator, "VariableName").map(({ text }) => text)
  const [list] = partsOf(decorator, "ArgList")
  return { name: names.join("."), given: list ? argumentsOf(list, scope) : { listed: [], named: {} } }
}

const SESSION = /^(?:nox\.)?session$/

function sessionOf(decorated: PyNode, scope: PyScope): readonly NoxSession[] {
  const decorators = partsOf(decorated, "Decorator").map((one) => decoratorOf(one, scope))
  const own = decorators.find(({ name }) => SESSION.test(name))
  const [definition] = partsOf(decorated, "FunctionDefinition")
  if (own === undefined || definition === undefined) return []
  const [called] = partsOf(definition, "VariableName")
  const [session] = partsOf(definition, "ParamList").flatMap((list) => partsOf(list, "VariableName"))
  const { name, tags = [], venv_backend: backend = "" } = own.given.named
  const parameters = decorators.flatMap(({ name, given: { listed } }) => {
    const [names, lists] = listed
    return name.endsWith("parametrize") && typeof names === "string" ? firstOf(names, lists ?? null) : []
  })
  return [
    {
      name: typeof name === "string" ? name : (called?.text ?? ""),
      session: session?.text ?? "session",
      tags: isList(tags) ? textsOf(tags) : [],
      usual: truth(own.given.named.default ?? "True") !== false,
      conda: typeof backend === "string" && /conda|mamba/.test(backend),
      body: clausesOf(definition).flatMap(({ body }) => body),
      parameters: new Map(parameters),
    },
  ]
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
