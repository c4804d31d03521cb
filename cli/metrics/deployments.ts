import { groupBy } from "../../ci/src/formats/group-by.js"
import type { DeploymentFacts, RunFacts } from "./facts.js"
import { type Spread, spreadOf } from "./statistics.js"
import { share } from "./success.js"

/**
 * The four metrics of DORA of one environment.
 *
 * @see https://dora.dev/guides/dora-metrics-four-keys/
 */
export interface Dora {
  readonly environment: string
  /** Releases there, successful or not. */
  readonly deployments: number
  readonly succeeded: number
  /** Releases that failed, or that were rolled back later. */
  readonly failed: number
  /** Successful releases a week. */
  readonly perWeek: number
  /** Null without deployments. */
  readonly changeFailureRate: number | null
  /** Milliseconds from a failure until a good release is live again. */
  readonly recovery: Spread | null
  /** Failures without a good release since. */
  readonly unrecovered: number
  /** Milliseconds from the commit to its release. */
  readonly leadTime: Spread | null
}

/** Outcomes of releases that failed. Those with other outcomes do not count: refused, superseded, under way. */
const FAILED: ReadonlySet<string> = new Set(["rolled-back", "rollback-failed", "failed", "abandoned"])
const SUCCEEDED = "succeeded"

/** Returns when a commit was made, in milliseconds since the epoch; null if that is unknown. */
export type CommitTime = (commit: string) => number | null

/** Returns when commits were first checked, for those that git does not know. @param runs by start. */
export function firstChecked(runs: readonly RunFacts[]): CommitTime {
  const first = new Map<string, number>()
  for (const { commit, head, startedAt } of runs)
    for (const one of [commit, head]) if (one !== null && !first.has(one)) first.set(one, startedAt)
  return (commit) => first.get(commit) ?? null
}

/** @param deployments by end. @param days of the evidence. */
export function doraOf(
  deployments: readonly DeploymentFacts[],
  days: number,
  madeAt: CommitTime,
): readonly Dora[] {
  return [...groupBy(deployments, ({ environment }) => environment)]
    .map(([environment, own]) => environmentDora(environment, own, days, madeAt))
    .toSorted((a, b) => b.deployments - a.deployments)
}

function environmentDora(
  environment: string,
  all: readonly DeploymentFacts[],
  days: number,
  madeAt: CommitTime,
): Dora {
  const deploys = all.filter(({ action }) => action === "deploy")
  const good = deploys.filter(({ outcome }) => outcome === SUCCEEDED)
  const bad = deploys.filter(({ outcome }) => FAILED.has(outcome))
  const takenBack = good.filter((deploy) => isTakenBack(deploy, all))
  const failures = [...bad, ...takenBack]
  const recoveries = failures.map((failure) => recoveredIn(failure, all))
  const leads = good.flatMap(({ commit, endedAt }) => {
    const made = madeAt(commit)
    return made === null || made > endedAt ? [] : [endedAt - made]
  })
  const deployed = good.length + bad.length
  return {
    environment,
    deployments: deployed,
    succeeded: good.length,
    failed: failures.length,
    perWeek: good.length / Math.max(days / 7, 1 / 7),
    changeFailureRate: share(failures.length, deployed),
    recovery: spreadOf(recoveries.filter((one) => one !== null)),
    unrecovered: recoveries.filter((one) => one === null).length,
    leadTime: spreadOf(leads),
  }
}

const isGood = ({ action, outcome }: DeploymentFacts): boolean =>
  outcome === SUCCEEDED && (action === "deploy" || action === "rollback")

/** Tells whether a rollback is the first good action after a release. */
function isTakenBack(deploy: DeploymentFacts, all: readonly DeploymentFacts[]): boolean {
  const next = all.find((one) => one.endedAt > deploy.endedAt && isGood(one))
  return next?.action === "rollback"
}

/**
 * Returns how long recovery took; null without one. A release that rolled itself back has recovered by that, any other by
 * the next good release.
 */
function recoveredIn(failure: DeploymentFacts, all: readonly DeploymentFacts[]): number | null {
  if (failure.outcome === "rolled-back") return failure.endedAt - failure.startedAt
  const began = failure.outcome === SUCCEEDED ? failure.endedAt : failure.startedAt
  const next = all.find((one) => one.endedAt > failure.endedAt && isGood(one))
  return next === undefined ? null : next.endedAt - began
}
