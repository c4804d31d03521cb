/** Finds who wrote what a release changes. */

import type { Release } from "../request.ts"
import { UNKNOWN_COMMIT } from "../text.ts"

type Commit = Release["history"][number]

/** Returns a commit and all commits that it contains, as far as the history goes. */
function reach(history: ReadonlyMap<string, Commit>, from: string): ReadonlySet<string> {
  const seen = new Set([from])
  for (const commit of seen) for (const parent of history.get(commit)?.parents ?? []) seen.add(parent)
  return seen
}

/** Who wrote a release; `complete` is false where the history does not tell. */
interface Authors {
  readonly names: readonly string[]
  /** The commits themselves. */
  readonly commits: readonly string[]
  readonly complete: boolean
}

/**
 * Returns the authors and co-authors of all commits that a release has and the live one lacks. Before the first release,
 * and for the live commit itself, those of its own commit.
 *
 * @param live the live commit, or null.
 */
export function authorsSince({ commit, authors, history }: Release, live: string | null): Authors {
  const known = new Map(history.map((one) => [one.commit, one]))
  const own = [...authors, ...(known.get(commit)?.authors ?? [])]
  if (live === null || live === UNKNOWN_COMMIT || live === commit)
    return { names: own, commits: [commit], complete: true }
  const contained = reach(known, commit)
  const before = reach(known, live)
  const since = [...contained].filter((one) => !before.has(one))
  return {
    names: [...own, ...since.flatMap((one) => known.get(one)?.authors ?? [])],
    commits: since,
    complete: contained.has(live) && since.every((one) => known.has(one)),
  }
}
