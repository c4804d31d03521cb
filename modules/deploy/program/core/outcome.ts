/** The outcomes of a request. */

/**
 * `exitCode`: of `dagger call deploy` and of the program. `red`: someone must act. `urgent`: someone is paged.
 * `superseded` is not red, because something newer is live. docs/deploy.md has the same table.
 */
export const OUTCOMES = {
  succeeded: {
    exitCode: 0,
    red: false,
    urgent: false,
    meaning: "the requested release is live, healthy and proven good",
  },
  "rolled-back": {
    exitCode: 40,
    red: true,
    urgent: true,
    meaning: "the deployment failed; the last proven-good release is live and healthy",
  },
  "rollback-failed": {
    exitCode: 41,
    red: true,
    urgent: true,
    meaning: "the deployment failed and so did its rollback: act now",
  },
  superseded: {
    exitCode: 42,
    red: false,
    urgent: false,
    meaning: "a newer deployment or another run took over",
  },
  "still-running": {
    exitCode: 43,
    red: true,
    urgent: true,
    meaning: "AWS continues, but nobody is watching: run again",
  },
  refused: { exitCode: 44, red: true, urgent: false, meaning: "a rule forbids it; nothing was deployed" },
  failed: {
    exitCode: 45,
    red: true,
    urgent: true,
    meaning: "the deployment failed and nothing was rolled back",
  },
  unseen: {
    exitCode: 48,
    red: true,
    urgent: false,
    meaning: "an action that only looks could not see: nothing is known",
  },
} as const

export type Outcome = keyof typeof OUTCOMES

/** Exit code of `still-running` with a question to answer. */
export const WAITS_FOR_ANSWER = 46

/** @param asks whether a question must be answered. */
export const exitCodeOf = (outcome: Outcome, asks: boolean): number =>
  outcome === "still-running" && asks ? WAITS_FOR_ANSWER : OUTCOMES[outcome].exitCode

/** The end of a request. */
export interface End {
  readonly outcome: Outcome
  /** What happened, in one sentence without a full stop. */
  readonly what: string
  /** The likely cause, in one sentence; null: unknown or not needed. */
  readonly cause: string | null
  /** What to do, one line for each step, in order. */
  readonly todo: readonly string[]
  /** The question to answer, or null. */
  readonly ask: string | null
  /** Whether the journal is kept, so that the next run can continue. */
  readonly resumable: boolean
  /** Whether someone stopped the run: then nobody is paged. */
  readonly cancelled: boolean
}

/** Builds an end from its parts; the others have defaults. */
export const end = (
  outcome: Outcome,
  what: string,
  rest: Partial<Omit<End, "outcome" | "what">> = {},
): End => ({
  outcome,
  what,
  cause: null,
  todo: [],
  ask: null,
  resumable: outcome === "still-running",
  cancelled: false,
  ...rest,
})

/** Returns the end of a run whose deployment was replaced. */
export const replacedBy = (newer: string, service: string): End =>
  end("superseded", `a newer deployment (${newer}) replaced this one in ${service}`, {
    todo: [
      "nothing to do if the newer deployment is intended; this run changed nothing more",
      "until the newer one is complete, services may run different releases: see `live`",
    ],
  })

/** Thrown deep in a step to end the request; becomes the result of the step. */
export class Ended extends Error {
  readonly end: End

  constructor(ended: End) {
    super(ended.what)
    this.name = "Ended"
    this.end = ended
  }
}

/** Thrown if another run has taken the lease over: this run changes nothing more. */
export class LeaseLost extends Error {
  /** @param by the new owner. */
  constructor(by: string) {
    super(`the lease was taken over by ${by}`)
    this.name = "LeaseLost"
  }
}

/** Thrown if this run could not renew its lease: it stops itself before another run may take the lease. */
export class LeaseLapsed extends Error {
  /** @param why the error of the last attempt. */
  constructor(seconds: number, why: string) {
    super(`the lease could not be renewed for ${seconds} s (${why})`)
    this.name = "LeaseLapsed"
  }
}

/** Thrown if a change must not be made because its audit line is not written. */
export class Unaudited extends Error {
  /** @param operation the change. */
  constructor(environment: string, operation: string, why: string) {
    super(`${environment} is production, and the audit line of ${operation} cannot be written (${why})`)
    this.name = "Unaudited"
  }
}

/** Thrown if a step exceeds its time limit. */
export class StepTimedOut extends Error {
  constructor(step: string, minutes: number) {
    super(`step ${step} timed out after ${minutes} min`)
    this.name = "StepTimedOut"
  }
}

/** Thrown after SIGTERM. */
export class Interrupted extends Error {
  constructor() {
    super("the run was stopped")
    this.name = "Interrupted"
  }
}
