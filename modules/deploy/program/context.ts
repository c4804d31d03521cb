/** What every step receives. */
import type { Aws } from "./aws/clients.ts"
import type { Bucket } from "./aws/objects.ts"
import type { Cluster } from "./aws/services.ts"
import type { Book } from "./book.ts"
import type { Clock } from "./clock.ts"
import type { Bundle } from "./plan/cause.ts"
import type { Reporter } from "./report.ts"
import type { Request } from "./request.ts"

/** Result of a step that the caller runs. */
export interface PortResult {
  readonly exitCode: number
  /** stdout and stderr together. The last lines are shown when the step fails. */
  readonly output: string
}

/** Steps that the caller runs. A missing one is skipped. */
export interface Ports {
  /** Verifies signature, SBOM and verdict of the images, by digest. */
  readonly verify?: () => Promise<PortResult>
  /** Applies the reviewed Terraform plan. */
  readonly terraform?: () => Promise<PortResult>
  /** Runs smoke tests against the live release. */
  readonly smoke?: () => Promise<PortResult>
}

/** Addresses and keys of notifications, by their name in slipway.yaml. */
export type NotifySecrets = Readonly<Record<string, string>>

export interface Context {
  readonly request: Request
  readonly aws: Aws
  readonly clock: Clock
  readonly cluster: Cluster
  readonly bucket: Bucket
  readonly reporter: Reporter
  readonly ports: Ports
  readonly notify: NotifySecrets
  /** Aborted when the run must stop. */
  readonly signal: AbortSignal
  /** Writable only while the lease is held. */
  readonly book: Book
  /** Evidence of a failure, collected as the run goes on. */
  readonly found: { bundle: Bundle }
}
