/** Retries calls to AWS, and classifies their errors. */
import type { Clock } from "../core/clock.ts"
import { Fault, type FaultKind } from "../core/fault.ts"
import { scrubber } from "../core/report.ts"
import { oneLine } from "../core/text.ts"

interface Words {
  readonly what: string
  readonly fix: string
}

/** What happened, and what to do, by kind. */
const WORDS: Readonly<Record<Exclude<FaultKind, "denied">, Words>> = {
  credentials: { what: "the AWS credentials are expired or invalid", fix: "get new credentials" },
  busy: {
    what: "AWS throttled a call or failed",
    fix: "wait, then run again: AWS throttled calls or failed for minutes",
  },
  unreachable: { what: "AWS is unreachable", fix: "check the network between the runner and AWS" },
  missing: { what: "AWS reports a missing resource", fix: "create what is missing, or correct its name" },
  conflict: { what: "AWS reports a conflict", fix: "find out who else changes the same resource" },
  elsewhere: {
    what: "the state bucket is in another region",
    fix: "name a bucket of the environment's region in `state.bucket`, or correct `region`",
  },
  unsupported: {
    what: "the AWS endpoint does not support an operation",
    fix: "use an endpoint that supports this operation",
  },
  other: { what: "AWS rejected a call", fix: "read the error of AWS" },
}

/** Prefixes of actions whose service has another name there. */
const PREFIXES: Readonly<Record<string, string>> = { ELB: "elasticloadbalancing" }

/** Returns the action that the role lacks: AWS names it if it is another one than the call, such as iam:PassRole. */
function actionOf(operation: string, detail: string): string {
  const named = /not authorized to perform: ([\w-]+:\w+)/.exec(detail)?.[1]
  const [service = "", name = ""] = operation.split(" ")
  return named ?? `${PREFIXES[service] ?? service.toLowerCase()}:${name}`
}

/** Returns what is denied, and what to do: a policy may deny what another one grants. */
function deniedWords(operation: string, detail: string): Words {
  const action = actionOf(operation, detail)
  const what = `AWS denied ${action}`
  return /explicit deny/.test(detail)
    ? { what: `${what}: a policy forbids it to the role`, fix: `change the policy that denies ${action}` }
    : { what: `${what}: the role lacks this permission`, fix: `grant the role ${action}` }
}

/** An error of AWS after all retries. */
export class AwsFault extends Fault {
  readonly code: string
  readonly operation: string
  readonly #detail: string

  constructor(kind: FaultKind, code: string, operation: string, detail: string) {
    const words = kind === "denied" ? deniedWords(operation, detail) : WORDS[kind]
    super(kind, [operation, ...(code === "" ? [] : [code]), oneLine(detail)].join(": "), words)
    this.name = "AwsFault"
    this.code = code
    this.operation = operation
    this.#detail = detail
  }

  /** Returns the error without values of a request that AWS may have repeated in it. */
  without(values: readonly string[]): AwsFault {
    return new AwsFault(this.kind, this.code, this.operation, scrubber(values)(this.#detail))
  }
}

/** Fault kinds by error name. The first match counts. */
const KINDS: readonly (readonly [RegExp, FaultKind])[] = [
  [
    /Expired(Token|Credentials)|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|CredentialsProvider|InvalidToken|AuthFailure|TokenRefreshRequired/,
    "credentials",
  ],
  [/AccessDenied|UnauthorizedOperation|NotAuthorized|AuthorizationError|^Forbidden$/, "denied"],
  [
    /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded.*Rate|ServiceUnavailable|InternalFailure|InternalError|ServerException|ConditionalRequestConflict/,
    "busy",
  ],
  [
    /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|TimeoutError|AbortError|NetworkingError|socket hang up/,
    "unreachable",
  ],
  [/PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint/, "elsewhere"],
  [/PreconditionFailed|AlreadyExists/, "conflict"],
  [/NotFound|NoSuch|does not exist|UnknownResource/i, "missing"],
  [/UnknownOperation|UnsupportedFeature|NotImplemented|InvalidAction|UnsupportedOperation/, "unsupported"],
]

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

function fieldsOf(error: unknown): { name: string; code: string; message: string; status: number } {
  if (typeof error !== "object" || error === null)
    return { name: "", code: "", message: String(error), status: 0 }
  const metadata = "$metadata" in error ? error.$metadata : null
  const status =
    typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
      ? metadata.httpStatusCode
      : 0
  return {
    name: "name" in error ? textOf(error.name) : "",
    code: "code" in error ? textOf(error.code) : "",
    message: "message" in error ? textOf(error.message) : "",
    status: typeof status === "number" ? status : 0,
  }
}

function byStatus(status: number): FaultKind {
  if (status === 429 || status >= 500) return "busy"
  if (status === 412) return "conflict"
  return status === 404 ? "missing" : "other"
}

/** What AWS adds for those who may decode it: it tells of policies, conditions and the request. */
const ENCODED = /(Encoded authorization failure message):?\s*\S+/i

/** Converts an error of the SDK. */
function faultOf(error: unknown, operation: string): AwsFault {
  if (error instanceof AwsFault) return error
  const { name, code, message, status } = fieldsOf(error)
  const named = KINDS.find(([pattern]) => pattern.test(name) || pattern.test(code))?.[1]
  return new AwsFault(
    named ?? byStatus(status),
    name === "Error" ? code : name,
    operation,
    (message || code || "no message").replace(ENCODED, "$1 left out"),
  )
}

/** Thrown inside of a client: the change was not sent. */
export class NotSent extends Error {
  /** @param cause why. */
  constructor(cause: unknown) {
    super("the change was not sent", { cause })
    this.name = "NotSent"
  }
}

/** Errors after which the call may still have taken effect. */
const UNSURE: ReadonlySet<FaultKind> = new Set(["busy", "unreachable", "credentials"])

/** Returns whether AWS has answered a call, and refused it: then it changed nothing. */
export const isRejected = (error: unknown): error is AwsFault =>
  error instanceof AwsFault && !UNSURE.has(error.kind)

const AGAIN: ReadonlySet<FaultKind> = new Set(["busy", "unreachable"])

/** Waits between attempts, in milliseconds: four and a half minutes in total. */
const WAITS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 60_000, 60_000, 60_000]

/** Waits after each attempt: for minutes, or none. */
const PACES = { patient: [...WAITS, null], quick: [0, 0, null] } as const
export type Pace = keyof typeof PACES

/**
 * Calls AWS, and retries while AWS is busy or unreachable.
 *
 * @throws {AwsFault} if the last attempt fails too.
 * @throws what kept a change from being sent: the lease is lost, or its audit line is not written.
 */
export async function call<T>(
  clock: Clock,
  operation: string,
  send: () => Promise<T>,
  pace: Pace = "patient",
): Promise<T> {
  for (const wait of PACES[pace]) {
    try {
      return await send()
    } catch (error) {
      if (error instanceof NotSent) throw error.cause
      const fault = faultOf(error, operation)
      if (wait === null || !AGAIN.has(fault.kind)) throw fault
      await clock.sleep(wait)
    }
  }
  throw new AwsFault("busy", "", operation, "all attempts failed")
}

/** Calls AWS. @returns null if the resource does not exist. */
export async function callIfThere<T>(
  clock: Clock,
  operation: string,
  send: () => Promise<T>,
  pace: Pace = "patient",
): Promise<T | null> {
  try {
    return await call(clock, operation, send, pace)
  } catch (error) {
    if (error instanceof AwsFault && error.kind === "missing") return null
    throw error
  }
}
