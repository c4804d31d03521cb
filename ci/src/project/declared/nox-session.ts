/** What a session of nox installs and runs. @see https://nox.thea.codes/en/stable/config.html#the-session-object */
import type { JsonRecord } from "../../formats/json.js"
import { assign, changeList, forget, type PyNames } from "../../formats/python-assignments.js"
import { clausesOf, dividedAt, dottedName, type PyNode } from "../../formats/python-tree.js"
import {
  isList,
  type PyArguments,
  type PyScope,
  pythonCall,
  pythonValue,
  truth,
} from "../../formats/python-values.js"
import { pathFrom } from "../paths.js"
import type { Env } from "./found.js"
import { PYTHON_TESTS } from "./languages.js"
import { type NoxFile, type NoxSession, scopeOf, textsIn, UNKNOWN, wordOf } from "./nox-file.js"
import { plainWord, type ToolEnvironment } from "./tool-environments.js"

/** A command of a session. */
interface NoxRun {
  readonly run: string
  readonly env: Env
  readonly folder: string
}

/** What a session does. */
export interface NoxWork {
  readonly environments: readonly ToolEnvironment[]
  /** True where a part of it cannot be told without running it. */
  readonly unread: boolean
}

/** What is known of a session while its statements are read. */
interface Reading {
  readonly session: string
  readonly values: PyNames
  readonly scope: PyScope
  readonly deps: string[]
  readonly runs: NoxRun[]
  /** Names of sessions that run behind it. */
  readonly notified: string[]
  env: Env
  folder: string | null
  unread: boolean
  ended: boolean
}

/** What of a session neither checks nor brings anything. */
const HARMLESS =
  /^(?:log|warn|debug|create_tmp|skip|error|posargs|python|env|bin|bin_paths|name|interactive|virtualenv|cache_dir)$/

const METHODS: Readonly<Record<string, (reading: Reading, given: PyArguments) => void>> = {
  install: install,
  run: runs,
  run_always: runs,
  run_install: runs,
  chdir: change,
  cd: change,
  notify: ({ notified }, { listed: [name = null] }) => void notified.push(wordOf(name)),
}

function install(reading: Reading, { listed }: PyArguments): void {
  const words = listed.map(wordOf)
  if (words.includes(UNKNOWN)) reading.unread = true
  reading.deps.push(...words.filter((word) => word !== UNKNOWN))
}

function runs(reading: Reading, { listed, named }: PyArguments): void {
  const [program = null] = listed
  if (typeof program !== "string" || reading.folder === null) {
    reading.unread = true
    return
  }
  const mayFail = "success_codes" in named ? " || true" : ""
  const env = { ...reading.env, ...textsIn(named.env ?? null) }
  reading.runs.push({
    run: listed.map((one) => plainWord(wordOf(one))).join(" ") + mayFail,
    env,
    folder: reading.folder,
  })
}

function change(reading: Reading, { listed: [to = null] }: PyArguments): void {
  reading.folder = typeof to === "string" && reading.folder !== null ? pathFrom(reading.folder, to) : null
}

/** How each kind of statement is read. Of others, as of functions within, nobody can tell whether their block runs. */
const STATEMENTS: Readonly<Record<string, (reading: Reading, statement: PyNode) => void>> = {
  IfStatement: branches,
  ForStatement: loop,
  WithStatement: within,
  TryStatement: (reading, statement) => {
    for (const { word, body } of clausesOf(statement))
      if (word === "except") notRead(reading, body)
      else read(reading, body)
  },
  ExpressionStatement: (reading, { parts: [expression] }) => evaluate(reading, expression),
  ReturnStatement: (reading, { parts: [, expression] }) => {
    evaluate(reading, expression)
    reading.ended = true
  },
  AssignStatement: changeName,
  UpdateStatement: changeName,
}

/** Reads statements in their order. */
function read(reading: Reading, statements: readonly PyNode[]): void {
  for (const statement of statements) {
    if (reading.ended) return
    const reader = STATEMENTS[statement.kind]
    if (reader === undefined) notRead(reading, [statement])
    else reader(reading, statement)
  }
}

/** Tells whether an expression does something with the session: calls what brings or runs, or hands it on. */
function concerns(reading: Reading, node: PyNode): boolean {
  const attribute = methodOf(reading, dottedName(node) ?? "")?.split(".")[0]
  if (attribute !== undefined) return !HARMLESS.test(attribute)
  if (node.kind === "VariableName") return node.text === reading.session
  return node.parts.some((part) => concerns(reading, part))
}

const methodOf = ({ session }: Reading, name: string): string | null =>
  name.startsWith(`${session}.`) ? name.slice(session.length + 1) : null

