/** Something that a check gets from outside of the repository. */
export interface Need {
  readonly kind: "image" | "registry" | "package" | "database"
  /** `node:22-bookworm`, `npm`, `zod@4.6.7`, `trivy`. */
  readonly name: string
  /** Where the check gets it: the reference of an image or an artifact in a registry, or an address with `https://`. */
  readonly from: string
  /** Stages and files that need it. */
  readonly for: readonly string[]
}

/** A need of one stage or file. */
export type Single = Omit<Need, "for"> & { readonly for: string }

/** Joins needs of the same thing. Sorted by kind and name. */
export function joined(needs: readonly Single[]): readonly Need[] {
  const found = new Map<string, Need>()
  for (const need of needs) {
    const key = [need.kind, need.name, need.from].join(" ")
    const others = found.get(key)?.for ?? []
    found.set(key, { ...need, for: [...new Set([...others, need.for])] })
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, need]) => need)
}
