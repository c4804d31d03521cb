/**
 * The candidate that `word` most likely means, or null when none is near. Case does not count. Among equally
 * near ones, the one with the same first letter wins, then the first.
 */
export function suggest(word: string, candidates: readonly string[]): string | null {
  const wanted = word.toLowerCase()
  const limit = Math.max(1, Math.floor(word.length / 3))
  const ranked = candidates
    .map((candidate) => ({ candidate, rank: rank(wanted, candidate.toLowerCase()) }))
    .filter(({ rank }) => rank < limit + 1)
    .sort((a, b) => a.rank - b.rank)
  return ranked[0]?.candidate ?? null
}

/**
 * The end of a message about an unknown word: `; did you mean lint?`, or nothing.
 *
 * @param quote stands around the candidate, where the message has it around the word.
 */
export function didYouMean(word: string, candidates: readonly string[], quote = ""): string {
  const near = suggest(word, candidates)
  return near === null ? "" : `; did you mean ${quote}${near}${quote}?`
}

/** Edit distance, plus a half where the first letters differ: people rarely get the first one wrong. */
function rank(word: string, candidate: string): number {
  return editDistance(word, candidate) + (word[0] === candidate[0] ? 0 : 0.5)
}

/**
 * How many single-letter edits lead from one word to the other: insert, delete, replace, or swap two
 * neighbours (the optimal string alignment distance).
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      row[j] = Math.min(
        at(row, j - 1) + 1,
        at(last, j) + 1,
        at(last, j - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = row
  }
  return at(last, to.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
