import * as z from "zod/mini"
import { Fault } from "../run/fault.js"
import type { RunRecord, StageRecord } from "../run/result.js"
import { busySpans } from "../run/times.js"

/** The file of recorded durations in a repository. */
export const DURATIONS_FILE = "slipway.durations.json"

const seconds = z.number().check(z.nonnegative())

const schema = () =>
  z.object({
    schema: z.literal(1),
    /** Seconds of work, by stage. */
    stages: z.record(z.string(), seconds),
    /** Seconds of each test file, by stage and path. */
    files: z.record(z.string(), z.record(z.string(), seconds)),
  })

/** How long stages and test files took. */
export type Durations = z.output<ReturnType<typeof schema>>

export const NO_DURATIONS: Durations = { schema: 1, stages: {}, files: {} }

/**
 * Reads a file of durations.
 *
 * @throws {Fault} `configuration` for another file.
 */
export function readDurations(text: string, where: string): Durations {
  const read = schema().safeParse(parsed(text), { jitless: true })
  if (read.success) return read.data
  const at = read.error.issues[0]?.path.join(".") ?? ""
  const place = at === "" ? "" : `: ${at} is invalid`
  throw new Fault("configuration", {
    what: `not a file of durations${place}`,
    where,
    fix: "write it anew: `slipway durations FOLDER > slipway.durations.json`",
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Writes durations as a text that is the same on every machine, a line for each stage. */
export function durationsText({ stages, files }: Durations): string {
  const line = ([name, value]: readonly [string, unknown]) =>
    `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`
  const block = (entries: object) =>
    Object.keys(entries).length === 0 ? "{}" : `{\n${Object.entries(entries).map(line).join(",\n")}\n  }`
  return `{\n  "schema": 1,\n  "stages": ${block(stages)},\n  "files": ${block(files)}\n}\n`
}

/** Seconds of work in a stage: steps that ran side by side count each. Null if nothing ran. */
export function workSeconds(stage: StageRecord): number | null {
  const spans = busySpans(stage)
  return spans.length === 0 ? null : spans.reduce((sum, { from, to }) => sum + to - from, 0) / 1000
}

/** Returns the median durations of stages and test files in records of past runs. What was red does not count. */
export function durationsOf(runs: readonly Pick<RunRecord, "stages">[]): Durations {
  const stages: Samples = new Map()
  const files = new Map<string, Samples>()
  for (const stage of runs.flatMap((run) => run.stages)) {
    const work = workSeconds(stage)
    if (stage.verdict !== "passed" || stage.part || work === null) continue
    collect(stages, stage.name, work)
    const own = files.get(stage.name) ?? new Map()
    files.set(stage.name, own)
    for (const [file, took] of fileSeconds(stage)) collect(own, file, took)
  }
  return {
    schema: 1,
    stages: medians(stages),
    files: sorted([...files].flatMap(([name, own]) => (own.size === 0 ? [] : [[name, medians(own)]]))),
  }
}

function fileSeconds({ tests }: Pick<StageRecord, "tests">): ReadonlyMap<string, number> {
  const known = new Map<string, number>()
  for (const { file, seconds } of tests) if (file !== null) known.set(file, (known.get(file) ?? 0) + seconds)
  return known
}

type Samples = Map<string, number[]>

function collect(samples: Samples, name: string, value: number): void {
  const known = samples.get(name) ?? []
  known.push(value)
  samples.set(name, known)
}

const medians = (samples: Samples): Record<string, number> =>
  sorted([...samples].map(([name, values]) => [name, rounded(median(values))]))

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** In hundredths, and never 0: files without any weight would all go to one machine. */
const rounded = (value: number): number => Math.max(0.01, Math.round(value * 100) / 100)

const sorted = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
