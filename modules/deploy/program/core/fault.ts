/** An error of the platform that releases go to, after all retries. */

export type FaultKind =
  | "credentials"
  | "denied"
  | "busy"
  | "unreachable"
  | "missing"
  | "conflict"
  | "elsewhere"
  | "unsupported"
  | "other"

/** A call to the platform that failed, with its cause as a kind. */
export class Fault extends Error {
  readonly kind: FaultKind
  /** What happened, in one sentence without a full stop. */
  readonly what: string
  /** What to do about it. */
  readonly fix: string

  constructor(kind: FaultKind, message: string, words: { readonly what: string; readonly fix: string }) {
    super(message)
    this.name = "Fault"
    this.kind = kind
    this.what = words.what
    this.fix = words.fix
  }
}
