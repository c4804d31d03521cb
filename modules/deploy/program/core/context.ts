/** What every step receives, whatever it deploys to. */
import type { Approver } from "./approvals/count.ts"
import type { Trail } from "./audit.ts"
import type { Book } from "./book.ts"
import type { Clock } from "./clock.ts"
import type { Tracker } from "./deployments/tracker.ts"
import type { Bundle } from "./evidence.ts"
import type { Reporter } from "./report.ts"
import type { Request } from "./request.ts"
import type { Store } from "./store.ts"
import type { Duty } from "./tenure.ts"

/** Result of a step that the caller runs. */
export interface PortResult {
  readonly exitCode: number
  /** stdout and stderr together. The last lines are shown when the step fails. */
  readonly output: string
  /** Of `verify`: SHA-256 of the verdict that vouches for the images; null: unknown. */
  readonly verdict?: string | null
  /** What it did, where that is less than the step promises. */
  readonly note?: string | null
}

/** How the caller runs a step. */
export interface PortOptions {
  /** Aborted when the step must stop; it ends once nothing of it runs any more. */
  readonly signal: AbortSignal
  /** Whether an earlier run of this release started the step: then it succeeds if there is nothing left to do. */
  readonly again: boolean
}

/** A step that the caller runs. */
export type Port = (options: PortOptions) => Promise<PortResult>

/** Steps that the caller runs. A missing one is skipped, but production requires `verify`. */
export interface Ports {
  /** Verifies signature, SBOM and verdict of the images, by digest, and that they are of the release's commit. */
  readonly verify?: Port | undefined
  /** Applies the reviewed Terraform plan. */
  readonly terraform?: Port | undefined
  /** Runs smoke tests against the live release. */
  readonly smoke?: Port | undefined
}

/** Addresses and keys of notifications, by their name in slipway.yaml. */
export type NotifySecrets = Readonly<Record<string, string>>

/** What the steps of a run share. */
export interface RunContext {
  readonly request: Request
  readonly clock: Clock
  /** Where lease and ledger are kept. */
  readonly bucket: Store
  readonly reporter: Reporter
  readonly ports: Ports
  readonly notify: NotifySecrets
  /** For the API of the vendor whose approvals count; null: it is not asked. */
  readonly approvalToken: string | null
  /** Shows the deployment at the vendor. */
  readonly tracker: Tracker
  /** Aborted when the run must stop. */
  readonly signal: AbortSignal
  /** Writable only while the lease is held. */
  readonly book: Book
  /** The audit log in the bucket. */
  readonly trail: Trail
  /** Announces in the lease what this run does. */
  readonly duty: Duty
  /** Evidence of a failure, collected as the run goes on. */
  readonly found: {
    bundle: Bundle
    approvers: readonly Approver[]
    /** Steps of the caller that did not stop when they were told to. */
    unstopped?: readonly string[]
    /** Whether people know that the audit log is not written. */
    unrecorded?: boolean
    /** The last change in the audit log. */
    changing?: string
    /** What people should know beside the outcome. */
    remarks?: readonly string[]
  }
}
