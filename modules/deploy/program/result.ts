/** What a request ends with, as JSON. */
import type { Bundle } from "./plan/cause.ts"
import type { Outcome } from "./plan/outcome.ts"
import type { StepEntry } from "./report.ts"

/** A service as it is at the end. */
export interface LiveService {
  readonly service: string
  /** `family:revision`; null where nothing is in place. */
  readonly revision: string | null
  /** Of the release that made this revision; null where the ledger knows none. */
  readonly commit: string | null
  /** The image that this release gave the service, by digest; null where the ledger knows none. */
  readonly image: string | null
  /** Tasks of this revision. */
  readonly running: number
  readonly desired: number
  /** Other revisions whose tasks still run: while a rollout is under way, they serve. */
  readonly besides: readonly {
    readonly revision: string
    readonly commit: string | null
    readonly image: string | null
    readonly running: number
  }[]
  /** Of ECS, where the service is still moving. */
  readonly moving: boolean
}

/** What is live; where it could not be looked at, why. */
export type Live = { readonly services: readonly LiveService[] } | { readonly unknown: string }

/** A release that was proven good and is what is live, in all services. */
export interface Proven {
  readonly number: number
  readonly commit: string
  /** By the names that services have for them, by digest. */
  readonly images: Readonly<Record<string, string>>
}

export interface Result {
  readonly version: 1
  readonly outcome: Outcome
  readonly exitCode: number
  /** Whether a person has to look. */
  readonly red: boolean
  readonly environment: string
  readonly action: string
  readonly commit: string
  readonly release: number | null
  readonly what: string
  readonly cause: string | null
  readonly todo: readonly string[]
  /** The question that waits for an answer. */
  readonly ask: string | null
  readonly live: Live
  /** What another environment may be given; null where something else is live, or unproven, or moving. */
  readonly proven: Proven | null
  /** What explains a failure; null where nothing failed. */
  readonly bundle: Bundle | null
  readonly steps: readonly StepEntry[]
  readonly milliseconds: number
  readonly run: { readonly id: string; readonly url: string | null; readonly actor: string }
  /** What else went wrong and changes nothing of the outcome: a notification, the lease. */
  readonly remarks: readonly string[]
  /** Lines of `plan` and `status`. */
  readonly details: readonly string[]
  /** The audit log, an entry of JSON each. */
  readonly audit: readonly string[]
  /** All of it for a person. */
  readonly text: string
}
