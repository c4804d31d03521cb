/** Rejects calls as the scenario requires: expired sessions, denied actions, throttling, conflicts. */
import { AwsError } from "../error.ts"
import type { Fields } from "../fields.ts"
import { refusalOf, refusalText } from "../iam/authorize.ts"
import { missingMember } from "../required.ts"
import type { State } from "../state.ts"

/** Names of the same errors in different services. */
export interface Codes {
  readonly expired: string
  readonly denied: string
  readonly deniedStatus: number
  readonly missing: string
  readonly throttled: string
  readonly throttledStatus: number
}

export const JSON_CODES: Codes = {
  expired: "ExpiredTokenException",
  denied: "AccessDeniedException",
  deniedStatus: 400,
  missing: "InvalidParameterException",
  throttled: "ThrottlingException",
  throttledStatus: 400,
}

export const QUERY_CODES: Codes = {
  expired: "ExpiredToken",
  denied: "AccessDenied",
  deniedStatus: 403,
  missing: "MissingParameter",
  throttled: "Throttling",
  throttledStatus: 400,
}

/** Codes of services with paths, as Lambda. */
export const REST_CODES: Codes = {
  ...JSON_CODES,
  deniedStatus: 403,
  throttled: "TooManyRequestsException",
  throttledStatus: 429,
}

export const S3_CODES: Codes = { ...QUERY_CODES, throttled: "SlowDown", throttledStatus: 503 }

interface CheckedCall {
  readonly service: string
  readonly operation: string
  readonly parameters: Fields
  readonly principal: string
  /** Null: the call is not signed. */
  readonly accessKey: string | null
  readonly codes: Codes
  /** Whether it is a conditional write to S3. */
  readonly conditional: boolean
}

/** Matches `ecs:*` and `ecs:UpdateService`. */
const matches = (pattern: string, action: string): boolean =>
  pattern.endsWith("*") ? action.startsWith(pattern.slice(0, -1)) : action === pattern

/** Services that use another code for a denied call, or begin its text in another way. */
const DENIED: Readonly<Record<string, { readonly code: string; readonly prefix: string }>> = {
  ec2: { code: "UnauthorizedOperation", prefix: "You are not authorized to perform this operation. " },
  sns: { code: "AuthorizationError", prefix: "" },
}

/** Codes of denied calls, of all services. */
export const DENIED_CODES: ReadonlySet<string> = new Set([
  ...[JSON_CODES, QUERY_CODES, S3_CODES].map((codes) => codes.denied),
  ...Object.values(DENIED).map(({ code }) => code),
])

function denied({ service, codes }: CheckedCall, message: string): AwsError {
  const { code, prefix } = DENIED[service] ?? { code: codes.denied, prefix: "" }
  return new AwsError(code, `${prefix}${message}`, codes.deniedStatus)
}

/** Returns whether the call with this number is every `many`-th one; never for 0. */
export const isOneIn = (many: number, count: number): boolean => many > 0 && count % many === 0

function isExpired(state: State, accessKey: string): boolean {
  if (state.expiredBefore === null) return false
  const session = state.sessions[accessKey]
  return session === undefined || session.issuedAt < state.expiredBefore
}

/**
 * @param count number of this call.
 * @throws AwsError if the scenario rejects the call.
 */
export function checkAllowed(state: State, call: CheckedCall, count: number): void {
  const { scenario } = state
  const action = `${call.service}:${call.operation}`
  if (call.accessKey !== null && isExpired(state, call.accessKey)) {
    throw new AwsError(call.codes.expired, "The security token included in the request is expired", 403)
  }
  if (scenario.denied.some((pattern) => matches(pattern, action))) {
    throw denied(
      call,
      `User: ${call.principal} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    )
  }
  const missing = missingMember(call.service, call.operation, call.parameters)
  if (missing !== null) {
    const message = `1 validation error detected: Value null at '${missing}' failed to satisfy constraint: Member must not be null`
    throw new AwsError(call.codes.missing, message)
  }
  const refusal = refusalOf(state, call)
  if (refusal !== null) throw denied(call, refusalText(call.principal, refusal))
  if (isOneIn(scenario.throttleOneIn, count)) {
    throw new AwsError(call.codes.throttled, "Rate exceeded", call.codes.throttledStatus)
  }
  if (call.conditional && isOneIn(scenario.conflictOneIn, count)) {
    const message =
      "The conditional request cannot succeed due to a conflicting operation against this resource."
    throw new AwsError("ConditionalRequestConflict", message, 409)
  }
}
