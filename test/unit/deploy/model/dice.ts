/** Random choices that can be repeated. */
export interface Dice {
  readonly chance: (probability: number) => boolean
  readonly below: (count: number) => number
}

export function diceOf(seed: number): Dice {
  let state = (seed * 2654435761 + 1) >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return {
    // Nothing is drawn for what cannot happen.
    chance: (probability) => probability > 0 && next() < probability,
    below: (count) => Math.floor(next() * count),
  }
}

/** How likely things go wrong. */
export interface Odds {
  readonly kill: number
  readonly bad: number
  /** A person changes a service, against all rules. */
  readonly person: number
  /** A migration, or an answer of a person, outlasts the run that waits for it. */
  readonly slow: number
  /** A reply leaves a service out. */
  readonly partial: number
  /** A change is carried out, but its reply is lost. */
  readonly lost: number
  /** A change is throttled, and tried again. */
  readonly throttled: number
  /** A whole process stands still, its heartbeats too. */
  readonly stall: number
  /** The platform asks before it continues with a service. */
  readonly ask: number
  /** A service runs no task, so that nothing is proven. */
  readonly idle: number
}

export const ROUGH: Odds = {
  kill: 0.03,
  bad: 0.15,
  person: 0.04,
  slow: 0.15,
  partial: 0.05,
  lost: 0.02,
  throttled: 0.05,
  stall: 0.01,
  ask: 0.25,
  idle: 0.15,
}

export const CALM: Odds = {
  kill: 0,
  bad: 0,
  person: 0,
  slow: 0,
  partial: 0,
  lost: 0,
  throttled: 0,
  stall: 0,
  ask: 0,
  idle: 0,
}
