import {
  type CollectionTag,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type Scalar,
  visit,
} from "yaml"
import { anyOf } from "../formats/pattern.js"

/** Something wrong at a place in a text. */
export interface Problem {
  /** 0-based, in UTF-16 code units. */
  readonly offset: number
  readonly message: string
}

/** Steps from the top of a document to a value: keys of maps and 0-based indices of lists. */
export type Path = readonly PropertyKey[]

/** A YAML text that was read. */
export interface YamlText {
  /** As plain data; undefined where the text is too broken to have any. */
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** Where a value starts, or the key that it stands behind; of a missing one, the nearest thing around it. */
  locate(path: Path, part: "key" | "value"): number
}

/** Problems that leave the rest of the file readable, so that its other problems can be told as well. */
const HARMLESS: ReadonlySet<string> = new Set(["DUPLICATE_KEY", "TAG_RESOLVE_FAILED", "MULTIPLE_DOCS"])

/**
 * Reads one YAML 1.2 document, with `<<` merges. Never throws; what is wrong with it is in `problems`.
 *
 * @param tags custom tags of the format, such as `!reference`.
 */
export function readYaml(text: string, tags: readonly CollectionTag[] = []): YamlText {
  try {
    return read(text, tags)
  } catch (error) {
    return broken([{ offset: 0, message: error instanceof RangeError ? TOO_DEEP : invalid(String(error)) }])
  }
}

/** The 1-based line and column of an offset, as `4:3`. */
export function lineColumn(text: string, offset: number): string {
  const before = text.slice(0, offset)
  return `${before.split("\n").length}:${offset - before.lastIndexOf("\n")}`
}

function read(text: string, tags: readonly CollectionTag[]): YamlText {
  const document = parseDocument(text, {
    merge: true,
    prettyErrors: false,
    logLevel: "error",
    customTags: [...tags],
  })
  const issues = [...document.errors, ...document.warnings]
  const problems = firstsByPlace(issues.map(({ code, message, pos }) => explain(text, code, message, pos[0])))
  const causes = problems.filter(({ message }) => message === TAB || message === TOO_DEEP)
  // Where nesting runs out of stack, it may do so at several places.
  const deep = causes.find(({ message }) => message === TOO_DEEP)
  if (causes.length > 0) return broken(deep ? [deep] : causes)
  if (issues.some(({ code }) => !HARMLESS.has(code))) return broken(problems)
  const all = [...problems, ...nodeProblems(document)]
  const locate = (path: Path, part: "key" | "value") => locateIn(document, path, part)
  try {
    return { value: document.toJS(), problems: all, locate }
  } catch (error) {
    if (all.length > 0) return broken(all)
    // Its other errors are about single nodes, which `nodeProblems` has found by now.
    if (!(error instanceof ReferenceError)) throw error
    return broken([{ offset: firstAlias(document), message: "aliases (*name) expand to too much data" }])
  }
}

/** After an error, the parser tends to repeat itself at the same place. */
function firstsByPlace(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(
    ({ offset }, index) => problems.findIndex((other) => other.offset === offset) === index,
  )
}

function broken(problems: readonly Problem[]): YamlText {
  return { value: undefined, problems, locate: () => 0 }
}

/** These two make the parser misread what follows, and report that as well. */
const TAB = "a tab is used for indentation, where YAML allows only spaces"
const TOO_DEEP = "nested too deeply"

const MESSAGES: Readonly<Record<string, (text: string, offset: number) => string>> = {
  TAB_AS_INDENT: () => TAB,
  DUPLICATE_KEY: (text, offset) => `duplicate key "${keyAt(text, offset)}"`,
  MULTIPLE_DOCS: () => "a second document starts here; only one is allowed",
  RESOURCE_EXHAUSTION: () => TOO_DEEP,
  TAG_RESOLVE_FAILED: () => "a tag (!name) is not allowed",
}

const invalid = (message: string) => `not valid YAML: ${message}`

function explain(text: string, code: string, message: string, offset: number): Problem {
  // The parser reports a tab in a block scalar's indentation as something else further on in the same line.
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1
  const tab = /^ *(?=\t)/.exec(text.slice(lineStart))
  if (tab !== null) return { offset: lineStart + tab[0].length, message: TAB }
  const own = MESSAGES[code]
  return { offset, message: own === undefined ? invalid(message) : own(text, offset) }
}

