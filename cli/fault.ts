/** Exit codes of faults on the host's side. A run's own codes (0, 10–24) are in `ci/src/run/exit-codes.ts`. */
export const HOST_EXIT_CODES = {
  usage: 2,
  "not-root": 30,
  "tool-missing": 31,
  "disk-full": 32,
  "state-damaged": 33,
  "engine-failed": 34,
  "engine-lost": 35,
  "build-failed": 36,
  "no-folder": 37,
  internal: 38,
  "base-unusable": 39,
  interrupted: 130,
} as const

export type HostCode = keyof typeof HOST_EXIT_CODES

/** A failure with one message for a person: what happened, where it can be read, and the way out. */
export class HostFault extends Error {
  override readonly name = "HostFault"

  /**
   * @param code names the exit code.
   * @param what one sentence: what happened.
   * @param fix one sentence: what to do about it, where something is to be done.
   * @param log path of the full log, where there is one.
   */
  constructor(
    readonly code: HostCode,
    readonly what: string,
    readonly fix: string | null,
    readonly log: string | null = null,
  ) {
    super(what)
  }

  /** The exit code of the process. */
  get exitCode(): number {
    return HOST_EXIT_CODES[this.code]
  }

  /** What a person reads on standard error. */
  render(): string {
    const fix = this.fix === null ? [] : [`  → ${this.fix}`]
    const log = this.log === null ? [] : [`  log: ${this.log}`]
    return [`slipway: ${this.what}`, ...fix, ...log].join("\n")
  }
}
