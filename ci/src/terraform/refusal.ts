import { stripAnsi } from "../formats/clean.js"
import type { FaultCode } from "../run/causes.js"
import { Fault } from "../run/fault.js"
import { lockText, readLock } from "./lock.js"
import { errorOf, OUT_OF_REACH } from "./said.js"

/** What Terraform says when it does not do what it is asked. The first that fits counts. */
const REFUSALS: readonly {
  readonly pattern: RegExp
  readonly code: FaultCode
  readonly what: string
  readonly fix: string
}[] = [
  {
    pattern: /Saved plan is stale|Saved plan does not match the given state/,
    code: "stale",
    what: "the plan is stale: the state was written since",
    fix: "plan again, look at it, and apply that",
  },
  {
    pattern:
      /No valid credential sources|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure|AccessDenied|not authorized to perform|StatusCode: 40[13]/,
    code: "token",
    what: "AWS refuses the credentials",
    fix: "hand over --aws-access-key-id, --aws-secret-access-key and --aws-session-token of a role that may do this, before the function",
  },
  {
    pattern: OUT_OF_REACH,
    code: "download",
    what: "something cannot be reached",
    fix: "check the way from the engine to the backend, to AWS and to the registry of providers (terraform.providers in slipway.yaml names a mirror)",
  },
]

/**
 * A step that failed as a fault.
 *
 * @param doing `plan`, `apply`: for the message.
 * @param now milliseconds since the epoch, for the age of a lock.
 */
export function refusal(doing: string, step: string, said: string, now: number): Fault {
  const log = stripAnsi(said)
  const lock = readLock(log)
  if (lock !== null) return new Fault("locked", { ...lockText(lock, now), where: null })
  const known = REFUSALS.find(({ pattern }) => pattern.test(log))
  const what = known?.what ?? `${step} failed`
  return new Fault(known?.code ?? "failed", {
    what: `${doing}: ${what}: ${errorOf(log)}`,
    where: null,
    fix: known?.fix ?? "correct the configuration, and plan again",
  })
}
