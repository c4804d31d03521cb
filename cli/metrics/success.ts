import type { RunFacts } from "./facts.js"
import { mostFrequent, type Spread, spreadOf } from "./statistics.js"

/** The least share that should pass of the runs that find nothing wrong with the code. */
const GOAL = 0.95

/** How runs ended. */
export interface Success {
  readonly runs: number
  readonly passed: number
  /** Runs that found the code wrong. */
  readonly code: number
  /** Runs that could not judge it: a tool, a service or a download failed. */
  readonly infrastructure: number
  /** Runs in which nothing ran. */
  readonly skipped: number
  /** The share that passed of the runs that found nothing wrong with the code; null without such runs. */
  readonly rate: number | null
  /** The share that passed of all runs except skipped ones; null without such runs. */
  readonly green: number | null
  readonly goal: number
}

/** Counts runs by how they ended. */
export function successOf(runs: readonly RunFacts[]): Success {
  const count = (end: RunFacts["end"]) => runs.filter((run) => run.end === end).length
  const [passed, code, infrastructure] = [count("passed"), count("code"), count("infrastructure")]
  return {
    runs: runs.length,
    passed,
    code,
    infrastructure,
    skipped: count("skipped"),
    rate: share(passed, passed + infrastructure),
    green: share(passed, passed + code + infrastructure),
    goal: GOAL,
  }
}

/** Returns a part as a share of a whole; null if the whole is 0. */
export const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)

/** How often the branch that is released was red, and for how long. */
export interface MainBranch {
  readonly branch: string
  readonly runs: number
  /** Times that it went from green to red by the code. */
  readonly breaks: number
  /** Milliseconds from a red run's end to the next green one's; null where none was mended. */
  readonly red: Spread | null
  /** Since when it is red (milliseconds since the epoch); null where it is green. */
  readonly redSince: number | null
}

/** Returns the branch of most runs that are of no change; null for none. */
export function mainOf(runs: readonly RunFacts[]): string | null {
  const branches = runs.flatMap(({ branch, isChange }) => (branch === null || isChange ? [] : [branch]))
  return mostFrequent(branches)?.name ?? null
}

/** Returns how often a branch broke, and how long it was red; runs of changes do not count. */
export function mainBranchOf(runs: readonly RunFacts[], branch: string): MainBranch {
  const own = runs
    .filter((run) => run.branch === branch && !run.isChange)
    .toSorted((a, b) => a.endedAt - b.endedAt)
  const spells: number[] = []
  let [breaks, redSince]: [number, number | null] = [0, null]
  for (const { end, endedAt } of own) {
    if (end === "code" && redSince === null) [breaks, redSince] = [breaks + 1, endedAt]
    if (end === "passed" && redSince !== null) {
      spells.push(endedAt - redSince)
      redSince = null
    }
  }
  return { branch, runs: own.length, breaks, red: spreadOf(spells), redSince }
}
