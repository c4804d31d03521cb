/** Evidence of a failure, as the platform reports it. */

export interface Bundle {
  readonly stopped: readonly {
    readonly service: string
    readonly task: string
    readonly reason: string
    readonly containers: readonly {
      readonly name: string
      readonly exitCode: number | null
      readonly reason: string
    }[]
  }[]
  /** Newest first. */
  readonly events: readonly string[]
  readonly targets: readonly { readonly target: string; readonly state: string; readonly reason: string }[]
  readonly log: readonly string[]
  /** Reasons from the platform, checks and the bake time. */
  readonly reasons: readonly string[]
}

export const EMPTY_BUNDLE: Bundle = { stopped: [], events: [], targets: [], log: [], reasons: [] }
