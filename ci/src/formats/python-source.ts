import { anyOf } from "./pattern.js"

/** The statements of a Python file, as far as they can be told apart without running it. */

/** A piece of a statement. A string has its value as `text`, where that can be told. */
export interface PyToken {
  readonly kind: "string" | "template" | "name" | "number" | "mark"
  readonly text: string
}

/** A statement, and those of its block. */
export interface PyStatement {
  readonly tokens: readonly PyToken[]
  readonly body: readonly PyStatement[]
}

interface Line {
  readonly indent: number
  readonly tokens: readonly PyToken[]
}

const QUOTED = anyOf([
  /(?<quote>"""|''')(?<long>[\s\S]*?)(?<!(?<!\\)\\)\k<quote>/,
  /"(?<double>(?:[^"\\\n]|\\[\s\S])*)"/,
  /'(?<single>(?:[^'\\\n]|\\[\s\S])*)'/,
])

/** What begins a token: blank, comment, end of line, string, name, number, any other mark. */
const PIECE = anyOf(
  [
    /(?<blank>[ \t\f]+|\\\r?\n|#[^\n]*)/,
    /(?<end>\r?\n)/,
    new RegExp(`(?<prefix>[rRbBuUfF]{0,2})(?:${QUOTED.source})`),
    /(?<name>[^\W\d]\w*)/,
    /(?<number>\d[\w.]*)/,
    /(?<mark>->|[=!<>+*/:|&-]=|\*\*|[^\s])/,
  ],
  "gy",
)

/** What a mark adds to the depth of brackets. */
export const DEEPER: Readonly<Record<string, number>> = { "(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1 }

const ESCAPED: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\n": "" }

const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])/g, (_, letter: string) => ESCAPED[letter] ?? letter)

function stringOf({ prefix = "", long, double, single }: Readonly<Record<string, string>>): PyToken {
  const text = long ?? double ?? single ?? ""
  return { kind: /f/i.test(prefix) ? "template" : "string", text: /r/i.test(prefix) ? text : unescaped(text) }
}

function tokenOf(groups: Readonly<Record<string, string>>): PyToken {
  const { name, number, mark } = groups
  if (name !== undefined) return { kind: "name", text: name }
  if (number !== undefined) return { kind: "number", text: number }
  return mark === undefined ? stringOf(groups) : { kind: "mark", text: mark }
}

/** Divides a file into its logical lines: a bracket goes on over ends of lines. */
function linesOf(text: string): readonly Line[] {
  const lines: Line[] = []
  let tokens: PyToken[] = []
  let [indent, depth, isStart] = [0, 0, true]
  const finish = () => {
    if (tokens.length > 0) lines.push({ indent, tokens })
    tokens = []
    ;[indent, isStart] = [0, true]
  }
  for (const { groups = {} } of text.matchAll(PIECE)) {
    const { blank, end, mark = "" } = groups
    if (end !== undefined && depth === 0) finish()
    else if (blank !== undefined && isStart && /^[ \t]/.test(blank)) indent = blank.length
    if (blank !== undefined || end !== undefined) continue
    isStart = false
    depth += DEEPER[mark] ?? 0
    if (mark === ";" && depth === 0) {
      lines.push({ indent, tokens })
      tokens = []
    } else tokens.push(tokenOf(groups))
  }
  finish()
  return lines
}

/** Words that begin a statement with a block. */
const BLOCKS = /^(?:if|elif|else|for|while|with|try|except|finally|def|class|match|case|async)$/

/** Divides a statement with a block on its own line: `if x: return`. */
function withInline({ tokens }: Line): readonly [head: readonly PyToken[], body: readonly PyStatement[]] {
  if (!BLOCKS.test(tokens[0]?.text ?? "")) return [tokens, []]
  let depth = 0
  const at = tokens.findIndex(({ kind, text }) => {
    if (kind !== "mark") return false
    depth += DEEPER[text] ?? 0
    return text === ":" && depth === 0
  })
  const rest = tokens.slice(at + 1)
  return [
    at === -1 ? tokens : tokens.slice(0, at),
    at === -1 || rest.length === 0 ? [] : [{ tokens: rest, body: [] }],
  ]
}

/** Returns the statements of a Python file. */
export function pythonStatements(text: string): readonly PyStatement[] {
  const lines = linesOf(text)
  let at = 0
  const block = (outer: number): readonly PyStatement[] => {
    const found: PyStatement[] = []
    for (let line = lines[at]; line !== undefined && line.indent > outer; line = lines[at]) {
      at++
      const [tokens, inline] = withInline(line)
      found.push({ tokens, body: [...inline, ...block(line.indent)] })
    }
    return found
  }
  return block(-1)
}
