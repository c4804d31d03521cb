/** How many engines a team needs: a model, from durations that were measured on the example app. */
import { busyEngines, enginesFor, expectedWaits, type Kind, meanSeconds, simulatedWaits } from "./queue.js"

/** Seconds of a run on two cores, by what changed; each is in the docs with the command that measured it. */
const SECONDS = {
  /** The whole check, on an engine that remembers nothing. */
  whole: 731,
  /** One line of the frontend, on an engine that has the last run. */
  part: 91,
  /** A document, on a fresh engine with a store of results. */
  document: 93,
  /** Nothing, on a fresh engine with a store of results. */
  sameOnFresh: 21,
  /** Nothing, on an engine that has the last run. */
  same: 6,
}

/** Parts of a day's runs, by what changed. */
const CHANGES = { wide: 0.1, part: 0.45, document: 0.15, nothing: 0.3 }

/** The part of the runs that meet an engine which lost what it remembered: it is new, or moved to another node. */
const COLD = 0.05

/** The part of a day's runs that come in its busiest hour. */
const BUSIEST = 0.15

/** What must begin in time, in the busiest hour. */
const GOAL = { share: 0.95, seconds: 60 }

/** How many runs each simulation has. */
const RUNS = 200_000

/** Ways to have engines, each with how long its runs take. */
export const SETUPS = {
  "fresh engines": [{ share: 1, seconds: SECONDS.whole }],
  "fresh engines, results that travel": [
    // How much of the check a change of code spares a fresh engine is not measured for each change: none counts.
    { share: CHANGES.wide + CHANGES.part, seconds: SECONDS.whole },
    { share: CHANGES.document, seconds: SECONDS.document },
    { share: CHANGES.nothing, seconds: SECONDS.sameOnFresh },
  ],
  "persistent engines": [
    { share: COLD, seconds: SECONDS.whole },
    ...[
      { share: CHANGES.wide, seconds: SECONDS.whole },
      { share: CHANGES.part, seconds: SECONDS.part },
      { share: CHANGES.document, seconds: SECONDS.document },
      { share: CHANGES.nothing, seconds: SECONDS.same },
    ].map(({ share, seconds }) => ({ share: share * (1 - COLD), seconds })),
  ],
} as const satisfies Readonly<Record<string, readonly Kind[]>>

export const DAILY = [100, 1000, 3000, 10_000]

/** What a number of runs a day needs. */
export interface Capacity {
  readonly engines: number
  /** The part of the engines that is busy in the busiest hour, and over the whole day. */
  readonly used: { readonly hour: number; readonly day: number }
  /** The part of the runs that wait longer than the goal allows. */
  readonly late: { readonly formula: number; readonly simulation: number }
}

/** Returns what a number of runs a day needs. */
export function capacityFor(daily: number, kinds: readonly Kind[]): Capacity {
  const runs = { hourly: daily * BUSIEST, kinds }
  const engines = enginesFor(runs, GOAL.share, GOAL.seconds)
  const queue = { ...runs, engines }
  return {
    engines,
    used: { hour: busyEngines(queue) / engines, day: (daily * meanSeconds(kinds)) / 86_400 / engines },
    late: {
      formula: expectedWaits(queue).beyond(GOAL.seconds),
      simulation: simulatedWaits(queue, RUNS, daily).beyond(GOAL.seconds),
    },
  }
}

/** Returns the table of docs/scale.md. */
export function capacityTable(): readonly string[] {
  const rows = Object.entries(SETUPS).flatMap(([setup, kinds]) =>
    DAILY.map((daily) => row(setup, daily, meanSeconds(kinds), capacityFor(daily, kinds))),
  )
  return [
    "| engines | a run, mean | runs a day | engines needed | busy in the busiest hour | over the day | late, by formula | simulated |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
  ]
}

function row(setup: string, daily: number, mean: number, { engines, used, late }: Capacity): string {
  const parts = [used.hour, used.day, late.formula, late.simulation]
  const shown = [
    ...[setup, `${Math.round(mean)} s`, daily.toLocaleString("en")],
    ...[String(engines), ...parts.map((part, at) => `${(part * 100).toFixed(at < 2 ? 0 : 1)} %`)],
  ]
  return `| ${shown.join(" | ")} |`
}
