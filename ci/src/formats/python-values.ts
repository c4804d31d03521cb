/** The values of Python's expressions, as far as they can be told without running them. */
import { DEEPER, type PyToken } from "./python-source.js"

/** A text (numbers, `True` and `None` as they are written), a list or tuple, a dict; null for what nobody can tell. */
export type PyValue = string | readonly PyValue[] | ReadonlyMap<string, PyValue> | null

/** What a call is given. */
export interface PyArguments {
  readonly listed: readonly PyValue[]
  readonly named: Readonly<Record<string, PyValue>>
}

/** What names and calls stand for. */
export interface PyScope {
  /** @param name with its dots: `session.posargs` */
  readonly value: (name: string) => PyValue
  readonly call: (name: string, given: PyArguments) => PyValue
}

/** True for a list or a tuple. */
export const isList = (value: PyValue): value is readonly PyValue[] => Array.isArray(value)
/** True for a dict. */
export const isDict = (value: PyValue): value is ReadonlyMap<string, PyValue> => value instanceof Map

/** Tells whether a value counts as true; null for what nobody can tell. */
export function truth(value: PyValue): boolean | null {
  if (value === null) return null
  if (typeof value === "string") return !["", "False", "None", "0"].includes(value)
  return isList(value) ? value.length > 0 : value.size > 0
}

const not = (value: PyValue): PyValue => chosen(truth(value), "False", "True")

/** The place in some tokens that is read next. */
interface Reader {
  readonly tokens: readonly PyToken[]
  readonly scope: PyScope
  at: number
}

const next = ({ tokens, at }: Reader): string =>
  tokens[at]?.kind === "string" || tokens[at]?.kind === "template" ? "" : (tokens[at]?.text ?? "")

function takes(reader: Reader, text: string): boolean {
  const is = next(reader) === text
  if (is) reader.at++
  return is
}

/** Returns the value of an expression; null where a part of it cannot be told. */
export function pythonValue(tokens: readonly PyToken[], scope: PyScope): PyValue {
  const reader: Reader = { tokens, scope, at: 0 }
  const first = either(reader)
  if (next(reader) !== ",") return reader.at === tokens.length ? first : null
  // A tuple without brackets.
  const all = [first]
  while (takes(reader, ",") && reader.at < tokens.length) all.push(either(reader))
  return reader.at === tokens.length ? all : null
}

/** `a if b else c` */
function either(reader: Reader): PyValue {
  const value = anyOne(reader)
  if (!takes(reader, "if")) return value
  const holds = truth(anyOne(reader))
  return takes(reader, "else") ? chosen(holds, value, either(reader)) : null
}

const chosen = (holds: boolean | null, value: PyValue, other: PyValue): PyValue => {
  if (holds === null) return null
  return holds ? value : other
}

/** `a or b` */
function anyOne(reader: Reader): PyValue {
  const value = negated(reader)
  if (!takes(reader, "or")) return value
  return chosen(truth(value), value, anyOne(reader))
}

function negated(reader: Reader): PyValue {
  return takes(reader, "not") ? not(negated(reader)) : sum(reader)
}

/** `a + b` of texts or of lists. */
function sum(reader: Reader): PyValue {
  const value = part(reader)
  if (!takes(reader, "+")) return value
  const other = sum(reader)
  if (typeof value === "string" && typeof other === "string") return value + other
  return isList(value) && isList(other) ? [...value, ...other] : null
}

/** A value with what is called or taken of it. */
function part(reader: Reader): PyValue {
  const token = reader.tokens[reader.at]
  if (token === undefined) return null
  let value = token.kind === "name" ? named(reader) : plain(reader, token)
  while (next(reader) === "[" || next(reader) === "." || next(reader) === "(") value = within(reader, value)
  return value
}

function plain(reader: Reader, { kind, text }: PyToken): PyValue {
  if (kind === "string" || kind === "template") return texts(reader)
  reader.at++
  if (kind === "number") return text
  if (text === "[") return listed(reader, "]").all
  if (text === "{") return dict(reader)
  if (text !== "(") return null
  const { all, isTuple } = listed(reader, ")")
  return isTuple ? all : (all[0] ?? null)
}

/** Texts that stand behind each other are one. */
function texts(reader: Reader): PyValue {
  let value: string | null = ""
  for (let token = reader.tokens[reader.at]; token !== undefined; token = reader.tokens[reader.at]) {
    if (token.kind !== "string" && token.kind !== "template") break
    reader.at++
    const text = token.kind === "string" ? token.text : filled(token.text, reader.scope)
    value = value === null || text === null ? null : value + text
  }
  return value
}

