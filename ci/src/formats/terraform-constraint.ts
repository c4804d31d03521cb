import semver from "semver"

/** Returns all three numbers of a version: `1.9` is `1.9.0`. */
export const whole = (version: string): string => [...version.split("."), "0", "0"].slice(0, 3).join(".")

const OPERATORS = ["~>", ">=", "<=", "!=", ">", "<", "="] as const
/** An operator and the version that it compares with. */
export type Constraint = readonly [operator: (typeof OPERATORS)[number], version: string]

/** Returns the parts of a constraint. */
export const constraints = (text: string): readonly Constraint[] =>
  [...text.matchAll(/(~>|>=|<=|!=|>|<|=)?\s*v?(\d+(?:\.\d+){0,2})/g)].map(([, found, version = ""]) => [
    OPERATORS.find((operator) => operator === found) ?? "=",
    version,
  ])

/**
 * True where a version satisfies a constraint of Terraform such as `>= 1.9, < 2.0` or `~> 1.11.2`.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/version-constraints
 */
export function satisfies(version: string, constraint: string): boolean {
  return constraints(constraint).every(([operator, wanted]) => {
    if (operator !== "~>") return semver.cmp(version, operator, whole(wanted))
    // The last number that is written may grow, those before may not; npm's ranges have no such operator.
    const kept = wanted.slice(0, wanted.lastIndexOf(".") + 1)
    return semver.gte(version, whole(wanted)) && version.startsWith(kept)
  })
}
