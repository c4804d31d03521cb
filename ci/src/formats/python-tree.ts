import type { parser } from "@lezer/python"

/** A node of the syntax tree of a Python file. */
export interface PyNode {
  /** Its name in the grammar of `@lezer/python`, as `CallExpression`; a keyword or a mark is named as it is written. */
  readonly kind: string
  readonly text: string
  /** Where it begins in the file. */
  readonly from: number
  readonly parts: readonly PyNode[]
}

type SyntaxNode = ReturnType<typeof parser.parse>["topNode"]

/** Parses a Python file. What is no Python is left as a node that no reader knows. */
export async function parsePython(source: string): Promise<PyNode> {
  // Most calls of the module read no Python: they need not load its tables.
  const { parser } = await import("@lezer/python")
  const nodeOf = (node: SyntaxNode): PyNode => {
    const parts: PyNode[] = []
    for (let part = node.firstChild; part !== null; part = part.nextSibling)
      if (part.name !== "Comment") parts.push(nodeOf(part))
    return { kind: node.name, text: source.slice(node.from, node.to), from: node.from, parts }
  }
  return nodeOf(parser.parse(source).topNode)
}

/** Returns the statements of a file or of a block, those behind each other on one line as well. */
export const statementsOf = ({ parts }: PyNode): readonly PyNode[] =>
  parts
    .flatMap((part) => (part.kind === "StatementGroup" ? part.parts : [part]))
    .filter(({ kind }) => /(?:Statement|Definition)$/.test(kind))

/** A part of a statement with a block: `if x:`, `else:`, `finally:`. */
export interface PyClause {
  readonly word: string
  /** What stands between the word and the colon. */
  readonly head: readonly PyNode[]
  readonly body: readonly PyNode[]
}

/** Returns the clauses of a statement; none where it has no block. */
export function clausesOf({ parts }: PyNode): readonly PyClause[] {
  const clauses: PyClause[] = []
  let start = 0
  parts.forEach((part, at) => {
    if (part.kind !== "Body") return
    const [word, ...head] = parts.slice(start, at)
    clauses.push({ word: word?.kind ?? "", head, body: statementsOf(part) })
    start = at + 1
  })
  return clauses
}

/** Divides nodes at a mark or another kind of node; nothing stands behind a last one. */
export function dividedAt(nodes: readonly PyNode[], kind: string): readonly (readonly PyNode[])[] {
  const groups: PyNode[][] = [[]]
  for (const node of nodes) {
    if (node.kind === kind) groups.push([])
    else groups.at(-1)?.push(node)
  }
  return groups.at(-1)?.length === 0 ? groups.slice(0, -1) : groups
}

/** Returns a name with its dots, `session.posargs`; null for another expression. */
export function dottedName({ kind, text, parts }: PyNode): string | null {
  if (kind === "VariableName") return text
  const [object, mark, property] = parts
  if (kind !== "MemberExpression" || object === undefined || mark?.kind !== ".") return null
  const owner = dottedName(object)
  return owner === null ? null : `${owner}.${property?.text}`
}

/** Returns a node and all below it. */
export const nodesIn = (node: PyNode): readonly PyNode[] => [node, ...node.parts.flatMap(nodesIn)]
