import { describe, expect, test } from "vitest"
import { defaultConfig } from "../../../ci/src/settings.js"
import { judgeCoverage } from "../../../ci/src/testing/coverage-gates.js"
import { runOf, stage } from "../report/builders.js"

/** Coverage of a file of ten lines. */
const ran = (kind: string, file: string, ...lines: number[]) => ({
  kind,
  hits: new Map([
    [file, new Map(Array.from({ length: 10 }, (_, i) => [i + 1, lines.includes(i + 1) ? 1 : 0]))],
  ]),
})
const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const HALF = [1, 2, 3, 4, 5]

const gates = (more: Partial<ReturnType<typeof defaultConfig>["coverage"]> = {}) => ({
  ...defaultConfig().coverage,
  ...more,
})

const base = (value: number) =>
  runOf("passed", [
    stage("coverage", {
      measures: [{ name: "lines", value, unit: "%", limit: 80, atLeast: true, base: null }],
    }),
  ])

describe("coverage", () => {
  test("passes at its gate, with what the tests ran together", () => {
    const judged = judgeCoverage(
      [ran("unit", "a.ts", ...HALF), ran("integration", "a.ts", 6, 7, 8)],
      gates(),
      null,
    )
    expect(judged).toMatchObject({
      verdict: "passed",
      summary: "80 % of lines (unit 50 %, integration 30 %) in 1 file",
      coverage: [{ file: "a.ts", lines: 10, covered: 8, missed: "9-10" }],
    })
    expect(judged.measures).toContainEqual({
      name: "lines",
      value: 80,
      unit: "%",
      limit: 80,
      atLeast: true,
      base: null,
    })
  })

  test("below its gate fails, and names the files that miss most", () => {
    const judged = judgeCoverage(
      [ran("unit", "a.ts", 1, 3, 5, 6, 7, 8, 9, 10), ran("unit", "b.ts", ...HALF)],
      gates(),
      null,
    )
    expect(judged).toMatchObject({
      verdict: "failed",
      cause: "coverage",
      summary: "65 % of lines, below the gate of 80 %",
      findings: [
        { file: "b.ts", line: 6, message: "no test runs 5 of 10 lines: 6-10" },
        { file: "a.ts", line: 2, message: "no test runs 2 of 10 lines: 2,4" },
      ],
    })
  })

  test("has gates by kind", () => {
    const judged = judgeCoverage(
      [ran("unit", "a.ts", ...HALF), ran("e2e", "a.ts", ...ALL)],
      gates({ unit: 90 }),
      null,
    )
    expect(judged).toMatchObject({
      cause: "coverage",
      summary: "50 % of lines by unit tests, below the gate of 90 %",
    })
  })

  test("of a kind that has a gate and no coverage could not be looked at", () => {
    expect(judgeCoverage([ran("unit", "a.ts", ...ALL)], gates({ e2e: 75 }), null)).toMatchObject({
      verdict: "errored",
      summary: "no coverage from tests with a gate in slipway.yaml: coverage.e2e",
    })
  })

  test.each([
    [92, "passed", "90 % of lines in 1 file"],
    [92.1, "failed", "90 % of lines, 92.1 % in the base: dropped by more than 2 points"],
    [50, "passed", "90 % of lines in 1 file"],
  ])("of %d %% in the base makes it %s", (before, verdict, summary) => {
    const judged = judgeCoverage([ran("unit", "a.ts", 1, 2, 3, 4, 5, 6, 7, 8, 9)], gates(), base(before))
    expect(judged).toMatchObject({ verdict, summary })
    expect(judged.measures?.[0]).toMatchObject({ value: 90, base: before })
  })

  test("that dropped names the files with more lines that no test runs than in the base", () => {
    const known = { file: "known.ts", lines: 10, covered: 5, missed: "6-10" }
    const before = runOf("passed", [
      stage("coverage", {
        measures: [{ name: "lines", value: 75, unit: "%", limit: null, atLeast: true, base: null }],
        coverage: [known, { ...known, file: "less.ts", covered: 9, missed: "1" }],
      }),
    ])
    const now = [ran("unit", "known.ts", ...HALF), ran("unit", "less.ts", ...HALF), ran("unit", "new.ts", 1)]
    const { findings = [] } = judgeCoverage(now, gates({ lines: 0 }), before)
    expect(findings.map(({ file }) => file)).toEqual(["new.ts", "less.ts"])
  })

  test("is never rounded up to its gate", () => {
    const lines = new Map(Array.from({ length: 10_000 }, (_, i) => [i + 1, i < 7_999 ? 1 : 0] as const))
    expect(judgeCoverage([{ kind: "unit", hits: new Map([["a.ts", lines]]) }], gates(), null).summary).toBe(
      "79.9 % of lines, below the gate of 80 %",
    )
  })
})