/** An f-string, of which every name is known. */
function filled(template: string, { value }: PyScope): string | null {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => value(name))
  if (names.some((one) => typeof one !== "string")) return null
  return template.replace(/\{([^{}]*)\}/g, (_, name: string) => String(value(name)))
}

/** A name with its dots, or a call of it. */
function named(reader: Reader): PyValue {
  let name = next(reader)
  reader.at++
  while (next(reader) === "." && reader.tokens[reader.at + 1]?.kind === "name") {
    name += `.${reader.tokens[reader.at + 1]?.text}`
    reader.at += 2
  }
  if (/^(?:True|False|None)$/.test(name)) return name
  return takes(reader, "(") ? reader.scope.call(name, given(reader)) : reader.scope.value(name)
}

/** What a bracket or a dot behind a value takes of it. */
function within(reader: Reader, value: PyValue): PyValue {
  if (takes(reader, "(")) {
    given(reader)
    return null
  }
  if (takes(reader, ".")) {
    reader.at++
    return null
  }
  reader.at++
  const [key = null, ...others] = listed(reader, "]").all
  if (typeof key !== "string" || others.length > 0) return null
  if (isDict(value)) return value.get(key) ?? null
  return isList(value) && /^\d+$/.test(key) ? (value[Number(key)] ?? null) : null
}

/** Passes over what cannot be read, up to the end of a part. */
function passOver(reader: Reader, ends: readonly string[]): void {
  let depth = 0
  while (reader.at < reader.tokens.length) {
    const text = next(reader)
    if (depth === 0 && ends.includes(text)) return
    depth += DEEPER[text] ?? 0
    reader.at++
  }
}

/** A value that ends with a comma or its bracket; null for one that goes on otherwise. */
function element(reader: Reader, ends: readonly string[]): PyValue {
  const value = either(reader)
  if (ends.includes(next(reader))) return value
  passOver(reader, ends)
  return null
}

function listed(
  reader: Reader,
  end: string,
): { readonly all: readonly PyValue[]; readonly isTuple: boolean } {
  const all: PyValue[] = []
  let isTuple = next(reader) === end
  while (reader.at < reader.tokens.length && !takes(reader, end)) {
    const spread = takes(reader, "*")
    const value = element(reader, [",", end])
    all.push(...(spread && isList(value) ? value : [spread ? null : value]))
    isTuple = takes(reader, ",") || isTuple
  }
  return { all, isTuple }
}

function dict(reader: Reader): PyValue {
  const found = new Map<string, PyValue>()
  let isKnown = true
  while (reader.at < reader.tokens.length && !takes(reader, "}")) {
    const spread = takes(reader, "**")
    const key = element(reader, [":", ",", "}"])
    const value = takes(reader, ":") ? element(reader, [",", "}"]) : null
    if (spread && isDict(key)) for (const [name, one] of key) found.set(name, one)
    else if (typeof key === "string") found.set(key, value)
    else isKnown = false
    takes(reader, ",")
  }
  return isKnown ? found : null
}

/** The arguments of a call, whose bracket is open. */
function given(reader: Reader): PyArguments {
  const all: PyValue[] = []
  const named: Record<string, PyValue> = {}
  while (reader.at < reader.tokens.length && !takes(reader, ")")) {
    const key = reader.tokens[reader.at]?.kind === "name" && reader.tokens[reader.at + 1]?.text === "="
    const name = key ? next(reader) : ""
    if (key) reader.at += 2
    const spread = takes(reader, "*")
    const isDictionary = takes(reader, "**")
    const value = element(reader, [",", ")"])
    if (key) named[name] = value
    else if (spread) all.push(...(isList(value) ? value : [null]))
    else if (!isDictionary) all.push(value)
    takes(reader, ",")
  }
  return { listed: all, named }
}

/** A call, by its name with dots. */
export interface PyCall {
  readonly name: string
  readonly given: PyArguments
}

/** Returns the call that a statement consists of; null for another statement. */
export function pythonCall(tokens: readonly PyToken[], scope: PyScope): PyCall | null {
  const open = tokens.findIndex(({ kind, text }) => kind === "mark" && text === "(")
  const words = tokens.slice(0, Math.max(open, 0)).map(({ text }) => text)
  const name = words.join("")
  if (!/^[A-Za-z_][\w.]*$/.test(name)) return null
  const reader: Reader = { tokens, scope, at: open + 1 }
  const call = { name, given: given(reader) }
  return reader.at === tokens.length ? call : null
}
