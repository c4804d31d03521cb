import { clausesOf, dividedAt, dottedName, nodesIn, type PyNode } from "./python-tree.js"
import {
  isDict,
  isList,
  listOf,
  type PyCall,
  type PyScope,
  type PyValue,
  pythonValue,
} from "./python-values.js"

/** What names stand for, as statements change it. */
export type PyNames = Map<string, PyValue>

/** Returns what names stand for, and calls of Python's own types. */
export const scopeOfNames = (names: ReadonlyMap<string, PyValue>): PyScope => ({
  value: (name) => names.get(name) ?? null,
  call: ({ name, given: { listed, named } }) => {
    if (name === "dict") return new Map(Object.entries(named))
    return /^(?:str|list|tuple)$/.test(name) ? (listed[0] ?? null) : null
  },
})

interface Assignment {
  readonly targets: readonly (readonly PyNode[])[]
  readonly value: PyValue
}

/** Reads a statement; one that is no assignment has no targets. */
function assignmentOf({ kind, parts }: PyNode, scope: PyScope): Assignment {
  if (kind === "UpdateStatement") {
    const [target, mark, added] = parts
    const all = mark?.text === "+=" ? extended(pythonValue(target, scope), pythonValue(added, scope)) : null
    return { targets: target === undefined ? [] : [[target]], value: all }
  }
  if (kind !== "AssignStatement") return { targets: [], value: null }
  const untyped = parts.filter((part) => part.kind !== "TypeDef")
  const groups = dividedAt(untyped, "AssignOp")
  const right = groups.at(-1) ?? []
  const isTuple = right.some((part) => part.kind === ",")
  return {
    targets: groups.slice(0, -1),
    value: isTuple ? listOf(right, scope) : pythonValue(right[0], scope),
  }
}

const extended = (list: PyValue, added: PyValue): PyValue =>
  isList(list) && isList(added) ? [...list, ...added] : null

/** Keeps what an assignment says: `NAME = …`, `NAME["key"] = …`, `NAME += […]`. It makes other names that it changes unknown. */
export function assign(statement: PyNode, names: PyNames, scope: PyScope): void {
  const { targets, value } = assignmentOf(statement, scope)
  for (const target of targets) set(target, value, names, scope)
}

function set(target: readonly PyNode[], value: PyValue, names: PyNames, scope: PyScope): void {
  const [first, ...others] = target
  const name = first === undefined || others.length > 0 ? null : dottedName(first)
  if (name !== null) {
    names.set(name, value)
    return
  }
  const [object, mark, index] = first?.parts ?? []
  const owner = mark?.kind === "[" && object !== undefined ? dottedName(object) : null
  const [before = null, key] = [names.get(owner ?? ""), pythonValue(index, scope)]
  if (owner !== null && isDict(before) && typeof key === "string")
    names.set(owner, new Map([...before, [key, value]]))
  else
    for (const { kind, text } of target.flatMap(nodesIn)) if (kind === "VariableName") names.set(text, null)
}

const NOTHING: PyScope = { value: () => null, call: () => null }

/** Makes the names unknown that a statement changes of which nobody can tell whether it runs. */
export function forget(statement: PyNode, names: PyNames): void {
  for (const target of assignmentOf(statement, NOTHING).targets) set(target, null, names, NOTHING)
  for (const { body } of clausesOf(statement)) for (const one of body) forget(one, names)
}

const ADDED: Readonly<Record<string, (value: PyValue) => PyValue>> = {
  append: (value) => [value],
  extend: (value) => value,
}

/** Keeps what a method changes of a list: `args.append("-x")`, `args.extend(more)`. */
export function changeList({ name, given: { listed } }: PyCall, names: PyNames): void {
  const [, list = "", how = ""] = /^(\w+)\.(append|extend|insert|update|remove)$/.exec(name) ?? []
  const added = ADDED[how]?.(listed[0] ?? null) ?? null
  if (list !== "") names.set(list, extended(names.get(list) ?? null, added))
}
