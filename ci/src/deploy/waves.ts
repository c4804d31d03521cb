/** Decides how a release goes on over waves of environments, from what their ledgers say and how this run's work ended. */

/** `waves.<name>` of slipway.yaml. */
export interface Waves {
  /** Environments by wave. */
  readonly order: readonly (readonly string[])[]
  /** Minutes that a wave is live before the next one starts. */
  readonly bakeMinutes: number
  /** What becomes of environments that have the release when a later one fails. */
  readonly onFailure: "stop" | "rollback"
}

/** What is known of an environment. */
export interface Seen {
  /** Since when the release is live and proven good there, in milliseconds; null: it is not. */
  readonly since: number | null
  /** Exit code of this run's deployment, or of a later look at what is live; null: none yet. */
  readonly ended: number | null
  /** Whether it was looked at after the bake time. */
  readonly looked: boolean
  /** Whether this run left the release on its way there: ECS continues, or waits for an answer. */
  readonly underWay: boolean
  /** Whether this run's way back is in flight there. */
  readonly returning: boolean
  /** Exit code of its way back by this run, or by one that was killed; null: none. */
  readonly back: number | null
}

export const UNSEEN: Seen = {
  ...{ since: null, ended: null, looked: false },
  ...{ underWay: false, returning: false, back: null },
}

/** What to do next. Environments of one step are done together. */
export type Next =
  | { readonly do: "deploy" | "look" | "rollback"; readonly environments: readonly string[] }
  | { readonly do: "wait"; readonly until: number }
  | { readonly do: "end"; readonly exitCode: number }

/** What is known of each environment, by name. */
export type WavesSeen = Readonly<Record<string, Seen>>

/** Exit codes of deployments that failed, the worst first: what ended otherwise is no verdict on the release. */
const FAILED = [41, 45, 40] as const
const [ROLLBACK_FAILED, , ROLLED_BACK] = FAILED
/** An environment that could not be asked: nothing is known of the release there. */
export const UNSEEN_CODE = 48
const RED: readonly number[] = [...FAILED, UNSEEN_CODE, 43, 46, 44, 42]

/** Exit code where a rule stops the waves: one is that only a proven wave lets the next one start. */
export const REFUSED = 44

const MINUTE_MS = 60_000

/** Returns the worst of some exit codes; a code that is not of a deployment comes first. */
export const worst = (codes: readonly number[]): number =>
  codes.find((code) => code !== 0 && !RED.includes(code)) ?? RED.find((code) => codes.includes(code)) ?? 0

/** Returns what is known of an environment. */
export const seenOf = (seen: WavesSeen, name: string): Seen => seen[name] ?? UNSEEN

/** Returns whether an environment has the release: by its ledger, and as far as this run knows. */
export const has = ({ since, ended }: Seen): boolean => since !== null && (ended ?? 0) === 0

/** Returns whether the release was deployed well, and is not proven good. */
export const isUnproven = ({ since, ended }: Seen): boolean => since === null && ended === 0

/** Returns the next step. The same ledgers give the same step, so that a rerun goes on where a run stopped. */
export function nextOf(waves: Waves, seen: WavesSeen, now: number): Next {
  const { order } = waves
  const all = order.flat().map((name) => seenOf(seen, name))
  const red = worst(all.map(({ ended }) => ended ?? 0))
  // The way back began, perhaps in a run that was killed.
  if (all.some(({ back, returning }) => back !== null || returning))
    return stopped(waves, seen, red || ROLLED_BACK)
  for (const [index, wave] of order.entries()) {
    const here = wave.map((name) => seenOf(seen, name))
    if (here.some(({ ended }) => (ended ?? 0) !== 0)) return stopped(waves, seen, red)
    const environments = wave.filter((name) => !has(seenOf(seen, name)) && !isUnproven(seenOf(seen, name)))
    if (environments.length > 0) return { do: "deploy", environments }
    const later = order.slice(index + 1).flat()
    if (later.every((name) => has(seenOf(seen, name)))) continue
    if (here.some(isUnproven)) return stopped(waves, seen, REFUSED)
    const baked = bakedOf(waves, wave, seen, now)
    if (baked !== null) return baked
  }
  return { do: "end", exitCode: 0 }
}

/** Returns what a wave's bake time still needs; null: nothing. */
function bakedOf({ bakeMinutes }: Waves, wave: readonly string[], seen: WavesSeen, now: number): Next | null {
  if (bakeMinutes === 0) return null
  const until = Math.max(...wave.map((name) => seenOf(seen, name).since ?? 0)) + bakeMinutes * MINUTE_MS
  if (now < until) return { do: "wait", until }
  const environments = wave.filter((name) => !seenOf(seen, name).looked)
  return environments.length === 0 ? null : { do: "look", environments }
}

/** Stops at a wave that failed: no later one starts. Environments that have the release stay, or go back. */
function stopped({ order, onFailure }: Waves, seen: WavesSeen, exitCode: number): Next {
  const all = order.flat()
  const backs = all.map((name) => seenOf(seen, name).back ?? 0)
  const environments = all.filter((name) => {
    const { since, back, returning, underWay } = seenOf(seen, name)
    return (since !== null || returning || underWay) && back === null
  })
  const goesBack = onFailure === "rollback" && FAILED.some((code) => code === exitCode)
  if (goesBack && environments.length > 0) return { do: "rollback", environments }
  return { do: "end", exitCode: backs.some((code) => code !== 0) ? ROLLBACK_FAILED : exitCode }
}
