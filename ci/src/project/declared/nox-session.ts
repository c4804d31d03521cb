/** What a session of nox installs and runs. @see https://nox.thea.codes/en/stable/config.html#the-session-object */
import type { JsonRecord } from "../../formats/json.js"
import type { PyStatement } from "../../formats/python-source.js"
import {
  isList,
  type PyArguments,
  type PyCall,
  type PyValue,
  pythonCall,
  pythonValue,
  truth,
} from "../../formats/python-values.js"
import { pathFrom } from "../paths.js"
import type { Env } from "./found.js"
import { PYTHON_TESTS } from "./languages.js"
import { assign, type NoxFile, type NoxSession, scopeOf, textsIn, UNKNOWN, wordOf } from "./nox-file.js"
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
  readonly toml: JsonRecord
  readonly values: Map<string, PyValue>
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

/** Reads statements in their order. A branch that nobody can choose, and what is called with the session, stays unread. */
function read(reading: Reading, statements: readonly PyStatement[]): void {
  let isChosen: boolean | null = false
  for (const statement of statements) {
    if (reading.ended) return
    const [first] = statement.tokens
    const word = first?.kind === "name" ? first.text : ""
    if (/^(?:if|elif|else)$/.test(word))
      isChosen = branch(reading, statement, word === "if" ? false : isChosen)
    else if (statement.body.length > 0) (BLOCKS[word] ?? unsure)(reading, statement)
    else if (word === "return") reading.ended = true
    else line(reading, statement)
  }
}

/** Tells whether a statement does something with the session: calls what brings or runs, or hands it on. */
const concerns = ({ session }: Reading, { tokens }: PyStatement): boolean =>
  tokens.some(({ kind, text }, i) => {
    const [dot, attribute] = tokens.slice(i + 1)
    return kind === "name" && text === session && !(dot?.text === "." && HARMLESS.test(attribute?.text ?? ""))
  })

/** Reads a branch where it is the one that runs. @param before whether one before it does; null if nobody can tell. */
function branch(reading: Reading, statement: PyStatement, before: boolean | null): boolean | null {
  const { tokens, body } = statement
  if (before === true) return true
  const scope = scopeOf(reading.values, reading.toml)
  const holds = tokens[0]?.text === "else" ? true : truth(pythonValue(tokens.slice(1), scope))
  if (before === false && holds !== null) {
    if (holds) read(reading, body)
    return holds
  }
  notRead(reading, body)
  return null
}

/** Notes what statements would do that nobody can tell to run: the names that they change are unknown. */
function notRead(reading: Reading, body: readonly PyStatement[]): void {
  for (const one of body) {
    const name = one.tokens[0]?.text ?? ""
    if (one.body.length === 0 && concerns(reading, one)) perhaps(reading, one)
    if (reading.values.has(name)) reading.values.set(name, null)
    notRead(reading, one.body)
  }
}

/** What may run counts where it is tests: then no other call says which of them the team runs. */
function perhaps(reading: Reading, { tokens }: PyStatement): void {
  reading.unread = true
  const call = pythonCall(tokens, scopeOf(reading.values, reading.toml))
  if (call === null || METHODS[methodOf(reading, call.name) ?? ""] !== runs) return
  if (PYTHON_TESTS.test(call.given.listed.map(wordOf).join(" "))) runs(reading, call.given)
}

const methodOf = ({ session }: Reading, name: string): string | null =>
  name.startsWith(`${session}.`) ? name.slice(session.length + 1) : null

/** Statements whose block runs. */
const BLOCKS: Readonly<Record<string, (reading: Reading, statement: PyStatement) => void>> = {
  with: (reading, { tokens, body }) => {
    const { folder } = reading
    line(reading, { tokens: tokens.slice(1), body: [] })
    read(reading, body)
    reading.folder = folder
  },
  try: (reading, { body }) => read(reading, body),
  finally: (reading, { body }) => read(reading, body),
  for: loop,
}

function unsure(reading: Reading, { body }: PyStatement): void {
  notRead(reading, body)
}

/** `for name in ["a", "b"]:` */
function loop(reading: Reading, { tokens, body }: PyStatement): void {
  const at = tokens.findIndex(({ text }) => text === "in")
  const list = pythonValue(tokens.slice(at + 1), scopeOf(reading.values, reading.toml))
  if (at !== 2 || !isList(list)) {
    notRead(reading, body)
    return
  }
  for (const value of list) {
    reading.values.set(tokens[1]?.text ?? "", value)
    read(reading, body)
  }
}

/** A statement without a block. */
function line(reading: Reading, statement: PyStatement): void {
  const { values, toml } = reading
  const call = pythonCall(statement.tokens, scopeOf(values, toml))
  const method = call === null ? null : methodOf(reading, call.name)
  const known = method === null ? undefined : METHODS[method]
  if (call !== null && known !== undefined) {
    known(reading, call.given)
    return
  }
  if (concerns(reading, statement)) reading.unread = true
  if (call !== null && changesList(values, call)) return
  if (!setsVariable(reading, statement)) assign(statement, values, toml)
}

const ADDED: Readonly<Record<string, (value: PyValue) => readonly PyValue[] | null>> = {
  append: (value) => [value],
  extend: (value) => (isList(value) ? value : null),
}

/** `args.append("-x")`, `args.extend(session.posargs)` */
function changesList(values: Map<string, PyValue>, { name, given: { listed } }: PyCall): boolean {
  const [, list = "", how = ""] = /^(\w+)\.(append|extend|insert|update|remove)$/.exec(name) ?? []
  if (list === "") return false
  const before = values.get(list) ?? null
  const added = ADDED[how]?.(listed[0] ?? null) ?? null
  values.set(list, isList(before) && added !== null ? [...before, ...added] : null)
  return true
}

/** `session.env["NAME"] = "value"` */
function setsVariable(reading: Reading, { tokens }: PyStatement): boolean {
  const [session, , env, , key, , mark] = tokens
  if (session?.text !== reading.session || env?.text !== "env" || mark?.text !== "=") return false
  const value = pythonValue(tokens.slice(7), scopeOf(reading.values, reading.toml))
  if (typeof value === "string") reading.env = { ...reading.env, [key?.text ?? ""]: value }
  return true
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
    ...{ session, toml, values: known, deps: [], runs: [], notified: [] },
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
