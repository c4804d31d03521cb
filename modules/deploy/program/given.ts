/** What every step is given. */
import type { Aws } from "./aws/clients.ts"
import type { Bucket } from "./aws/objects.ts"
import type { Cluster } from "./aws/services.ts"
import type { Book } from "./book.ts"
import type { Clock } from "./clock.ts"
import type { Bundle } from "./plan/cause.ts"
import type { Reporter } from "./report.ts"
import type { Request } from "./request.ts"

/** What a program of the caller's ended with. */
export interface PortResult {
  readonly exitCode: number
  /** Output and errors; its last lines are shown where it fails. */
  readonly output: string
}

/** What the caller brings: run at their step. A port that is missing is a step that is left out. */
export interface Ports {
  /** Checks signature, SBOM and verdict of the images by digest. */
  readonly verify?: () => Promise<PortResult>
  /** Applies the reviewed plan. */
  readonly terraform?: () => Promise<PortResult>
  /** Smoke tests against what is live. */
  readonly smoke?: () => Promise<PortResult>
}

/** Addresses and keys of notifications, by the name that slipway.yaml gives them. */
export type NotifySecrets = Readonly<Record<string, string>>

export interface Given {
  readonly request: Request
  readonly aws: Aws
  readonly clock: Clock
  readonly cluster: Cluster
  readonly bucket: Bucket
  readonly reporter: Reporter
  readonly ports: Ports
  readonly notify: NotifySecrets
  /** Aborted when the run is told to stop. */
  readonly signal: AbortSignal
  /** Only while the lease is held. */
  readonly book: Book
  /** What was found around a failure, gathered as it goes. */
  readonly found: { bundle: Bundle }
}
