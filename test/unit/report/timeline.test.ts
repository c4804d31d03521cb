import { describe, expect, it } from "vitest"
import { timeline } from "../../../ci/src/report/timeline.js"
import { stageMs } from "../../../ci/src/run/times.js"
import { runOf, stage, step } from "./builders.js"
import { allCached, green } from "./sample.js"

describe("timeline", () => {
  it("separates stages that ran from cached ones", () => {
    const line = timeline(green())
    expect(line.rows[0]).toMatchObject({ startMs: 900, endMs: 12_400, busyMs: 11_500 })
    expect(line.rows.map((row) => row.stage.name)).not.toContain("format")
    expect(line.cached.map((one) => one.name)).toEqual(["format", "image:backend"])
    expect(
      line.rows.every((row) => row.bars.every((bar) => bar.from >= 0 && bar.to <= 1 && bar.from <= bar.to)),
    ).toBe(true)
  })

  it("finds the critical path", () => {
    const { chain, rows } = timeline(green())
    expect(chain.names).toEqual(["install", "migrations", "test:integration:backend"])
    expect(chain.ms).toBe(32_600)
    expect(rows.filter((row) => row.critical).map((row) => row.stage.name)).toEqual(chain.names)
  })

  it("follows `needs` and `after`, by name and kind, and counts waiting", () => {
    const run = runOf("passed", [
      stage("install", { steps: [step("i", "i", 0, 10)] }),
      stage("test:unit:a", { needs: ["install"], steps: [step("a", "a", 11, 14)] }),
      stage("test:unit:b", { needs: ["install"], steps: [step("b", "b", 11, 12)] }),
      stage("scan", { steps: [step("s", "s", 0, 15)] }),
      stage("coverage", { after: ["test:unit"], steps: [step("c", "c", 15, 16)] }),
    ])
    expect(timeline(run).chain).toEqual({
      names: ["install", "test:unit:a", "coverage"],
      ms: 14_000,
      waitedMs: 2000,
    })
  })

  it("draws no bar for a cached step", () => {
    const mixed = stage("unit", {
      steps: [step("install", "npm ci", -9000, -8990), step("vitest", "vitest", 1, 3)],
    })
    const line = timeline(runOf("passed", [mixed]))
    expect(line.rows[0]).toMatchObject({ startMs: 1000, busyMs: 2000, bars: [{ from: 1 / 41, to: 3 / 41 }] })
    expect(stageMs(mixed)).toBe(12_000)
  })

  it("counts parallel steps once", () => {
    expect(
      stageMs(stage("s", { steps: [step("a", "a", 1, 4), step("b", "b", 2, 6), step("c", "c", 8, 9)] })),
    ).toBe(6000)
  })

  it("accepts a run without new work, with unknown or circular needs, or of no duration", () => {
    expect(timeline(allCached()).rows).toEqual([])
    const circle = [
      stage("a", { needs: ["b", "gone"], steps: [step("a", "a", 0, 1)] }),
      stage("b", { needs: ["a"] }),
    ]
    expect(timeline(runOf("passed", circle)).chain.names).toEqual(["a"])
    expect(timeline(runOf("skipped", [], 0)).spanMs).toBe(1)
  })
})
