/** A node of a graph: something with a name that needs others. */
export interface Node {
  readonly name: string
  /** The kind of node. Others may name it by its kind if no node has that name. */
  readonly kind?: string
  /** A name before a colon also stands for all that begin with it and a colon. */
  readonly needs: readonly string[]
  /** Likewise, for those that only come before it where they are there. */
  readonly after?: readonly string[]
}

/** What a scheduler's caller decides. */
export interface Work<N extends Node, R> {
  /** How many may run side by side. */
  readonly limit: number
  /** Runs a node. Must not throw. */
  run(node: N): Promise<R>
  /** Result of a node whose dependencies did not succeed. */
  skip(node: N, because: readonly N[]): R
  /** Whether others may build on it. */
  good(result: R): boolean
}

/** Tells whether a name means a node: its full name, or the part before a colon or before a version in brackets. */
export const answersTo = ({ name }: Node, wanted: string): boolean =>
  name === wanted || name.startsWith(`${wanted}:`) || name.startsWith(`${wanted}[`)

/**
 * Returns the nodes that some names mean, without the node itself. `test` means the node `test` and all that begin with
 * `test:`; if there are none, all nodes of the kind `test`. Of a node on several versions, it means the node `test` if
 * there is one, and otherwise each version: `test[node 20]`, `test[node 22]`.
 */
export function named<N extends Node>(node: N, names: readonly string[], nodes: readonly N[]): readonly N[] {
  const meant = new Set(names.flatMap((name) => meantBy(name, nodes)))
  return nodes.filter((other) => other !== node && meant.has(other))
}

/** Returns the nodes that a name means: see {@link named}. */
export function meantBy<N extends Node>(name: string, nodes: readonly N[]): readonly N[] {
  const exact = nodes.some((one) => one.name === name)
  const found = nodes.filter((one) => answersTo(one, name) && !(exact && one.name.startsWith(`${name}[`)))
  return found.length > 0 ? found : nodes.filter(({ kind }) => kind === name)
}

/** The nodes that a node needs, by name or by what stands before the colon. */
export const needed = <N extends Node>(node: N, nodes: readonly N[]): readonly N[] =>
  named(node, node.needs, nodes)

/** The nodes that come before a node: those that it needs, and those that it only waits for. */
export const before = <N extends Node>(node: N, nodes: readonly N[]): readonly N[] =>
  named(node, [...node.needs, ...(node.after ?? [])], nodes)

/** Names along a circle of needs, or null where there is none. */
export function circle<N extends Node>(nodes: readonly N[]): readonly string[] | null {
  const done = new Set<N>()
  const walk = (node: N, path: readonly N[]): readonly string[] | null => {
    if (done.has(node)) return null
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node].map((each) => each.name)
    for (const other of before(node, nodes)) {
      const found = walk(other, [...path, node])
      if (found) return found
    }
    done.add(node)
    return null
  }
  for (const node of nodes) {
    const found = walk(node, [])
    if (found) return found
  }
  return null
}

/**
 * Runs every node once, those that it needs first, as many side by side as allowed, in the order given where
 * there is a choice. A node is skipped if one that it needs is not good; the others go on.
 *
 * @param nodes without a {@link circle}.
 * @returns the results by node name, in the order given.
 */
export async function schedule<N extends Node, R>(
  nodes: readonly N[],
  work: Work<N, R>,
): Promise<Map<string, R>> {
  const results = new Map<string, R>()
  const running = new Map<string, Promise<void>>()
  const open = new Set(nodes)
  while (open.size > 0 || running.size > 0) {
    for (const node of open) {
      if (!before(node, nodes).every((other) => results.has(other.name))) continue
      const bad = needed(node, nodes).filter((need) => !isGood(results.get(need.name), work))
      if (bad.length === 0 && running.size >= work.limit) continue
      open.delete(node)
      if (bad.length > 0) {
        results.set(node.name, work.skip(node, bad))
        continue
      }
      const done = work.run(node).then((result) => {
        results.set(node.name, result)
        running.delete(node.name)
      })
      running.set(node.name, done)
    }
    if (running.size > 0) await Promise.race(running.values())
  }
  const order = new Map(nodes.map((node, i) => [node.name, i]))
  return new Map([...results].sort(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0)))
}

function isGood<N extends Node, R>(result: R | undefined, work: Work<N, R>): boolean {
  return result !== undefined && work.good(result)
}
