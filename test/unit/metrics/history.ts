import { NO_CONTEXT, type RunContext } from "../../../ci/src/run/context.js"
import type { RunRecord, StageRecord } from "../../../ci/src/run/result.js"
import { evidenceOf } from "../../../cli/metrics/folder.js"
import { type Metrics, metricsOf, type Sources } from "../../../cli/metrics/metrics.js"
import { factOf } from "../../../cli/metrics/read.js"
import { runOf, stage } from "../report/builders.js"

export const DAY = 24 * 60 * 60 * 1000
/** 2026-01-01 */
export const FIRST = Date.UTC(2026, 0, 1)

/** A run that started `days` after {@link FIRST} and took `seconds`. */
export function run(
  days: number,
  verdict: RunRecord["verdict"],
  {
    stages = [],
    seconds = 60,
    ...context
  }: Partial<RunContext> & { readonly stages?: readonly StageRecord[]; readonly seconds?: number } = {},
): RunRecord {
  const startedAt = FIRST + days * DAY
  return {
    ...runOf(verdict, stages),
    startedAt,
    endedAt: startedAt + seconds * 1000,
    context: { ...NO_CONTEXT, vendor: "github", branch: "main", run: `run ${days}`, ...context },
  }
}

/** A stage that worked for `seconds` in a run that started `days` after {@link FIRST}. */
export function work(
  name: string,
  days: number,
  seconds: number,
  more: Partial<StageRecord> = {},
): StageRecord {
  const startedAt = FIRST + days * DAY
  return stage(name, { startedAt, endedAt: startedAt + seconds * 1000, ...more })
}

/** A release as the ledger has it. */
export const release = (number: number, days: number, outcome: string, more: object = {}) => ({
  number,
  action: "deploy",
  commit: `commit${number}`,
  outcome,
  started: FIRST + days * DAY,
  ended: FIRST + days * DAY + 300_000,
  ...more,
})

const SOURCES: Sources = {
  owners: () => [],
  madeAt: () => null,
  prices: { currency: "EUR", prices: {} },
  branch: null,
  since: null,
  until: null,
}

/** The metrics of runs, and of releases by environment. */
export function measured(
  runs: readonly RunRecord[],
  sources: Partial<Sources> = {},
  releases: Readonly<Record<string, readonly object[]>> = {},
): Metrics {
  const facts = [
    ...runs.map((record, n) => factOf(`runs/${n}/result.json`, JSON.stringify(record))),
    ...Object.entries(releases).flatMap(([environment, all]) =>
      all.map((one, n) => factOf(`${environment}/ledger/${n}.json`, JSON.stringify(one))),
    ),
  ]
  return metricsOf(evidenceOf(facts), { ...SOURCES, ...sources })
}
