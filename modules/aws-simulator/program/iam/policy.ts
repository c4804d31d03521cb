/** Reads IAM policies. What the simulator cannot evaluate is an error, never an allow. */
import { type Fields, isFields } from "../fields.ts"
import { isKnownKey } from "./keys.ts"
import { isOperator } from "./operators.ts"

/** Patterns with `*` and `?`. `not`: everything except them (NotAction, NotResource). */
export interface Patterns {
  readonly not: boolean
  readonly patterns: readonly string[]
}

/** A key of a Condition block, with its operator and the values to compare with. */
export interface Condition {
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

/** A statement of a policy; its conditions must all hold. */
export interface Statement {
  readonly effect: "Allow" | "Deny"
  readonly actions: Patterns
  readonly resources: Patterns
  readonly conditions: readonly Condition[]
}

/** The statements of a policy: a Deny that matches wins over any Allow. */
export type Policy = readonly Statement[]

/** A policy as JSON: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export type PolicyDocument = Fields

const isScalar = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value)

function textsOf(value: unknown, at: string): readonly string[] {
  const all = Array.isArray(value) ? value : [value]
  const texts = all.filter(isScalar).map(String)
  if (texts.length === 0 || texts.length !== all.length)
    throw new Error(`${at} must be text or a list of text`)
  return texts
}

function patternsOf(statement: Fields, name: "Action" | "Resource", at: string): Patterns {
  const [plain, negated] = [statement[name], statement[`Not${name}`]]
  if ((plain === undefined) === (negated === undefined))
    throw new Error(`${at} must have either ${name} or Not${name}`)
  return plain === undefined
    ? { not: true, patterns: textsOf(negated, `${at}.Not${name}`) }
    : { not: false, patterns: textsOf(plain, `${at}.${name}`) }
}

function conditionsOf(value: unknown, at: string): readonly Condition[] {
  if (value === undefined) return []
  if (!isFields(value)) throw new Error(`${at} must be an object`)
  return Object.entries(value).flatMap(([operator, keys]) => {
    if (!isOperator(operator)) throw new Error(`${at}: the simulator does not know the operator ${operator}`)
    if (!isFields(keys)) throw new Error(`${at}.${operator} must be an object`)
    return Object.entries(keys).map(([key, values]) => {
      if (!isKnownKey(key)) throw new Error(`${at}: the simulator does not know the condition key ${key}`)
      return { operator, key, values: textsOf(values, `${at}.${operator}.${key}`) }
    })
  })
}

const ELEMENTS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]

function statementOf(value: unknown, at: string): Statement {
  if (!isFields(value)) throw new Error(`${at} must be an object`)
  const strange = Object.keys(value).find((element) => !ELEMENTS.includes(element))
  if (strange !== undefined)
    throw new Error(
      `${at}: an identity-based policy has no element ${strange}; known: ${ELEMENTS.join(", ")}`,
    )
  const { Effect } = value
  if (Effect !== "Allow" && Effect !== "Deny") throw new Error(`${at}.Effect must be Allow or Deny`)
  return {
    effect: Effect,
    actions: patternsOf(value, "Action", at),
    resources: patternsOf(value, "Resource", at),
    conditions: conditionsOf(value.Condition, `${at}.Condition`),
  }
}

/**
 * Parses an identity-based policy.
 *
 * @param at its name, for messages.
 * @throws Error for what the simulator cannot evaluate: elements, operators, condition keys.
 */
export function policyOf(document: PolicyDocument, at: string): Policy {
  const { Statement } = document
  const statements = Array.isArray(Statement) ? Statement : [Statement]
  return statements.map((statement, index) => statementOf(statement, `${at}.Statement[${index}]`))
}
