/** Evaluates identity-based policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
import { holds } from "./operators.ts"
import { matchesArn, matchesText } from "./patterns.ts"
import type { Patterns, Policy, Statement } from "./policy.ts"

/** One action on one resource, and the values of the condition keys. */
export interface Asked {
  readonly action: string
  /** ARN; `*` if the action knows no resource. */
  readonly resource: string
  readonly context: Readonly<Record<string, readonly string[]>>
}

/** implicit: no statement allows it. explicit: a statement denies it. */
export type Decision = "allowed" | "implicit" | "explicit"

const actionMatches = ({ not, patterns }: Patterns, action: string): boolean =>
  patterns.some((pattern) => matchesText(action.toLowerCase(), pattern.toLowerCase())) !== not

/** An action without resources is allowed by `*` alone. */
const resourceMatches = ({ not, patterns }: Patterns, resource: string): boolean =>
  patterns.some((pattern) => (resource === "*" ? pattern === "*" : matchesArn(resource, pattern))) !== not

/** Returns a test of statements. Keys of conditions are compared without regard to case. */
function appliesTo({ action, resource, context }: Asked): (statement: Statement) => boolean {
  const folded = new Map(Object.entries(context).map(([key, values]) => [key.toLowerCase(), values]))
  return ({ actions, resources, conditions }) =>
    actionMatches(actions, action) &&
    resourceMatches(resources, resource) &&
    conditions.every(({ operator, key, values }) => holds(operator, folded.get(key.toLowerCase()), values))
}

/** Denies by default; a Deny overrides every Allow. */
export function evaluate(policies: readonly Policy[], asked: Asked): Decision {
  const found = policies.flat().filter(appliesTo(asked))
  if (found.some(({ effect }) => effect === "Deny")) return "explicit"
  return found.length > 0 ? "allowed" : "implicit"
}
