/** What the lists of slipway.yaml make of a licence. */
export type LicenceVerdict = "allowed" | "denied" | "unlisted" | "unknown"

/** Worst first. */
const ORDER: readonly LicenceVerdict[] = ["denied", "unknown", "unlisted", "allowed"]

/**
 * Judges an SPDX licence expression: of `A OR B` the better counts, of `A AND B` the worse.
 *
 * @param expression as a package says it; what is no SPDX expression is `unknown`.
 * @param allow identifiers, or beginnings with a star; empty to allow all that is not denied.
 * @see https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/
 */
export function judgeLicence(
  expression: string,
  allow: readonly string[],
  deny: readonly string[],
): LicenceVerdict {
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? []
  const pick = (a: LicenceVerdict, b: LicenceVerdict, better: boolean): LicenceVerdict =>
    ORDER.indexOf(a) > ORDER.indexOf(b) === better ? a : b
  let at = 0
  const next = (word: string): boolean => tokens[at]?.toUpperCase() === word && ++at > 0
  const either = (): LicenceVerdict => {
    let found = all()
    while (next("OR")) found = pick(found, all(), true)
    return found
  }
  const all = (): LicenceVerdict => {
    let found = one()
    while (next("AND")) found = pick(found, one(), false)
    return found
  }
  const one = (): LicenceVerdict => {
    if (next("(")) {
      const found = either()
      return next(")") ? found : "unknown"
    }
    const id = tokens[at++] ?? ""
    if (next("WITH")) at++
    return judgeOne(id, allow, deny)
  }
  const verdict = either()
  return at === tokens.length ? verdict : "unknown"
}

/** What an identifier looks like; words that packages write where they have none are not. */
const IDENTIFIER = /^(?!(?:UNLICENSED|UNKNOWN|NONE|NOASSERTION|SEE|AND|OR|WITH|CUSTOM)$)[a-z\d][a-z\d.+:-]*$/i

function judgeOne(id: string, allow: readonly string[], deny: readonly string[]): LicenceVerdict {
  if (!IDENTIFIER.test(id)) return "unknown"
  if (deny.some((pattern) => matches(pattern, id))) return "denied"
  return allow.length === 0 || allow.some((pattern) => matches(pattern, id)) ? "allowed" : "unlisted"
}

/** `GPL-3.0` stands for `GPL-3.0-only` and `GPL-3.0-or-later` too; identifiers ignore case. */
function matches(pattern: string, id: string): boolean {
  const [wanted, found] = [pattern.toLowerCase(), id.toLowerCase()]
  if (wanted.endsWith("*")) return found.startsWith(wanted.slice(0, -1))
  return found.replace(/(?:-only|-or-later|\+)$/, "") === wanted.replace(/(?:-only|-or-later|\+)$/, "")
}
