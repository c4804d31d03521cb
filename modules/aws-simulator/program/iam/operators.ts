/** Condition operators: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
import { matchesArn, matchesText } from "./patterns.ts"

type Test = (value: string, wanted: string) => boolean

const sameFolded: Test = (value, wanted) => value.toLowerCase() === wanted.toLowerCase()
const compared =
  (test: (value: number, wanted: number) => boolean): Test =>
  (value, wanted) =>
    test(Number(value), Number(wanted))

const TESTS: Readonly<Record<string, Test>> = {
  StringEquals: (value, wanted) => value === wanted,
  StringEqualsIgnoreCase: sameFolded,
  StringLike: matchesText,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: sameFolded,
  NumericEquals: compared((value, wanted) => value === wanted),
  NumericLessThan: compared((value, wanted) => value < wanted),
  NumericLessThanEquals: compared((value, wanted) => value <= wanted),
  NumericGreaterThan: compared((value, wanted) => value > wanted),
  NumericGreaterThanEquals: compared((value, wanted) => value >= wanted),
}

/** Negated operators, and what they negate. */
const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NumericNotEquals: "NumericEquals",
}

interface Operator {
  readonly name: string
  readonly set: "Any" | "All" | null
  readonly ifExists: boolean
}

/** Splits `ForAnyValue:StringLikeIfExists` into its parts. */
function partsOf(operator: string): Operator {
  const [, set, rest = operator] = /^For(Any|All)Values?:(.*)$/.exec(operator) ?? []
  const ifExists = rest.endsWith("IfExists")
  return {
    name: ifExists ? rest.slice(0, -"IfExists".length) : rest,
    set: set === "Any" || set === "All" ? set : null,
    ifExists,
  }
}

const NULL = "Null"

/** Returns whether the simulator knows a condition operator, with its prefix and suffix. */
export function isOperator(operator: string): boolean {
  const { name, set, ifExists } = partsOf(operator)
  return name in TESTS || name in NEGATED || (name === NULL && set === null && !ifExists)
}

/**
 * Evaluates one condition.
 *
 * @param present the values of the key in the request; undefined: the request does not have it.
 */
export function holds(
  operator: string,
  present: readonly string[] | undefined,
  wanted: readonly string[],
): boolean {
  const { name, set, ifExists } = partsOf(operator)
  if (name === NULL)
    return wanted.some((value) => (value.toLowerCase() === "true") === (present === undefined))
  const negated = NEGATED[name]
  const test = TESTS[negated ?? name]
  if (test === undefined) throw new Error(`unknown condition operator ${operator}`)
  if (present === undefined) return ifExists || set === "All" || (negated !== undefined && set === null)
  const matches = (value: string): boolean =>
    wanted.some((one) => test(value, one)) !== (negated !== undefined)
  if (set === "Any") return present.some(matches)
  return set === "All" || negated !== undefined ? present.every(matches) : present.some(matches)
}
