import * as fs from "node:fs"
import * as path from "node:path"
import { expect, test } from "vitest"
import { app, call, MODULE, report } from "./support.js"

const RULES = path.join(MODULE, "test/testdata/privacy")

/** `file:line rule` of each comment `ruleid: rule`, which stands a line above what it is about. */
function expected(): readonly string[] {
  return fs
    .readdirSync(RULES)
    .flatMap((name) =>
      fs
        .readFileSync(path.join(RULES, name), "utf8")
        .split("\n")
        .flatMap((line, i) => {
          const rule = /ruleid: ([\w-]+)/.exec(line)?.[1]
          return rule === undefined ? [] : [`patients ü/${name}:${i + 2} ${rule}`]
        }),
    )
    .sort()
}

test("each privacy rule fires where it should and nowhere else, in folders of any name", async () => {
  const files = fs
    .readdirSync(RULES)
    .map((name) => [`patients ü/${name}`, fs.readFileSync(path.join(RULES, name), "utf8")] as const)
  const folder = app({ ...Object.fromEntries(files), "slipway.yaml": onlyStage("privacy") })
  const { stage } = await report(folder)
  const { verdict, summary, findings, looked } = stage("privacy")
  expect(verdict, summary).toBe("failed")
  expect(findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`).sort()).toEqual(expected())
  expect(looked).toMatchObject([{ tool: "semgrep", version: "1.182.0" }])
})

/** A slipway.yaml that leaves out all the stages of an app of one package but some. */
function onlyStage(...wanted: readonly string[]): string {
  const others = ["duplication", "maintainability", "privacy", "secrets", "dependencies", "code", "licences"]
  const left = others.filter((name) => !wanted.includes(name))
  return `policy: strict\nstages: { ${left.map((name) => `${name}: { enabled: false }`).join(", ")} }\n`
}

const TWICE = Array.from({ length: 14 }, (_, i) => `  total += prices[${i}] * amounts[${i}] + taxes[${i}]`)
const SUM = (name: string) =>
  `export function ${name}(prices, amounts, taxes) {\n  let total = 0\n${TWICE.join("\n")}\n  return total\n}\n`
const BUG =
  "export const same = (a, b) => {\n  if (a > b) return 1\n  else if (a > b) return 2\n  return 0\n}\n"

test("a duplicate and a bug fail for their own reasons", async () => {
  const folder = app({
    "src/invoice.js": SUM("invoice"),
    "src/über quote.js": SUM("quote"),
    "src/compare.js": BUG,
    "slipway.yaml": onlyStage("duplication", "maintainability"),
  })
  const { stage, code } = await report(folder)
  expect(code).toBe(0)
  expect(stage("duplication")).toMatchObject({
    verdict: "failed",
    summary: expect.stringMatching(/% duplicated lines, 3 % allowed/),
    findings: [{ file: "src/über quote.js", rule: "duplicated-lines" }],
  })
  expect(stage("maintainability")).toMatchObject({ verdict: "failed" })
  expect(stage("maintainability").findings).toContainEqual(
    expect.objectContaining({ file: "src/compare.js", line: 3, rule: "sonarjs/no-identical-conditions" }),
  )
})

test("passes duplication where no file is long enough to be duplicated", async () => {
  const folder = app({
    "src/Über uns/run it.ts": "export const one = 1\n",
    "slipway.yaml": onlyStage("duplication"),
  })
  expect((await report(folder)).stage("duplication")).toMatchObject({
    verdict: "passed",
    summary: "no file has 10 lines, so none is duplicated",
  })
})

test("a SonarQube server without a token is a visible skip on a laptop, and an error in CI", async () => {
  const server = "quality: { sonar: { url: 'http://127.0.0.1:9', project: small } }\n"
  const quiet = onlyStage().replace("policy: strict\n", "")
  const folder = app({ "slipway.yaml": `${server}${quiet}` }, { test: "true" })
  const laptop = await report(folder)
  expect(laptop.stage("sonar")).toMatchObject({
    verdict: "skipped",
    summary: expect.stringContaining("--sonar-token"),
  })
  const ci = await report(folder, "--run", '{"vendor":"github"}')
  expect(ci.stage("sonar")).toMatchObject({ verdict: "errored", cause: "token" })
})

test("a linter that no script calls runs by its configuration", async () => {
  const folder = app({ "tsconfig.json": "{}", "slipway.yaml": onlyStage() })
  const { said } = await call(folder, "plan")
  expect(said).toMatch(/types .*tsconfig.json is there, and typescript is no dependency/)
})
