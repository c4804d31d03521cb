/** A step of a run. Steps are data, so that the order of an action is a list. */
import type { End } from "./outcome.ts"

/** A step of an action. */
export interface Step<C> {
  readonly name: StepName
  /** Time limit. The platform continues what it has started. */
  readonly minutes: number
  /** Whether a rerun skips the step once it is done. */
  readonly once: boolean
  /** @throws {LeaseLost}, {Interrupted}, {StepTimedOut}, {Fault}: the run cannot see how the step ends. */
  readonly run: (context: C) => Promise<Done>
}

/** Names of the steps before the change, of the rollout, and of the way back or another action. */
export type StepName =
  | (
      | "gate"
      | "order"
      | "settle"
      | "verify"
      | "compatible"
      | "terraform"
      | "preflight"
      | "snapshot"
      | "migration"
    )
  | ("revisions" | "rollout" | "health" | "bake")
  | ("stop" | "back" | "restored" | "audit")

/** How a step ended. */
export type Done =
  /** A short text: what it did. */
  | { readonly did: string }
  /** Why there was nothing to do. */
  | { readonly skipped: string }
  /** The run ends here. */
  | { readonly ended: End }
  /** What is wrong with the release, in one sentence without a full stop: it may be live in part. */
  | { readonly bad: string; readonly known?: Known | undefined }

/** Why a release is bad, and what to do, where the step knows it better than the evidence. */
export interface Known {
  readonly cause: string
  readonly fixes: readonly string[]
}

/** The step changed or checked something. */
export const did = (text: string): Done => ({ did: text })
/** The step had nothing to do. */
export const skipped = (text: string): Done => ({ skipped: text })
/** No step follows. */
export const ended = (end: End): Done => ({ ended: end })
/** The release is at fault: the run goes back, if it may. */
export const bad = (why: string, known?: Known): Done => ({ bad: why, known })
