/** Patterns of IAM: `*` is any text, `?` one character. */

/** Returns whether a text matches a pattern. Without backtracking, so that no pattern takes long. */
export function matchesText(text: string, pattern: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0]
  while (at < text.length) {
    if (from < pattern.length && pattern[from] === "*") {
      star = from
      mark = at
      from += 1
    } else if (from < pattern.length && (pattern[from] === "?" || pattern[from] === text[at])) {
      at += 1
      from += 1
    } else if (star >= 0) {
      from = star + 1
      mark += 1
      at = mark
    } else return false
  }
  return /^\**$/.test(pattern.slice(from))
}

/** Segments of an ARN: arn, partition, service, region, account, and the resource, which may have more colons. */
const SEGMENTS = 6

function segmentsOf(arn: string): readonly string[] {
  const parts = arn.split(":")
  return [...parts.slice(0, SEGMENTS - 1), parts.slice(SEGMENTS - 1).join(":")]
}

/** Returns whether an ARN matches a pattern. Wildcards do not cross the first five colons. */
export function matchesArn(arn: string, pattern: string): boolean {
  if (pattern === "*") return true
  const [own, wanted] = [segmentsOf(arn), segmentsOf(pattern)]
  return own.every((segment, index) => matchesText(segment, wanted[index] ?? ""))
}
