/** The outcomes of a request: the one table of them. */

/**
 * `exitCode`: of `dagger call deploy` and of the program. `red`: whether a person has to look. `urgent`: whether
 * somebody is called. A deployment that a newer one replaced is not red: what is live is newer than what was asked for.
 */
export const OUTCOMES = {
  succeeded: {
    exitCode: 0,
    red: false,
    urgent: false,
    means: "what was asked for is live, healthy and proven",
  },
  "rolled-back": {
    exitCode: 40,
    red: true,
    urgent: true,
    means: "it failed; the last proven-good release is live",
  },
  "rollback-failed": {
    exitCode: 41,
    red: true,
    urgent: true,
    means: "it failed, and so did the way back: act now",
  },
  superseded: { exitCode: 42, red: false, urgent: false, means: "a newer deployment took its place" },
  "still-running": {
    exitCode: 43,
    red: true,
    urgent: true,
    means: "AWS goes on with it; nobody watches any more",
  },
  refused: { exitCode: 44, red: true, urgent: false, means: "a rule forbids it" },
  failed: { exitCode: 45, red: true, urgent: true, means: "it failed, and nothing was rolled back" },
} as const

export type Outcome = keyof typeof OUTCOMES

/** Of `still-running` where a person has to answer before it goes on. */
export const WAITS_FOR_ANSWER = 46

/** The exit code of an outcome; a question has its own. */
export const exitCodeOf = (outcome: Outcome, asks: boolean): number =>
  outcome === "still-running" && asks ? WAITS_FOR_ANSWER : OUTCOMES[outcome].exitCode

/** The end of a request, and why. */
export interface End {
  readonly outcome: Outcome
  /** What happened, in one sentence without a full stop. */
  readonly what: string
  /** The likely cause, in one sentence; null where there is nothing to explain. */
  readonly cause: string | null
  /** What to do, a line each; the first one first. */
  readonly todo: readonly string[]
  /** The question that a person has to answer, or null. */
  readonly ask: string | null
  /** Whether the next run takes up what this one leaves. */
  readonly kept: boolean
}

/** An end with what is seldom needed left out. */
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
  kept: outcome === "still-running",
  ...rest,
})

/** The end of a run whose deployment somebody else's replaced. */
export const replacedBy = (newer: string, service: string): End =>
  end("superseded", `a newer deployment (${newer}) took the place of ours in ${service}`, {
    todo: [
      "nothing, if the newer one is wanted; this run touched nothing more",
      "the services may be of different releases until the newer one is through: see what is live",
    ],
  })

/** Thrown by a step to end the request here. */
export class Ended extends Error {
  readonly end: End

  constructor(ended: End) {
    super(ended.what)
    this.name = "Ended"
    this.end = ended
  }
}

/** Thrown where a release that may be live in part is bad: the set goes back. */
export class NeedsRollback extends Error {
  readonly why: string

  /** @param why what is wrong with the release, in one sentence without a full stop. */
  constructor(why: string) {
    super(why)
    this.name = "NeedsRollback"
    this.why = why
  }
}

/** Thrown where another run has taken the environment over: nothing more is touched. */
export class LeaseLost extends Error {
  /** @param by who has it now. */
  constructor(by: string) {
    super(`the lease was taken over by ${by}`)
    this.name = "LeaseLost"
  }
}

/** Thrown where a step takes longer than it may. */
export class StepTimedOut extends Error {
  constructor(step: string, minutes: number) {
    super(`the step ${step} did not end in ${minutes} min`)
    this.name = "StepTimedOut"
  }
}

/** Thrown where the run is told to stop, by SIGTERM. */
export class Interrupted extends Error {
  constructor() {
    super("the run was told to stop")
    this.name = "Interrupted"
  }
}
