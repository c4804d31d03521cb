/** What can be wrong with a machine, or fail on it. */
export type HostFaultKind =
  | "not-root"
  | "tool-missing"
  | "disk-full"
  | "state-damaged"
  | "engine-failed"
  | "engine-lost"
  | "build-failed"

/** A failure that a user reads as one message: problem, fix, log. */
export abstract class ExplainedFault<Kind extends string> extends Error {
  /**
   * @param kind what sort of failure it is; the command has an exit code for each.
   * @param what the problem, in one sentence.
   * @param fix what to do, in one sentence; null for nothing.
   * @param log the path of the full log, or null.
   */
  constructor(
    readonly kind: Kind,
    readonly what: string,
    readonly fix: string | null,
    readonly log: string | null = null,
  ) {
    super(what)
  }

  /** Renders the message for standard error. */
  render(): string {
    const fix = this.fix === null ? [] : [`  → ${this.fix}`]
    const log = this.log === null ? [] : [`  log: ${this.log}`]
    return [`slipway: ${this.what}`, ...fix, ...log].join("\n")
  }
}

/** A failure of this machine, or of the engine on it. */
export class HostFault extends ExplainedFault<HostFaultKind> {
  override readonly name = "HostFault"
}
