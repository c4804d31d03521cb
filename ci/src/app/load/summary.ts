import * as z from "zod/mini"
import type { Measure } from "../../run/result.js"

/**
 * What k6 writes with `--summary-export`, as far as it counts here.
 *
 * @see https://grafana.com/docs/k6/latest/results-output/end-of-test/
 */
const schema = () => z.object({ metrics: z.record(z.string(), z.record(z.string(), z.unknown())) })

/** What slipway.yaml allows. */
export interface Limits {
  /** Milliseconds. */
  readonly p95: number
  /** Per cent. */
  readonly errors: number
}

/** A number, before it is compared with the base. */
export type Measured = Omit<Measure, "base">

/** What a load test measured. */
export interface Load {
  /** Requests that were sent. */
  readonly requests: number
  readonly measures: readonly Measured[]
  /** Limits that it goes beyond, in words. */
  readonly over: readonly string[]
}

/** Two digits behind the point. */
const round = (value: number) => Math.round(value * 100) / 100

/**
 * Reads the summary of a k6 run, and holds it to the limits of slipway.yaml.
 *
 * @throws Error for what is no such summary.
 */
export function readSummary(json: string, limits: Limits): Load {
  const { metrics } = schema().parse(JSON.parse(json), { jitless: true })
  const value = (metric: string, key: string) => {
    const found = metrics[metric]?.[key]
    return typeof found === "number" ? found : 0
  }
  const measure = (name: string, unit: string, value: number, limit: number | null): Measured => ({
    name,
    unit,
    value: round(value),
    limit,
  })
  const measures = [
    measure("p95", "ms", value("http_req_duration", "p(95)"), limits.p95),
    measure("errors", "%", value("http_req_failed", "value") * 100, limits.errors),
    measure("requests per second", "", value("http_reqs", "rate"), null),
  ]
  const over = measures.flatMap(({ name, value, unit, limit }) =>
    limit !== null && value > limit ? [`${name} is ${value} ${unit}, and may be ${limit} ${unit}`] : [],
  )
  return { requests: value("http_reqs", "count"), measures, over }
}
