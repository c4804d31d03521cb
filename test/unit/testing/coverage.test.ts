import { describe, expect, test } from "vitest"
import type { Repository } from "../../../ci/src/project/project.js"
import { coverageIn, lineHitsOf } from "../../../ci/src/run/line-hits.js"
import { graph } from "../../../ci/src/run/pipeline.js"
import type { StageResult } from "../../../ci/src/run/stage.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { runCoverage, sourcesOf } from "../../../ci/src/testing/coverage.js"
import { repositoryOf } from "../projects.js"

const project = (yaml = "", test = "vitest run") =>
  repositoryOf(
    {
      "package.json": { name: "app", workspaces: ["api"] },
      "package-lock.json": {},
      "api/package.json": { name: "api", scripts: { "test:unit": test } },
    },
    parseConfig(yaml),
  )

const PYTEST = "custom: { pytest: { image: python, commands: [pytest], coverage: coverage.xml } }\n"
const LCOV = "SF:a.ts\nDA:1,1\nend_of_record\n"

const result = (more: Partial<StageResult> = {}): StageResult => ({
  verdict: "passed",
  cause: null,
  summary: "",
  findings: [],
  tests: [],
  steps: [],
  log: { text: "", lines: 0 },
  ...more,
})

const of = (text: string) =>
  result(lineHitsOf(text === "" ? [] : [text], { root: "/app", folder: "" }, "lcov.info"))

const stagesOf = (found: Repository) => graph(found, KINDS).stages

const judged = (found: Repository, results: Readonly<Record<string, StageResult>>) =>
  runCoverage(
    {
      project: found.whole,
      base: null,
      results: (name) => new Map(Object.entries(results).filter(([stage]) => stage.startsWith(name))),
    },
    sourcesOf(stagesOf(found)),
  )

test("the coverage that a package leaves is that of all processes under nyc, else its fullest report", () => {
  const report = (line: number) =>
    JSON.stringify({
      "/app/a.ts": { path: "/app/a.ts", statementMap: { 0: { start: { line } } }, s: { 0: 1 } },
    })
  const processes = { "/app/.nyc_output/0.json": "{}", "/app/.nyc_output/1.json": report(2) }
  const left = coverageIn({
    ...processes,
    "/app/.nyc_output/2.json": report(3),
    "/app/coverage/lcov.info": LCOV,
  })
  const { lineHits } = lineHitsOf(left, { root: "/app", folder: "" }, "coverage/")
  expect([...(lineHits?.get("a.ts") ?? [])]).toEqual([
    [2, 1],
    [3, 1],
  ])
  expect(coverageIn({ "/slipway/runs/1-1/junit.xml": "", "/app/coverage/lcov.info": LCOV })).toEqual([LCOV])
})

describe("the stage of coverage", () => {
  test("needs every stage that may give some, and no other", async () => {
    const coverage = async (...of: Parameters<typeof project>) =>
      stagesOf(await project(...of)).filter(({ kind }) => kind === "coverage")
    expect(await coverage(PYTEST)).toMatchObject([{ needs: ["test:unit:api", "pytest"], after: ["e2e"] }])
    // Its script may leave some, as c8 and nyc do.
    expect(await coverage("", "my-runner")).toMatchObject([{ needs: ["test:unit:api"] }])
    expect(await coverage("stages: { unit: { enabled: false } }")).toEqual([])
  })

  test("is skipped where no runner gives any, and says what would", async () => {
    expect(judged(await project("", "my-runner"), { "test:unit:api": result() })).toMatchObject({
      verdict: "skipped",
      summary: "no coverage: test:unit:api: unknown test runner",
    })
  })

  test.each([
    ["that was not written", "", "test:unit:api: no coverage was written to lcov.info"],
    ["that cannot be read", "SF", "test:unit:api: cannot read the coverage in lcov.info"],
  ])("could not look at coverage %s", async (_what, text, summary) => {
    expect(judged(await project(), { "test:unit:api": of(text) })).toMatchObject({
      verdict: "errored",
      summary: expect.stringContaining(summary),
    })
  })

  test("is skipped where tests of another kind did not pass", async () => {
    const results = { "test:unit:api": of(LCOV), e2e: result({ verdict: "failed", cause: "failed" }) }
    expect(judged(await project(), results)).toMatchObject({
      verdict: "skipped",
      summary: "e2e did not pass: the coverage would be incomplete",
    })
  })

  test("leaves what all ran as evidence", async () => {
    const results = { "test:unit:api": of(LCOV), e2e: of(LCOV.replace("a.ts", "b.ts")) }
    const { verdict, files } = judged(await project(), results)
    expect(verdict).toBe("passed")
    expect(files?.["coverage/lcov.info"]).toMatch(/SF:a\.ts\n[\s\S]*SF:b\.ts/)
  })
})
