import type { Files } from "../../ci/src/vendors/wrappers/wrapper.js"

/** Where a file differs from what would be written. */
export interface Difference {
  readonly file: string
  /** What differs, in a few words. */
  readonly what: string
}

/** Compares files with what would be written. Returns the first line that differs of each. */
export function differences(files: Files, read: (file: string) => string | null): readonly Difference[] {
  return Object.entries(files).flatMap(([file, wanted]) => {
    const found = read(file)
    if (found === null) return [{ file, what: "missing" }]
    return found === wanted ? [] : [{ file, what: firstDifference(found, wanted) }]
  })
}

function firstDifference(found: string, wanted: string): string {
  const [is, should] = [found.split(/\r?\n/), wanted.split("\n")]
  const at = should.findIndex((line, index) => is[index] !== line)
  if (at === -1)
    return is.length > should.length ? `line ${should.length + 1} and on: not Slipway's` : "line ends differ"
  const show = (line: string | undefined) => (line === undefined ? "nothing" : `\`${line.trim()}\``)
  return `line ${at + 1}: ${show(is[at])}, would be ${show(should[at])}`
}
