/** The result of a request, as JSON. */
import type { Trial } from "./compatible.ts"
import type { Bundle } from "./evidence.ts"
import type { Outcome } from "./outcome.ts"
import type { StepEntry } from "./report.ts"

/** A service at the end of the run. */
export interface LiveService {
  readonly service: string
  /** The service's state by ECS; "": ECS has no such service. */
  readonly status: string
  /** ARN of the primary deployment's task definition; null: none. */
  readonly revision: string | null
  /** Commit of the release that made this revision; null: not in the ledger. */
  readonly commit: string | null
  /** Image of the service in that release, by digest; null: not in the ledger. */
  readonly image: string | null
  /** Running tasks of this revision. */
  readonly running: number
  readonly desired: number
  /** Other revisions with running tasks. They serve traffic during a rollout. */
  readonly besides: readonly {
    readonly revision: string
    readonly commit: string | null
    readonly image: string | null
    readonly running: number
  }[]
  /** Whether ECS still changes the service. */
  readonly moving: boolean
}

/** What is live, or why that is unknown. */
export type Live = { readonly services: readonly LiveService[] } | { readonly unknown: string }

/** A proven-good release that is live in all services. */
export interface Proven {
  readonly number: number
  readonly commit: string
  /** Image references with digest, by image name. */
  readonly images: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** The live release by the ledger alone, whatever services run. */
export interface Recorded extends Proven {
  /** Whether it was live and healthy through its bake time. */
  readonly proven: boolean
}

/** The release in flight. */
export interface Unfinished {
  readonly action: string
  readonly commit: string
  /** ID of the run that opened it. */
  readonly run: string
}

/** The release that ended last. */
export interface LastRelease {
  readonly action: string
  readonly commit: string
  readonly outcome: string
  /** ID of the run that ended it. */
  readonly run: string
}

/** The result of a run, as callers get it. */
export interface Result {
  readonly version: 1
  readonly outcome: Outcome
  readonly exitCode: number
  /** Whether someone must act. */
  readonly red: boolean
  readonly environment: string
  readonly action: string
  readonly commit: string
  readonly release: number | null
  readonly what: string
  readonly cause: string | null
  readonly todo: readonly string[]
  /** The question to answer; null: none. */
  readonly ask: string | null
  readonly live: Live
  /** The release to promote; null if the live services are unproven, moving, or of different releases. */
  readonly proven: Proven | null
  /** Null: none is live, or the ledger does not have it any more. */
  readonly recorded: Recorded | null
  /** Null: nothing is in flight. */
  readonly inflight: Unfinished | null
  /** The release that ended last, by the ledger; null: none. */
  readonly last: LastRelease | null
  /** Of `compatible`: what must be tried; null: nothing. */
  readonly trial: Trial | null
  /** Evidence of a failure; null: nothing failed. */
  readonly bundle: Bundle | null
  readonly steps: readonly StepEntry[]
  readonly milliseconds: number
  readonly run: { readonly id: string; readonly url: string | null; readonly actor: string }
  /** Problems that do not change the outcome, such as a failed notification. */
  readonly remarks: readonly string[]
  /** Output of `plan` and `status`. */
  readonly details: readonly string[]
  /** The audit log, one JSON object per entry. */
  readonly audit: readonly string[]
  /** The result as text for people. */
  readonly text: string
}
