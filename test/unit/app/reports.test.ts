import { describe, expect, test } from "vitest"
import { judgePages, type Page } from "../../../ci/src/app/a11y/pages.js"
import { browsersText } from "../../../ci/src/app/e2e/projects.js"
import { readReport } from "../../../ci/src/app/e2e/report.js"
import { PROFILES, ramps, seconds } from "../../../ci/src/app/load/profiles.js"
import { readSummary } from "../../../ci/src/app/load/summary.js"

describe("a report of Playwright", () => {
  const attempt = (status: string, more: object = {}) => ({ status, duration: 500, attachments: [], ...more })
  const spec = (title: string, status: string, results: readonly object[]) => ({
    title,
    file: "booking.spec.ts",
    tests: [{ projectName: "chromium", status, results }],
  })
  const failure = attempt("failed", {
    error: { message: "no", stack: "\u001b[31mError: no\u001b[39m\n    at booking.spec.ts:3" },
    attachments: [{ name: "trace", path: "/slipway/e2e/a/trace.zip" }, { name: "text" }],
  })
  const report = (specs: readonly object[]) =>
    JSON.stringify({
      config: { rootDir: "/app/e2e/tests" },
      suites: [{ title: "booking.spec.ts", specs: [], suites: [{ title: "at the desk", specs }] }],
    })

  test("gives its tests with file, time and verdict, and what failed attempts left", () => {
    const { tests, left } = readReport(
      report([
        spec("books", "expected", [attempt("passed")]),
        spec("refuses", "unexpected", [failure, failure]),
        spec("waits", "flaky", [failure, attempt("passed")]),
        spec("later", "skipped", [attempt("skipped")]),
      ]),
      "/app",
    )
    expect(tests).toMatchObject([
      {
        suite: "chromium › booking.spec.ts › at the desk",
        file: "e2e/tests/booking.spec.ts",
        verdict: "passed",
      },
      { name: "refuses", verdict: "failed", seconds: 1, message: "Error: no\n    at booking.spec.ts:3" },
      { name: "waits", verdict: "passed", flaky: true, message: null },
      { name: "later", verdict: "skipped" },
    ])
    expect(left).toEqual(["/slipway/e2e/a/trace.zip"])
  })

  test("that is none is refused", () => {
    expect(() => readReport("{}", "/app")).toThrow()
  })

  test("says which browsers were not there", () => {
    const one = (browser: string) => ({ name: browser, browser })
    expect(browsersText({ run: [one("chromium")], left: [one("firefox"), one("webkit")] })).toBe(
      "chromium; not here: firefox, webkit",
    )
  })
})

describe("a page", () => {
  const page = (change: Partial<Page>): Page => ({
    path: "/",
    status: 200,
    letters: 100,
    scriptError: null,
    violations: [],
    kept: 20,
    ...change,
  })
  const violation = (impact: string) => ({
    id: "image-alt",
    impact,
    help: "Images must have alternate text",
    helpUrl: "https://example.org/image-alt?x=1",
    nodes: [{ target: ["main > img"], html: "<img>" }],
  })

  test("that breaks a rule has a finding with its element, which counts from an impact on", () => {
    const found = judgePages([page({ violations: [violation("critical"), violation("minor")] })], "serious")
    expect(found).toMatchObject([
      { rule: "image-alt", severity: "critical", standing: { status: "blocks" } },
      { rule: "image-alt", severity: "low", standing: { status: "reported" } },
    ])
    expect(found[0]?.message).toBe(
      "Images must have alternate text, on /: main > img (https://example.org/image-alt)",
    )
  })

  test.each([
    [page({ status: 404 }), /answers 404/],
    [page({ letters: 0, scriptError: "React is not defined" }), /nothing to read: React is not defined/],
  ])("that shows nothing is no pass", (blank, message) => {
    expect(judgePages([blank], "serious")).toMatchObject([
      { rule: "page-not-shown", message: expect.stringMatching(message) },
    ])
  })
})

describe("a load", () => {
  test("is bounded, in its time and its users", () => {
    for (const profile of PROFILES) {
      expect(seconds(ramps(profile, 10))).toBeLessThanOrEqual(120)
      expect(Math.max(...ramps(profile, 10).map(({ users }) => users))).toBeLessThanOrEqual(50)
    }
  })

  test("is measured, and held to its limits", () => {
    const summary = {
      metrics: {
        http_reqs: { count: 120, rate: 12.004 },
        http_req_duration: { "p(95)": 812.3456, avg: 100 },
        http_req_failed: { value: 0.005, passes: 1, fails: 119 },
      },
    }
    const load = readSummary(JSON.stringify(summary), { p95: 500, errors: 1 })
    expect(load.requests).toBe(120)
    expect(load.measures).toMatchObject([
      { name: "p95", value: 812.35, unit: "ms", limit: 500 },
      { name: "errors", value: 0.5, unit: "%", limit: 1 },
      { name: "requests per second", value: 12 },
    ])
    expect(load.over).toEqual(["p95 is 812.35 ms, and may be 500 ms"])
  })
})
