import { describe, expect, test } from "vitest"
import { type Gating, gated, gateOf } from "../../../ci/src/run/gate.js"
import type { Finding, StageRecord } from "../../../ci/src/run/result.js"
import type { StageResult } from "../../../ci/src/run/stage.js"
import { GATES, STAGES } from "../../../ci/src/settings.js"
import { stage } from "../report/builders.js"

const finding = (message: string, more: Partial<Finding> = {}): Finding => ({
  rule: "no-eval",
  severity: "high",
  message,
  file: "src/a.ts",
  line: 3,
  ...more,
})
const result = (verdict: StageResult["verdict"], more: Partial<StageResult> = {}): StageResult => ({
  verdict,
  cause: verdict === "failed" || verdict === "errored" ? verdict : null,
  summary: "2 smells",
  findings: [],
  tests: [],
  steps: [],
  log: { text: "", lines: 0 },
  ...more,
})
const by = (more: Partial<Gating> = {}): Gating => ({
  gate: "added",
  policy: "default",
  lenient: true,
  base: null,
  ...more,
})
const baseWith = (...findings: readonly Finding[]): StageRecord => stage("privacy", { findings })

const OLD = finding("line 3 of 40 is long")
const MOVED = { ...OLD, line: 17, message: "line 17 of 52 is long" }
const NEW = finding("another one")
const failed = (...findings: readonly Finding[]) => result("failed", { findings })
const statuses = ({ findings }: StageResult) => findings.map(({ standing }) => standing?.status)

describe("whose gate a stage is", () => {
  test.each([
    ["the kind's", { kind: "privacy" }, [], "added"],
    ["the project's own where its kind is not named", { kind: "unit" }, [], "own"],
    ["the stage's before the kind's", { kind: "types", gate: "added" }, [], "added"],
    ["the project's own by a key of slipway.yaml", { kind: "coverage" }, ["coverage.lines"], "own"],
    ["the project's own by a key itself", { kind: "code" }, ["security.sarif"], "own"],
    ["not changed by a key that only begins alike", { kind: "coverage" }, ["coverages"], "added"],
    ["not changed by other keys", { kind: "duplication" }, ["quality.smells"], "added"],
  ] as const)("is %s", (_what, one, written, gate) => {
    expect(gateOf(one, GATES, written)).toBe(gate)
  })

  test("is told of stages that there are", () => {
    expect(Object.keys(STAGES)).toEqual(expect.arrayContaining(Object.keys(GATES)))
  })
})

