import type { Config } from "../../ci/src/config/config.js"
import { VERSION } from "../../ci/src/run/version.js"
import { type Cost, costOf } from "./cost.js"
import { type CommitTime, type Dora, doraOf, firstChecked } from "./deployments.js"
import { type Duration, durationsOf, type Remembered, rememberedOf } from "./durations.js"
import type { RunFacts, Unread } from "./facts.js"
import { type FlakyTest, flakyTestsOf } from "./flaky.js"
import type { Evidence } from "./folder.js"
import type { Owners } from "./owners.js"
import { type Saving, savingsOf } from "./savings.js"
import { DAY_MS, spanOf } from "./statistics.js"
import { type MainBranch, mainBranchOf, mainOf, type Success, successOf } from "./success.js"

/** Metrics of runs and deployments. */
export interface Metrics {
  /** Version of this format. */
  readonly schema: 1
  readonly slipway: string
  readonly projects: readonly string[]
  /** Start of the first run or deployment, end of the last: milliseconds since the epoch; null without evidence. */
  readonly from: number | null
  readonly until: number | null
  /** At least 1. */
  readonly days: number
  readonly success: Success
  /** When each run started, and how it ended. */
  readonly runs: readonly { readonly at: number; readonly end: RunFacts["end"] }[]
  readonly main: MainBranch | null
  readonly durations: readonly Duration[]
  readonly flaky: readonly FlakyTest[]
  readonly deployments: readonly Dora[]
  readonly remembered: Remembered
  readonly cost: Cost | null
  readonly savings: readonly Saving[]
  /** Files that repeat a run or a deployment: they count once. */
  readonly repeated: number
  readonly unread: readonly Pick<Unread, "file" | "why">[]
}

/** What metrics need beside the evidence. */
export interface Sources {
  readonly owners: Owners
  /** Asks git. */
  readonly madeAt: CommitTime
  readonly prices: Config["metrics"]
  /** The branch that is released; null for that of most runs. */
  readonly branch: string | null
  /** Milliseconds since the epoch; what ended before, or began after, does not count. */
  readonly since: number | null
  readonly until: number | null
}

/** Computes the metrics of evidence, of the time that its sources name. */
export function metricsOf(evidence: Evidence, sources: Sources): Metrics {
  const within = (one: { readonly startedAt: number; readonly endedAt: number }) =>
    one.endedAt >= (sources.since ?? Number.NEGATIVE_INFINITY) &&
    one.startedAt < (sources.until ?? Number.POSITIVE_INFINITY)
  const projects = [...new Set(evidence.runs.map(({ project }) => project))].sort()
  const own = evidence.runs.filter(within)
  const runs = projects.length > 1 ? own.map(withProject) : own
  const deployments = evidence.deployments.filter(within)
  const span = spanOf([...runs, ...deployments].flatMap(({ startedAt, endedAt }) => [startedAt, endedAt]))
  const days = span === null ? 1 : Math.max(1, (span.until - span.from) / DAY_MS)
  const durations = durationsOf(runs)
  const flaky = flakyTestsOf(runs, sources.owners)
  const first = firstChecked(evidence.runs)
  const branch = sources.branch ?? mainOf(runs)
  return {
    schema: 1,
    slipway: VERSION,
    projects,
    from: span?.from ?? null,
    until: span?.until ?? null,
    days,
    success: successOf(runs),
    runs: runs.map(({ startedAt: at, end }) => ({ at, end })),
    main: branch === null ? null : mainBranchOf(runs, branch),
    durations,
    flaky,
    deployments: doraOf(deployments, days, (commit) => sources.madeAt(commit) ?? first(commit)),
    remembered: rememberedOf(runs),
    cost: costOf(runs, sources.prices),
    savings: savingsOf({ runs, durations, flaky }),
    repeated: evidence.repeated,
    unread: evidence.unread.map(({ file, why }) => ({ file, why })),
  }
}

/** Stages of several projects may have the same name. */
const withProject = (run: RunFacts): RunFacts => ({
  ...run,
  stages: run.stages.map((stage) => ({ ...stage, name: `${run.project} ${stage.name}` })),
  tests: run.tests.map((test) => ({ ...test, stage: `${run.project} ${test.stage}` })),
})
