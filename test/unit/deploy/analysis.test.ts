/** Measurements of a canary against the release beside it, and the verdict of a step. */
import { describe, expect, it } from "vitest"
import {
  intervalOf,
  judgeTraffic,
  type Measurement,
  verdictOf,
} from "../../../modules/deploy/program/core/analysis.ts"
import type { Analysis } from "../../../modules/deploy/program/environment.ts"
import { parsed, requestInput } from "../../deploy/rehearsal.ts"

const CANARY = { kind: "canary", percent: 10, canaryBakeMinutes: 1 } as const
type Metrics = readonly { readonly metric: "5xx-rate" | "4xx-rate" | "latency"; readonly below?: number }[]

/** Returns an analysis with its defaults. */
function analysisOf(changes: object, metrics: Metrics): Analysis {
  const services = [
    {
      name: "web",
      container: "web",
      image: "web",
      strategy: CANARY,
      analysis: { ...changes, metrics: [...metrics] },
    },
  ]
  const found = parsed(requestInput({ environment: { services } })).environment.services[0]?.analysis
  if (!found) throw new Error("no analysis")
  return found
}

/** Judges an error rate by its limits. */
function judged(limits: object, canary: number | null, baseline: number | null, requests = 100) {
  const analysis = analysisOf({}, [{ metric: "5xx-rate", ...limits }])
  const [metric] = analysis.metrics
  if (metric === undefined) throw new Error("no metric")
  const side = (value: number | null) => ({ requests: value === null ? 0 : requests, value })
  return judgeTraffic(metric, analysis, side(canary), side(baseline))
}

describe("a measurement", () => {
  it.each([
    [{ below: 2 }, 1, 5, "successful"],
    [{ below: 2 }, 3, 5, "failed"],
    [{ below: 2 }, 1, null, "successful"],
    [{ ratio: 1.5 }, 3, 2, "successful"],
    [{ ratio: 1.5 }, 3.1, 2, "failed"],
    [{ ratio: 1.5, margin: 0.5 }, 0.5, 0, "successful"],
    [{ ratio: 1.5, margin: 0.5 }, 0.6, 0, "failed"],
    [{ below: 2, ratio: 10 }, 3, 1, "failed"],
    [{ ratio: 1.5 }, 3, null, "inconclusive"],
    [{ below: 2 }, null, 1, "inconclusive"],
  ] as const)("with %j of %s against %s is %s… (%s)", (limits, canary, baseline, judgement) => {
    expect(judged(limits, canary, baseline).judgement).toBe(judgement)
  })

  it("has no result where too few requests were answered", () => {
    const few = judged({ below: 2 }, 100, 0, 19)
    expect(few).toMatchObject({
      judgement: "inconclusive",
      note: expect.stringContaining("19 of at least 20"),
    })
  })

  it("names the value, and the limit with the baseline", () => {
    expect(judged({ ratio: 2 }, 5, 1.5).note).toBe("is 5; good is up to 3, by the baseline's 1.5")
  })
})

describe("an analysis", () => {
  const one = (judgement: Measurement[number]["judgement"]): Measurement => [
    { name: "5xx-rate", judgement, note: judgement },
  ]
  const [good, bad, open] = [one("successful"), one("failed"), one("inconclusive")]
  const limits = { count: 3, failureLimit: 1, inconclusiveLimit: 1 }
  it.each([
    [[good, good], "measuring"],
    [[good, good, good], "successful"],
    [[bad, good, good], "successful"],
    [[bad, bad], "failed"],
    [[open, good, good], "successful"],
    [[open, open], "inconclusive"],
    [[open, bad, bad], "failed"],
  ] as const)("of %j is %s", (measurements, kind) => {
    expect(verdictOf(analysisOf(limits, [{ metric: "5xx-rate", below: 1 }]), measurements).kind).toBe(kind)
  })

  it("reads its interval", () => {
    const read = (interval: string) => intervalOf(analysisOf({ interval }, [{ metric: "latency", below: 1 }]))
    expect([read("1m"), read("2h")]).toEqual([60_000, 7_200_000])
  })

  it("is refused without steps, without a limit, and beside a pause in the same stage", () => {
    const service = (changes: object) => ({
      environment: { services: [{ name: "web", container: "web", image: "web", ...changes }] },
    })
    const analysis = { metrics: [{ metric: "latency" as const, below: 1 }] }
    const refusal = (changes: object) => () => parsed(requestInput(service(changes)))
    expect(refusal({ analysis })).toThrow("canary or linear")
    expect(refusal({ analysis: { metrics: [{ metric: "latency" }] }, strategy: CANARY })).toThrow(
      "below, ratio or margin",
    )
    expect(refusal({ analysis, strategy: CANARY, pause: { before: "production-traffic" } })).toThrow(
      "clean-up",
    )
  })
})
