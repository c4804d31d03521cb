import { randomUUID } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { app, call, edit, MODULE, medflow, report, write } from "./support.js"

const PRICE = `export function price(amount, member) {
  if (member) return amount * 0.9
  return amount
}
`

const PRICE_TEST = `import assert from "node:assert"
import test from "node:test"
import { price } from "./price.mjs"

test("members pay less", () => assert.equal(price(100, true), 90))
test("others pay all", () => assert.equal(price(100, false), 100))
`

/** Fails unless it is tried again. */
const FLAKY_TEST = `import assert from "node:assert"
import test from "node:test"

test("answers in time", () => assert.ok(process.env.SLIPWAY_INSTANCE))
`

const UNTESTED = `
export function fee(amount) {
  if (amount > 100) {
    return 0
  }
  return 5
}
`

describe("a project's tests", () => {
  const folder = app(
    { "price.mjs": PRICE, "price.test.mjs": PRICE_TEST, "slow.test.mjs": FLAKY_TEST },
    { test: "node --test" },
  )

  test("are named where they are flaky, and leave the coverage of the lines that they run", async () => {
    const { record, stage, folder: evidence } = await report(folder)
    expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({ exitCode: 0 })
    expect(stage("test:unit").summary).toBe("3 tests, 1 flaky: answers in time")
    expect(stage("test:unit").steps.map(({ name }) => name)).toEqual(["tests", "tests again"])
    expect(stage("coverage")).toMatchObject({
      summary: "100 % of lines in 1 file",
      coverage: [{ file: "price.mjs", lines: 4, covered: 4, missed: "" }],
    })
    for (const file of ["coverage/lcov.info", "coverage/cobertura.xml"])
      expect(fs.readFileSync(path.join(evidence, file), "utf8")).toContain("price.mjs")

    const base = path.join(evidence, "result.json")
    edit(folder, "price.mjs", (text) => text + UNTESTED)
    write(folder, { "slipway.yaml": "coverage: { lines: 40 }\n" })
    const dropped = await call(folder, "--base", base, "ci")
    expect(dropped.said).toMatch(
      /coverage failed: 5\d\.?\d* % of lines, 100 % in the base: dropped by more than 2 points/,
    )
    expect(dropped.said).toMatch(/price\.mjs:\d+ +coverage +no test runs 5 of 10 lines/)
    expect(dropped.code).toBe(23)
  })

  test("that are fewer than the shards leave one without any, which says so", async () => {
    const { code, said } = await call(folder, "test", "--shard", "3/3", "unit")
    expect(said).toMatch(/– test:unit .*shard 3\/3 is empty/)
    expect(code, said).toBe(0)
  })

  test("refuse shards that are none", async () => {
    const { code, said } = await call(folder, "test", "--shard", "5/4", "unit")
    expect(said).toContain("--shard 2/4")
    expect(code).toBe(20)
  })
})

test("a test that is set aside runs and does not block, until it expires; a run above its limit is red", async () => {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  const entry = (last: string) => `quarantine:
  - { test: answers in time, owner: "@clinic/web", reason: waits for the clock, expires: ${last} }
`
  const folder = app(
    {
      "slow.test.mjs": FLAKY_TEST,
      "price.mjs": PRICE,
      "price.test.mjs": `${PRICE_TEST}await new Promise((done) => setTimeout(done, 1500)) // ${randomUUID()}\n`,
      "quarantine.yaml": entry(day(30)),
      "slipway.yaml": "tests: { retries: 0 }\nlimits: { all: 1s }\n",
    },
    { test: "node --test" },
  )
  const { record, stage } = await report(folder)
  expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({ exitCode: 29 })
  expect(record.stages.flatMap(({ name, verdict }) => (verdict === "failed" ? [name] : []))).toEqual([
    "limits",
  ])
  expect(stage("test:unit").summary).toBe("3 tests, 1 failed and set aside: answers in time")
  expect(stage("quarantine").summary).toBe("1 test set aside: 0 expired, 0 for no test")
  expect(stage("limits").summary).toMatch(/^all took .* more than the 1\.0 s of limits\.all\.fail$/)

  write(folder, { "quarantine.yaml": entry(day(-1)) })
  const late = await call(folder, "test", "unit")
  expect(late.said).toMatch(/✗ test:unit .*1 of 3 tests failed/)
  expect(late.code).toBe(10)
})

test("suites have services of their own, and find them by their variables", async () => {
  const redis = `import assert from "node:assert"
import { connect } from "node:net"
import test from "node:test"

test("is the first to come", async () => {
  const { hostname, port } = new URL(process.env.REDIS_URL)
  const socket = connect(Number(port), hostname)
  socket.write("SET first me NX\\r\\n")
  const [answer] = await socket.take(1).toArray()
  socket.end()
  assert.match(String(answer), /OK/)
})
`
  const folder = app(
    {
      "redis.test.mjs": redis,
      "slipway.yaml": `services:
  redis: { image: redis:7-alpine, port: 6379, unit: true, variables: { REDIS_URL: "redis://redis:6379" } }
`,
    },
    { "test:unit": "node --test", "test:integration": "node --test" },
  )
  const { code, said } = await call(folder, "test", "all")
  expect(said).toMatch(/✓ test:unit .*1 test/)
  expect(said).toMatch(/✓ test:integration .*1 test/)
  expect(code, said).toBe(0)
})

test("test files are shared among containers, and their tests and coverage are put together", async () => {
  const folder = medflow()
  write(folder, { "slipway.yaml": "workspaces: [backend]\n" })
  const { code, said } = await call(folder, "test", "--shards", "2", "unit")
  expect(said).toMatch(/✓ test:unit:backend .*131 tests in 2 shards/)
  expect(code, said).toBe(0)
})

test("a service in another language is tested by what slipway.yaml says of it", async () => {
  const { record, stage } = await report(path.join(MODULE, "examples/notify"))
  expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({ exitCode: 0 })
  expect(stage("pytest").tests.map(({ name }) => name)).toContain("test_takes_each_once")
  expect(stage("coverage").coverage?.map(({ file }) => file)).toContain("notify/reminders.py")
})