describe("an added gate", () => {
  test("reports where no base is known", () => {
    const judged = gated(failed(OLD, NEW), by())
    expect(judged).toMatchObject({
      verdict: "passed",
      cause: null,
      summary: "2 smells; reported, does not block",
      findings: [{ standing: { status: "reported", why: "no base to compare with" } }, {}],
    })
  })

  test("blocks for what the base does not have", () => {
    const judged = gated(failed(MOVED, NEW), by({ base: baseWith(OLD) }))
    expect(judged).toMatchObject({ verdict: "failed", cause: "failed", summary: "1 new finding; 2 smells" })
    expect(statuses(judged)).toEqual(["known", "blocks"])
  })

  test("passes where the base has it all, wherever it moved", () => {
    const judged = gated(failed(MOVED), by({ base: baseWith(OLD) }))
    expect(judged).toMatchObject({ verdict: "passed", cause: null, summary: "2 smells; as in the base" })
  })

  test("blocks for one more of the same", () => {
    const judged = gated(failed(OLD, MOVED), by({ base: baseWith(OLD) }))
    expect(statuses(judged)).toEqual(["known", "blocks"])
  })

  test("is no look where it fails and names nothing", () => {
    const crashed = result("failed", { summary: "exited with code 2" })
    expect(gated(crashed, by())).toMatchObject({ verdict: "skipped", summary: "exited with code 2" })
    expect(gated(crashed, by({ lenient: false }))).toMatchObject({ verdict: "errored", cause: "failed" })
  })

  test.each([
    [true, "failed"],
    [false, "passed"],
  ] as const)("takes the stage's own comparison: worse is %s", (worse, verdict) => {
    expect(gated(result("failed", { findings: [NEW], worse }), by({ base: baseWith(NEW) })).verdict).toBe(
      verdict,
    )
  })

  test("leaves alone what is reported, known or waived", () => {
    const waived = finding("ours", { standing: { status: "waived", why: "alice" } })
    expect(gated(failed(waived, NEW), by()).findings[0]).toBe(waived)
  })

  test("blocks for what always does", () => {
    const kev = finding("exploited", { standing: { status: "blocks", why: "KEV", always: true } })
    for (const policy of ["default", "report"] as const) {
      const judged = gated(failed(kev, NEW), by({ policy }))
      expect(judged.verdict).toBe("failed")
      expect(statuses(judged)).toEqual(["blocks", "reported"])
    }
  })

  test("makes its verdict with the stage's words", () => {
    const conclude = (all: readonly Finding[]) => ({
      verdict: "passed" as const,
      cause: null,
      summary: `${all.filter(({ standing }) => standing?.status === "reported").length} reported`,
    })
    expect(gated(result("failed", { findings: [NEW], conclude }), by()).summary).toBe("1 reported")
  })

  test("never blocks under report", () => {
    const judged = gated(failed(NEW), by({ policy: "report", base: baseWith(OLD) }))
    expect(judged).toMatchObject({
      verdict: "passed",
      findings: [{ standing: { status: "reported", why: "policy: report" } }],
    })
  })

  test("blocks under strict", () => {
    const one = failed(OLD)
    expect(gated(one, by({ policy: "strict", base: baseWith(OLD) }))).toBe(one)
  })
})

test.each(["own", "always"] as const)("a gate that is %s keeps its verdict", (gate) => {
  const one = failed(NEW)
  for (const policy of ["default", "report", "strict"] as const)
    expect(gated(one, by({ gate, policy }))).toBe(one)
})

describe("a look that could not be taken", () => {
  const DATABASE = result("errored", { cause: "database", summary: "no database" })

  test("is a visible skip on a laptop, whatever the reason", () => {
    expect(gated(DATABASE, by())).toMatchObject({ verdict: "skipped", cause: null, summary: "no database" })
  })

  test("is errored where a look must be taken", () => {
    expect(gated(DATABASE, by({ lenient: false }))).toMatchObject({ verdict: "errored", cause: "database" })
  })

  test("counts by the tools that looked", () => {
    const look = (tool: string, verdict: "passed" | "errored") => ({
      tool,
      verdict,
      version: null,
      what: "",
      database: null,
    })
    const both = result("errored", { looked: [look("trivy", "passed"), look("osv-scanner", "errored")] })
    expect(gated(both, by())).toMatchObject({
      verdict: "passed",
      looked: [{ verdict: "passed" }, { verdict: "skipped" }],
    })
  })

  test("is errored for a file that cannot be used", () => {
    expect(gated({ ...DATABASE, cause: "configuration" }, by()).verdict).toBe("errored")
  })

  test.each(["own", "always"] as const)("excuses a gate that is %s for a missing tool alone", (gate) => {
    expect(gated(DATABASE, by({ gate })).verdict).toBe("errored")
    expect(gated({ ...DATABASE, unavailable: true }, by({ gate })).verdict).toBe("skipped")
  })

  test("never passes where a part was read by no tool", () => {
    const looked = [{ tool: "trivy", verdict: "passed", version: null, what: "", database: null }] as const
    expect(gated(result("errored", { looked, incomplete: true }), by()).verdict).toBe("skipped")
  })

  test("is one that took too long: an error in CI, and no finding", () => {
    const slow = result("failed", { cause: "timed-out", summary: "timed out after 600 s" })
    expect(gated(slow, by()).verdict).toBe("skipped")
    expect(gated(slow, by({ lenient: false }))).toMatchObject({ verdict: "errored", cause: "timed-out" })
    expect(gated(slow, by({ gate: "own" }))).toBe(slow)
  })
})
