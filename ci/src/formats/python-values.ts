/** The values of Python's expressions, as far as they can be told without running them. */
import { dividedAt, dottedName, type PyNode } from "./python-tree.js"

/** A text (numbers, `True` and `None` as they are written), a list or tuple, a dict; null for what nobody can tell. */
export type PyValue = string | readonly PyValue[] | ReadonlyMap<string, PyValue> | null

/** What a call is given. */
export interface PyArguments {
  readonly listed: readonly PyValue[]
  readonly named: Readonly<Record<string, PyValue>>
}

/** A call, by its name with dots. */
export interface PyCall {
  readonly name: string
  readonly given: PyArguments
}

/** What names and calls stand for. */
export interface PyScope {
  /** @param name with its dots: `session.posargs` */
  readonly value: (name: string) => PyValue
  readonly call: (call: PyCall) => PyValue
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

const chosen = (holds: boolean | null, value: PyValue, other: PyValue): PyValue => {
  if (holds === null) return null
  return holds ? value : other
}

type Reader = (node: PyNode, scope: PyScope) => PyValue

const asWritten: Reader = ({ text }) => text
const items: Reader = ({ parts }, scope) => listOf(parts.slice(1, -1), scope)

/** How each kind of expression is read; of others nobody can tell. */
const READERS: Readonly<Record<string, Reader>> = {
  Number: asWritten,
  Boolean: asWritten,
  None: asWritten,
  String: ({ text }) => unquoted(text),
  FormatString: filled,
  ContinuedString: ({ parts }, scope) => {
    const texts = parts.map((part) => pythonValue(part, scope))
    return texts.every((one) => typeof one === "string") ? texts.join("") : null
  },
  VariableName: ({ text }, scope) => scope.value(text),
  MemberExpression: member,
  CallExpression: (node, scope) => {
    const call = pythonCall(node, scope)
    return call === null ? null : scope.call(call)
  },
  ParenthesizedExpression: ({ parts: [, inner] }, scope) => pythonValue(inner, scope),
  TupleExpression: items,
  ArrayExpression: items,
  DictionaryExpression: dict,
  ConditionalExpression: ({ parts: [value, , condition, , other] }, scope) =>
    chosen(truth(pythonValue(condition, scope)), pythonValue(value, scope), pythonValue(other, scope)),
  BinaryExpression: joined,
  UnaryExpression: negated,
}

/** Returns the value of an expression; null where a part of it cannot be told. */
export function pythonValue(node: PyNode | undefined, scope: PyScope): PyValue {
  return (node && READERS[node.kind]?.(node, scope)) ?? null
}

const ESCAPED: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\n": "" }

/** `r"a\b"` → `a\b` */
function unquoted(literal: string): string {
  const [, prefix = "", , text = ""] = /^([a-z]*)("""|'''|"|')([\s\S]*)\2$/i.exec(literal) ?? []
  if (/r/i.test(prefix)) return text
  return text.replace(/\\([\s\S])/g, (_, letter: string) => ESCAPED[letter] ?? letter)
}

/** An f-string, of which every value is a text. */
function filled({ text, from, parts }: PyNode, scope: PyScope): PyValue {
  let [literal, at] = ["", 0]
  for (const part of parts.filter(({ kind }) => kind === "FormatReplacement")) {
    const [, expression, ...others] = part.parts
    const value = pythonValue(expression, scope)
    if (typeof value !== "string" || others.length > 1) return null
    literal += text.slice(at, part.from - from) + value
    at = part.from - from + part.text.length
  }
  return unquoted(literal + text.slice(at))
}

/** `a.b`, `a["b"]`, `a[0]` */
function member(node: PyNode, scope: PyScope): PyValue {
  const name = dottedName(node)
  if (name !== null) return scope.value(name)
  const [object, mark, index, ...others] = node.parts
  if (mark?.kind !== "[" || others.length > 1) return null
  const [value, key] = [pythonValue(object, scope), pythonValue(index, scope)]
  if (typeof key !== "string") return null
  if (isDict(value)) return value.get(key) ?? null
  return isList(value) && /^\d+$/.test(key) ? (value[Number(key)] ?? null) : null
}

/** `a or b`, `a and b`, `a + b` of texts or of lists. What cannot be told of a list's end is one unknown part of it. */
function joined({ parts: [left, mark, right] }: PyNode, scope: PyScope): PyValue {
  const [value, other] = [pythonValue(left, scope), pythonValue(right, scope)]
  if (mark?.kind === "or") return chosen(truth(value), value, other)
  if (mark?.kind === "and") return chosen(truth(value), other, value)
  if (mark?.text !== "+") return null
  if (typeof value === "string" && typeof other === "string") return value + other
  if (!isList(value) && !isList(other)) return null
  return [...(isList(value) ? value : [null]), ...(isList(other) ? other : [null])]
}

/** `not a`. The library's grammar reads `not a or b` as `not (a or b)`, where Python's `not` reaches over `a` alone. */
function negated(node: PyNode, scope: PyScope): PyValue {
  const [not, operand] = node.parts
  if (not?.kind !== "not" || operand === undefined) return null
  const [left, ...others] = operand.parts
  if (left !== undefined && operand.kind === "BinaryExpression" && /^(?:and|or)$/.test(others[0]?.kind ?? ""))
    return joined({ ...operand, parts: [{ ...node, parts: [not, left] }, ...others] }, scope)
  return chosen(truth(pythonValue(operand, scope)), "False", "True")
}

/** Returns the values between commas, with those of lists behind a `*`. */
export const listOf = (nodes: readonly PyNode[], scope: PyScope): readonly PyValue[] =>
  dividedAt(nodes, ",").flatMap((group) => spread(group, scope))

function spread([first, second]: readonly PyNode[], scope: PyScope): readonly PyValue[] {
  if (first?.kind !== "*") return [pythonValue(first, scope)]
  const value = pythonValue(second, scope)
  return isList(value) ? value : [null]
}

function dict({ parts }: PyNode, scope: PyScope): PyValue {
  const found = new Map<string, PyValue>()
  for (const [first, second, third] of dividedAt(parts.slice(1, -1), ",")) {
    const isSpread = first?.kind === "**"
    const key = pythonValue(isSpread ? second : first, scope)
    if (isSpread && isDict(key)) for (const [name, one] of key) found.set(name, one)
    else if (!isSpread && typeof key === "string") found.set(key, pythonValue(third, scope))
    else return null
  }
  return found
}

/** Returns a call whose name has no brackets; null for another expression. */
export function pythonCall({ kind, parts: [called, list] }: PyNode, scope: PyScope): PyCall | null {
  if (kind !== "CallExpression" || called === undefined || list === undefined) return null
  const name = dottedName(called)
  return name === null ? null : { name, given: argumentsOf(list, scope) }
}

/** Returns what a list of arguments hands over. */
export function argumentsOf({ parts }: PyNode, scope: PyScope): PyArguments {
  const listed: PyValue[] = []
  const named: Record<string, PyValue> = {}
  for (const group of dividedAt(parts.slice(1, -1), ",")) {
    const [first, second, third] = group
    if (first?.kind === "**") {
      const value = pythonValue(second, scope)
      if (isDict(value)) Object.assign(named, Object.fromEntries(value))
    } else if (second?.kind === "AssignOp") named[first?.text ?? ""] = pythonValue(third, scope)
    else listed.push(...spread(group, scope))
  }
  return { listed, named }
}
