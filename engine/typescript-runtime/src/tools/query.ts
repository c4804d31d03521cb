import type { GraphQLClient } from "../runtime/http.js"

/** The fields of a query, outermost first, each with its arguments. */
export type Chain = readonly string[]

/** The arguments of a field; those without a value are left out. `enums` go in as they are. */
export function call(args: Readonly<Record<string, unknown>>, ...enums: readonly string[]): string {
  const given = Object.entries(args)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}:${JSON.stringify(value)}`)
  const all = [...enums, ...given]
  return all.length === 0 ? "" : `(${all.join(",")})`
}

interface Waiting {
  readonly chain: Chain
  readonly resolve: (id: string) => void
  readonly reject: (error: unknown) => void
}

/**
 * Asks for the ids of objects, all that are wanted at the same time in one request. Objects that refer to others
 * wait for the ids of those, so a tree of them takes as many requests as it is deep.
 */
export class Ids {
  readonly #client: GraphQLClient
  readonly #known = new Map<string, Promise<string>>()
  #waiting: Waiting[] = []

  constructor(client: GraphQLClient) {
    this.#client = client
  }

  /** The id of what a chain of fields gives. The same chain is asked for once. */
  of(...chain: Chain): Promise<string> {
    const key = chain.join("\n")
    const known = this.#known.get(key)
    if (known) return known
    const id = new Promise<string>((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#ask())
      this.#waiting.push({ chain, resolve, reject })
    })
    this.#known.set(key, id)
    return id
  }

  async #ask(): Promise<void> {
    const asked = this.#waiting
    this.#waiting = []
    const fields = asked.map(({ chain }, i) => `a${i}:${chain.join("{")}{id}${"}".repeat(chain.length - 1)}`)
    try {
      const data = await this.#client.request(`{${fields.join("\n")}}`)
      for (const [i, { chain, resolve }] of asked.entries())
        resolve(idIn((data as Answers)[`a${i}`], chain.length))
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
}

interface Answers {
  readonly [field: string]: Answers | string
}

function idIn(answer: Answers | string | undefined, depth: number): string {
  if (typeof answer === "string" || answer === undefined) throw new TypeError("the engine gave no id")
  const inner = depth > 1 ? Object.values(answer)[0] : answer.id
  return typeof inner === "string" ? inner : idIn(inner, depth - 1)
}
