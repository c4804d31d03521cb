import { describe, expect, test } from "vitest"
import { app, call, edit, QUIET, report, stagesWith } from "./support.js"

const FLAKY = `import assert from "node:assert"
import test from "node:test"

test("answers in time", () => assert.ok(process.env.SLIPWAY_RERUN))
`

test("a test that fails now and then runs again when asked to, and its new result is kept", async () => {
  // What the engine remembers of other runs is of another name.
  const name = `answers ${Date.now()}`
  const folder = app({ "flaky.test.mjs": FLAKY.replace("answers", name) }, { test: "node --test" })
  const ci = (...flags: string[]) => call(folder, ...flags, "ci")
  const first = await ci()
  expect(first.said).toContain("1 of 1 test failed")
  expect(first.code).toBe(10)
  const again = await ci()
  expect(again.said).toMatch(/✗ test:unit .*cached/)
  expect(again.code).toBe(10)
  const rerun = await ci("--rerun")
  expect(rerun.code, rerun.said).toBe(0)
  const after = await ci()
  expect(after.said).toMatch(/✓ test:unit .* 1 test +cached/)
  expect(after.code).toBe(0)
  edit(folder, "flaky.test.mjs", (text) => text.replace("in time", "soon"))
  expect((await ci()).code).toBe(10)
})

const PING = `exec 3<>/dev/tcp/cache/6379
printf 'PING\\r\\n' >&3
read -r answer <&3
echo "the cache says $answer"
[ "\${answer%%$'\\r'}" = +PONG ]
`

const CUSTOM = `custom:
  words:
    image: debian:bookworm-slim
    inputs: [words/**]
    commands:
      - ls -R
      - mkdir -p "out put"
      - cp words/report.xml "out put/junit 1.xml"
    junit: out put/*.xml
  ping:
    image: debian:bookworm-slim
    inputs: [ping.sh]
    needs: [words]
    commands: [bash ping.sh]
    services:
      cache: { image: "redis:7-alpine", port: 6379 }
  late:
    image: debian:bookworm-slim
    needs: [ping, words]
    inputs: [none]
    env: { GREETING: "two words" }
    commands: ['test "$GREETING" = "two words" && test "$CI" = true']
`

const PASSED =
  '<testsuites><testsuite name="words"><testcase name="spelt"/><testcase name="known"/></testsuite></testsuites>'
const FAILED = PASSED.replace('"known"/>', '"known"><failure>no such word</failure></testcase>')

describe("stages that slipway.yaml describes", () => {
  const folder = app({
    "slipway.yaml": CUSTOM + QUIET,
    "words/report.xml": PASSED,
    "ping.sh": PING,
    "README.md": "",
  })

  test("run with their services, reports and order", async () => {
    const { record, stage } = await report(folder)
    expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({
      verdict: "passed",
    })
    expect(stage("words").tests.map(({ name }) => name)).toEqual(["spelt", "known"])
    expect(stage("words").log.text).not.toContain("ping.sh")
    expect(stage("ping").log.text).toContain("the cache says +PONG")
    expect(stage("ping").startedAt).toBeGreaterThanOrEqual(stage("words").endedAt ?? Number.POSITIVE_INFINITY)
  })

  test("run again only when a file of theirs changes", async () => {
    edit(folder, "README.md", () => "changed")
    const { record } = await report(folder)
    expect(stagesWith(record, ({ cached }) => !cached)).toEqual([])
  })

  test("fail by their reports, and those that need them are left", async () => {
    edit(folder, "words/report.xml", () => FAILED)
    const { code, said } = await call(folder, "ci")
    expect(said).toMatch(
      /words failed: 1 of 2 tests failed, though the command exited with code 0\n.*words › known/,
    )
    expect(said).toMatch(/– ping +needs words, which did not pass/)
    expect(said).toMatch(/– late +needs words, ping, which did not pass/)
    expect(code).toBe(10)
  })
})

test("runners that are known tell their tests, whatever writes to standard output", async () => {
  const source =
    "import test from 'node:test'\nconsole.log('<testsuites>')\ntest('one', () => {})\ntest('two', () => {})\n"
  const folder = app({ "a.test.mjs": source }, { test: "node --test" })
  const { code, said } = await call(folder, "test", "unit")
  expect(code, said).toBe(0)
  expect(said).toMatch(/✓ test:unit .* 2 tests/)
})
