import { stripAnsi } from "../formats/clean.js"
import type { FaultCode } from "../run/causes.js"
import { Fault } from "../run/fault.js"
import { lockText, readLock } from "./lock.js"
import { errorOf, OUT_OF_REACH } from "./said.js"

/** Errors of Terraform, by their words. The first match counts. */
const REFUSALS: readonly {
  readonly pattern: RegExp
  readonly code: FaultCode
  readonly what: string
  readonly fix: string
}[] = [
  {
    pattern: /Saved plan is stale|Saved plan does not match the given state/,
    code: "stale",
    what: "the plan is stale: the state has changed since",
    fix: "run `infra plan` again, review the new plan, and apply it",
  },
  {
    pattern:
      /No valid credential sources|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure|AccessDenied|not authorized to perform|StatusCode: 40[13]/,
    code: "token",
    what: "AWS refuses the credentials",
    fix: "pass `--aws-access-key-id`, `--aws-secret-access-key` and `--aws-session-token` of a role with the permission, before the function",
  },
  {
    pattern: OUT_OF_REACH,
    code: "download",
    what: "the network is unreachable",
    fix: "check the network from the engine to the backend, AWS and the provider registry, or set a mirror in terraform.providers in slipway.yaml",
  },
]

/**
 * Turns a failed step into a fault.
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
    fix: known?.fix ?? "correct the configuration, and run `infra plan` again",
  })
}
