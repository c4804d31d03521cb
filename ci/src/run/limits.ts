import type { Config } from "../config/config.js"
import { duration } from "../formats/figures.js"
import { NO_WORK } from "./outcome.js"
import type { Finding, Measure } from "./result.js"
import type { Given, Stage, StageKind, StageResult } from "./stage.js"
import { coveredMs } from "./times.js"

/** The stage that compares times with the limits of slipway.yaml, and its kind. */
export const LIMITS = "limits"

/** A limit that counts the time of certain kinds of stages. */
export type Clock = "build" | "tests"

/** How long something may take, in seconds. */
export type Limit = NonNullable<Config["limits"]["all"]>

/** How long something took, and its limit. */
export interface Timed {
  /** The key under `limits`. */
  readonly name: string
  readonly ms: number
  readonly limit: Limit
}

/** Compares a time with its limit. `over`: above `fail`. `near`: above `warn`. */
export function reachOf({ ms, limit }: Timed): "within" | "near" | "over" {
  if (ms > limit.fail * 1000) return "over"
  return ms > limit.warn * 1000 ? "near" : "within"
}

/** `tests took 22 min 10 s, more than the 20 min 00 s of limits.tests.fail` */
export const limitText = (timed: Timed): string => {
  const { name, ms, limit } = timed
  const key = reachOf(timed) === "over" ? "fail" : "warn"
  return `${name} took ${duration(ms)}, more than the ${duration(limit[key] * 1000)} of limits.${name}.${key}`
}

/**
 * Compares how long a run took with the limits of slipway.yaml, after all other stages.
 *
 * @param clocks the limit that the time of stages counts for, by kind.
 */
export const limits = (clocks: Readonly<Record<string, Clock>>): StageKind => ({
  kind: LIMITS,
  applies(project, others = []) {
    const named = ["build", "tests", "all"].filter((name) => name in withValue(project.config.limits))
    if (named.length === 0)
      return { applies: false, reason: "slipway.yaml has no limits of build, tests, all" }
    return {
      applies: true,
      stages: [
        {
          name: LIMITS,
          kind: LIMITS,
          needs: [],
          after: others.map(({ name }) => name),
          prepares: true,
          because: `limits of ${named.join(", ")} in slipway.yaml`,
          inputs: { include: ["slipway.yaml"], exclude: [] },
          run: async (given) => judge(given, timesOf(given, others, clocks, Date.now())),
        },
      ],
    }
  },
})

const withValue = (limits: Config["limits"]): Readonly<Record<string, Limit>> =>
  Object.fromEntries(Object.entries(limits).flatMap(([name, limit]) => (limit ? [[name, limit]] : [])))

/**
 * Returns how long a run took, for each limit. For build and tests, that is the time in which at least one of their
 * stages worked; remembered stages do not count.
 */
export function timesOf(
  given: Pick<Given, "project" | "results" | "startedAt">,
  stages: readonly Pick<Stage, "name" | "kind">[],
  clocks: Readonly<Record<string, Clock>>,
  now: number,
): readonly Timed[] {
  const clock = (wanted: Clock) => {
    const own = stages.filter(({ kind }) => clocks[kind] === wanted)
    const steps = own.flatMap(({ name }) => given.results(name).get(name)?.steps ?? [])
    const fresh = steps.filter(({ endedAt }) => endedAt > given.startedAt)
    return coveredMs(
      fresh
        .map(({ startedAt, endedAt }) => ({ from: Math.max(startedAt, given.startedAt), to: endedAt }))
        .toSorted((a, b) => a.from - b.from),
    )
  }
  const took = { build: clock("build"), tests: clock("tests"), all: now - given.startedAt }
  const known = withValue(given.project.config.limits)
  return Object.entries(took).flatMap(([name, ms]) => {
    const limit = known[name]
    return limit ? [{ name, ms, limit }] : []
  })
}

/** Warns of each time above its warning, and fails for each time above its limit. */
export function judge({ base }: Pick<Given, "base">, times: readonly Timed[]): StageResult {
  const before = base?.stages.find(({ name }) => name === LIMITS)?.measures ?? []
  const over = times.filter((timed) => reachOf(timed) === "over")
  const summary = times.map(
    ({ name, ms, limit }) => `${name} ${duration(ms)} of ${duration(limit.fail * 1000)}`,
  )
  return {
    ...NO_WORK,
    // The result is about this run alone.
    until: 0,
    verdict: over.length > 0 ? "failed" : "passed",
    cause: over.length > 0 ? "limit" : null,
    summary: over.length > 0 ? over.map(limitText).join("; ") : summary.join(", "),
    findings: times.flatMap(findingOf),
    measures: times.map(
      ({ name, ms, limit }): Measure => ({
        name,
        value: ms,
        unit: "ms",
        limit: limit.fail * 1000,
        base: before.find((one) => one.name === name)?.value ?? null,
      }),
    ),
  }
}

function findingOf(timed: Timed): readonly Finding[] {
  const reach = reachOf(timed)
  if (reach === "within") return []
  return [
    {
      rule: "too-slow",
      severity: reach === "over" ? "high" : "low",
      file: "slipway.yaml",
      line: null,
      message: limitText(timed),
      standing: {
        status: reach === "over" ? "blocks" : "reported",
        why: `limits.${timed.name} of slipway.yaml`,
      },
    },
  ]
}