function keyAt(text: string, offset: number): string {
  const key = /^[^:\n]*/.exec(text.slice(offset))?.[0] ?? ""
  return key.trim().replace(/^(["'])(.*)\1$/, "$2")
}

/** What the parser accepts, but plain data cannot hold. */
function nodeProblems(document: Document): readonly Problem[] {
  const problems: Problem[] = []
  visit(document, {
    Alias: (_, alias, around) => {
      const named = alias.resolve(document)
      const message =
        named === undefined
          ? `alias *${alias.source} has no anchor before it`
          : `alias *${alias.source} is inside the value that it repeats`
      if (named === undefined || around.some((node) => node === named))
        problems.push({ offset: start(alias), message })
    },
    Pair: (_, pair) => {
      const { key, value } = pair
      if (!isScalar(key)) problems.push({ offset: start(key), message: "a key must be plain text" })
      else if (isMergeKey(key) && !isMergeable(document, value))
        problems.push({ offset: start(value, start(key)), message: "<< must have a map, or a list of maps" })
    },
  })
  return problems
}

/** The parser keeps the value of a merge key as a symbol. A quoted "<<" is a key like any other. */
const isMergeKey = ({ value, type }: Scalar): boolean =>
  typeof value === "symbol" || (value === "<<" && type === "PLAIN")

function isMergeable(document: Document, value: unknown): boolean {
  const node = isAlias(value) ? value.resolve(document) : value
  const sources = isSeq(node) ? node.items : [node]
  return sources.every((source) => isMap(isAlias(source) ? source.resolve(document) : source))
}

/** Where the first alias of a document is, 0-based. */
function firstAlias(document: Document): number {
  let offset = 0
  visit(document, {
    Alias: (_, alias) => {
      offset = start(alias)
      return visit.BREAK
    },
  })
  return offset
}

function locateIn(document: Document, path: Path, part: "key" | "value"): number {
  let node: unknown = document.contents
  let offset = start(node)
  for (const [depth, step] of path.entries()) {
    const entry = entryOf(isAlias(node) ? node.resolve(document) : node, step)
    if (entry === undefined) break
    const wanted = part === "key" && depth === path.length - 1 ? entry.key : entry.value
    offset = start(wanted, offset)
    node = entry.value
  }
  return offset
}

function entryOf(node: unknown, step: PropertyKey): { key: unknown; value: unknown } | undefined {
  if (isSeq(node)) return { key: node.items[Number(step)], value: node.items[Number(step)] }
  if (!isMap(node)) return undefined
  return node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
}

function start(node: unknown, otherwise = 0): number {
  return (isNode(node) ? node.range?.[0] : undefined) ?? otherwise
}

/** What may stand where in JSON, and what is due after it. After a value, the bracket it stands in counts. */
const JSON_GRAMMAR: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  value: { "{": "first key", "[": "first item", string: "after", literal: "after" },
  "first item": { "{": "first key", "[": "first item", string: "after", literal: "after", "]": "after" },
  "first key": { string: "colon", "}": "after" },
  key: { string: "colon" },
  colon: { ":": "value" },
  "after {": { ",": "key", "}": "after" },
  "after [": { ",": "value", "]": "after" },
}

/** Punctuation, a string, or another literal. */
const JSON_TOKEN = anyOf(
  [
    /([[\]{},:])/,
    /("(?:[ -!#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")/,
    /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/,
    /true|false|null/,
  ],
  "y",
)

/** Where a text stops being JSON, its end at the latest. `JSON.parse` tells the place of some errors only. */
export function jsonErrorOffset(text: string): number {
  const open: string[] = []
  let due = "value"
  let offset = 0
  for (;;) {
    offset += /^[ \t\r\n]*/.exec(text.slice(offset))?.[0].length ?? 0
    JSON_TOKEN.lastIndex = offset
    const token = JSON_TOKEN.exec(text)
    if (token === null) return offset
    const kind = token[1] ?? (token[2] === undefined ? "literal" : "string")
    const next = JSON_GRAMMAR[due === "after" ? `after ${open.at(-1)}` : due]?.[kind]
    if (next === undefined) return offset
    if (kind === "{" || kind === "[") open.push(kind)
    if (kind === "}" || kind === "]") open.pop()
    due = next
    offset += token[0].length
  }
}
