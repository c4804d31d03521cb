import { duration, plural } from "../../ci/src/formats/figures.js"
import { type Duration, WHOLE_RUN } from "./durations.js"
import type { RunFacts, StageFacts } from "./facts.js"
import { day } from "./figures.js"
import type { FlakyTest } from "./flaky.js"
import { mostFrequent } from "./statistics.js"

/** Time that could be saved. */
export interface Saving {
  /** `waiting`: people wait less. `machine`: less is computed. */
  readonly kind: "machine" | "waiting"
  /** Milliseconds in the time of the evidence. */
  readonly ms: number
  /** What takes the time, with its numbers. */
  readonly what: string
  /** What to do. */
  readonly fix: string
}

/** What savings are computed from. */
export interface Ground {
  readonly runs: readonly RunFacts[]
  readonly durations: readonly Duration[]
  readonly flaky: readonly FlakyTest[]
}

/** How many savings are named. */
const NAMED = 3

/** Returns the largest savings, the largest first. */
export const savingsOf = (ground: Ground): readonly Saving[] =>
  FINDERS.flatMap((find) => find(ground))
    .filter(({ ms }) => ms >= 1000)
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, NAMED)

type Finder = (ground: Ground) => readonly Saving[]

const msOf = ({ startedAt, endedAt }: RunFacts): number => endedAt - startedAt
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const lost = (runs: readonly RunFacts[]): number => sum(runs.map(msOf))

const infrastructure: Finder = ({ runs }) => {
  const red = runs.filter(({ end }) => end === "infrastructure")
  const names = red.flatMap(({ stages }) =>
    stages.filter(({ verdict }) => verdict === "errored").map(({ name }) => name),
  )
  const worst = mostFrequent(names)
  const where = worst === null ? "" : `, most often in ${worst.name} (${worst.times} times)`
  return [
    {
      kind: "machine",
      ms: lost(red),
      what: `${plural(red.length, "run")} ended without a verdict${where}`,
      fix: "name mirrors of what could not be downloaded, or give these stages more time",
    },
  ]
}

/** Tests that fail by chance cost their further tries, and the whole run where those did not help. */
const flakyTests: Finder = ({ runs, flaky }) => {
  const names = new Set(flaky.map(testKey))
  const retries = sum(runs.flatMap(({ stages }) => stages.map(({ retryMs }) => retryMs)))
  const red = runs.filter(
    ({ end, stages, tests }) =>
      end === "code" &&
      tests.some(({ verdict }) => verdict === "failed") &&
      tests.every((test) => test.verdict === "flaky" || names.has(testKey(test))) &&
      // Nothing else was wrong.
      stages.every(({ name, verdict }) => verdict !== "failed" || tests.some(({ stage }) => stage === name)),
  )
  const [worst] = flaky
  const first =
    worst === undefined ? "" : `; the worst is ${worst.name} of ${worst.stage} (${worst.times} times)`
  return [
    {
      kind: "machine",
      ms: retries + lost(red),
      what: `${plural(flaky.length, "flaky test")}: ${duration(retries)} of further tries, ${plural(red.length, "run")} red by them alone${first}`,
      fix: "mend the worst, or set it aside in quarantine.yaml until it is mended",
    },
  ]
}

const testKey = (test: { readonly stage: string; readonly suite: string; readonly name: string }): string =>
  JSON.stringify([test.stage, test.suite, test.name])

/** A stage that runs on the files that it passed on before could have been remembered. */
const repeated: Finder = ({ runs }) => {
  const passed = new Set<string>()
  const again: { readonly name: string; readonly ms: number }[] = []
  for (const { stages } of runs)
    for (const stage of stages) {
      const key = repeatKey(stage)
      if (key === null || stage.ms === null) continue
      if (passed.has(key)) again.push({ name: stage.name, ms: stage.ms })
      if (stage.verdict === "passed") passed.add(key)
    }
  const worst = mostFrequent(again.map(({ name }) => name))
  const first = worst === null ? "" : `, most often ${worst.name} (${worst.times} times)`
  return [
    {
      kind: "machine",
      ms: sum(again.map(({ ms }) => ms)),
      what: `${plural(again.length, "stage")} ran again on the files that had passed before${first}`,
      fix: "let the runs share an engine, so that it remembers what passed",
    },
  ]
}

const repeatKey = ({ name, inputs, cached }: StageFacts): string | null =>
  inputs === null || cached ? null : `${name}\0${inputs}`

/** A stage whose level rose, and stayed above the one before. */
const slower: Finder = ({ durations }) =>
  durations.flatMap(({ name, changes, samples }): readonly Saving[] => {
    const change = changes.at(-1)
    if (name === WHOLE_RUN || change === undefined || change.after <= change.before) return []
    const since = samples.filter(({ at }) => at >= change.at).length
    return [
      {
        kind: "machine",
        ms: since * (change.after - change.before),
        what: `${name} takes ${duration(change.after)} since ${day(change.at)}, ${duration(change.before)} before: ${plural(since, "run")}`,
        fix: "look at what was merged that day",
      },
    ]
  })

/** A suite that takes longer than any other stage of a green run could run in two halves. */
const shards: Finder = ({ runs }) => {
  const saved = new Map<string, number[]>()
  for (const { end, stages } of runs) {
    if (end !== "passed") continue
    const [longest, next] = stages.toSorted((a, b) => (b.ms ?? 0) - (a.ms ?? 0))
    if (longest?.ms == null || !/(?:^| )test:(?:unit|integration)/.test(longest.name)) continue
    const half = Math.min(longest.ms / 2, longest.ms - (next?.ms ?? 0))
    const list = saved.get(longest.name) ?? []
    saved.set(longest.name, list)
    list.push(half)
  }
  return [...saved].map(([name, halves]) => ({
    kind: "waiting",
    ms: sum(halves),
    what: `${name} takes longer than any other stage in ${plural(halves.length, "green run")}`,
    fix: "share its files among two containers: `tests.shards: 2` in slipway.yaml",
  }))
}

const FINDERS: readonly Finder[] = [infrastructure, flakyTests, repeated, slower, shards]