/** Reads the branch that runs. One that nobody can choose stays unread. */
function branches(reading: Reading, statement: PyNode): void {
  let before: boolean | null = false
  for (const { word, head, body } of clausesOf(statement)) {
    if (before === true) return
    const holds: boolean | null = word === "else" ? true : truth(pythonValue(head[0], reading.scope))
    if (before === null || holds === null) {
      notRead(reading, body)
      before = null
      continue
    }
    if (holds) read(reading, body)
    before = holds
  }
}

/** Notes what statements would do that nobody can tell to run. */
function notRead(reading: Reading, statements: readonly PyNode[]): void {
  for (const statement of statements) {
    const clauses = clausesOf(statement)
    if (clauses.length === 0 && concerns(reading, statement)) perhaps(reading, statement)
    forget(statement, reading.values)
    for (const { body } of clauses) notRead(reading, body)
  }
}

/** What may run counts where it is tests: then no other call says which of them the team runs. */
function perhaps(reading: Reading, { parts: [expression] }: PyNode): void {
  reading.unread = true
  const call = expression === undefined ? null : pythonCall(expression, reading.scope)
  if (call === null || METHODS[methodOf(reading, call.name) ?? ""] !== runs) return
  if (PYTHON_TESTS.test(call.given.listed.map(wordOf).join(" "))) runs(reading, call.given)
}

/** `with session.chdir("docs"):` */
function within(reading: Reading, statement: PyNode): void {
  const { folder } = reading
  for (const { head, body } of clausesOf(statement)) {
    for (const [context] of dividedAt(head, ",")) evaluate(reading, context)
    read(reading, body)
  }
  reading.folder = folder
}

/** `for name in ["a", "b"]:` */
function loop(reading: Reading, statement: PyNode): void {
  const [{ head, body } = { head: [], body: [] }, ...others] = clausesOf(statement)
  const [[target, ...targets] = [], [source] = []] = dividedAt(head, "in")
  const list = pythonValue(source, reading.scope)
  if (!isList(list) || target === undefined || targets.length > 0) notRead(reading, body)
  else
    for (const value of list) {
      reading.values.set(target.text, value)
      read(reading, body)
    }
  for (const other of others) read(reading, other.body)
}

/** Does what a call of the session says; another that the session is handed to stays unread. */
function evaluate(reading: Reading, expression: PyNode | undefined): void {
  if (expression === undefined) return
  const call = pythonCall(expression, reading.scope)
  const method = METHODS[methodOf(reading, call?.name ?? "") ?? ""]
  if (call !== null && method !== undefined) {
    method(reading, call.given)
    return
  }
  if (concerns(reading, expression)) reading.unread = true
  if (call !== null) changeList(call, reading.values)
}

/** `args = […]`, `session.env["NAME"] = "value"` */
function changeName(reading: Reading, statement: PyNode): void {
  const [target, , value] = statement.parts
  const [object, , key] = target?.parts ?? []
  if (object !== undefined && dottedName(object) === `${reading.session}.env`) {
    const [name, text] = [key, value].map((one) => pythonValue(one, reading.scope))
    if (typeof name === "string" && typeof text === "string") reading.env = { ...reading.env, [name]: text }
    return
  }
  if (concerns(reading, statement)) reading.unread = true
  assign(statement, reading.values, reading.scope)
}

/**
 * Reads what a session does.
 *
 * @param rest what the call of nox hands to it.
 * @param folder that of the noxfile.py, relative to the repository.
 */
export function workOf(
  { values, sessions }: NoxFile,
  { session, body, parameters, conda }: NoxSession,
  {
    rest,
    folder,
    toml,
  }: { readonly rest: readonly string[]; readonly folder: string; readonly toml: JsonRecord },
  depth = 4,
): NoxWork {
  if (conda) return { environments: [], unread: true }
  const known = new Map([...values, ...parameters, [`${session}.posargs`, rest] as const])
  const reading: Reading = {
    ...{ session, scope: scopeOf(known, toml), values: known, deps: [], runs: [], notified: [] },
    ...{ env: {}, folder, unread: false, ended: false },
  }
  read(reading, body)
  const brought = { deps: reading.deps, extras: [], groups: [] }
  const own = reading.runs.map(({ run, ...one }) => ({ ...one, ...brought, commands: [run] }))
  const others = sessions
    .filter(({ name }) => depth > 0 && reading.notified.includes(name))
    .map((one) => workOf({ values, sessions, usual: null }, one, { rest: [], folder, toml }, depth - 1))
  return {
    environments: [...own, ...others.flatMap(({ environments }) => environments)],
    unread: reading.unread || others.some(({ unread }) => unread),
  }
}
