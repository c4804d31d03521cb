/** What a scenario forbids: expired sessions, missing rights, too many calls. */
import { AwsError } from "../error.ts"
import type { State } from "../state.ts"

/** The services' different names for the same errors. */
export interface Codes {
  readonly expired: string
  readonly denied: string
  readonly throttled: string
  readonly throttledStatus: number
}

export const JSON_CODES: Codes = {
  expired: "ExpiredTokenException",
  denied: "AccessDeniedException",
  throttled: "ThrottlingException",
  throttledStatus: 400,
}

export const QUERY_CODES: Codes = {
  expired: "ExpiredToken",
  denied: "AccessDenied",
  throttled: "Throttling",
  throttledStatus: 400,
}

export const S3_CODES: Codes = { ...QUERY_CODES, throttled: "SlowDown", throttledStatus: 503 }

interface Asked {
  readonly service: string
  readonly operation: string
  readonly principal: string
  /** Null: the call is not signed. */
  readonly accessKey: string | null
  readonly codes: Codes
  /** It writes to S3 only if something is, or is not, there. */
  readonly conditional: boolean
}

/** `ecs:*` and `ecs:UpdateService`. */
const matches = (pattern: string, action: string): boolean =>
  pattern.endsWith("*") ? action.startsWith(pattern.slice(0, -1)) : action === pattern

const isOneIn = (many: number, count: number): boolean => many > 0 && count % many === 0

function isExpired(state: State, accessKey: string): boolean {
  if (state.expiredBefore === null) return false
  const session = state.sessions[accessKey]
  return session === undefined || session.issuedAt < state.expiredBefore
}

/**
 * @param count The number of this call, counted up.
 * @throws AwsError where the scenario does not let it through.
 */
export function checkAllowed(state: State, asked: Asked, count: number): void {
  const { scenario } = state
  const action = `${asked.service}:${asked.operation}`
  if (asked.accessKey !== null && isExpired(state, asked.accessKey)) {
    throw new AwsError(asked.codes.expired, "The security token included in the request is expired", 403)
  }
  if (scenario.denied.some((pattern) => matches(pattern, action))) {
    throw new AwsError(
      asked.codes.denied,
      `User: ${asked.principal} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
      asked.service === "ecs" ? 400 : 403,
    )
  }
  if (isOneIn(scenario.throttleOneIn, count)) {
    throw new AwsError(asked.codes.throttled, "Rate exceeded", asked.codes.throttledStatus)
  }
  if (asked.conditional && isOneIn(scenario.conflictOneIn, count)) {
    const message =
      "The conditional request cannot succeed due to a conflicting operation against this resource."
    throw new AwsError("ConditionalRequestConflict", message, 409)
  }
}
