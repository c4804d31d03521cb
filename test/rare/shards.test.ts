import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import type { RunRecord } from "../../ci/src/run/result.js"
import { durationsOf, durationsText, workSeconds } from "../../ci/src/shards/durations.js"
import { app, nothingBut, temporary } from "../engine/support.js"
import { type Machine, machine } from "../install/machine.js"

const COUNT = 3
const MINUTE = 60_000
const NUMBERS = Array.from({ length: COUNT }, (_, i) => i + 1)

/** A test file that takes seconds, and runs a third of the code. */
const waits = (seconds: number, index: number): string => `import { test } from "node:test"
import assert from "node:assert"
import { part } from "../parts.js"
test("part ${index} is found", async () => {
  await new Promise((resolve) => setTimeout(resolve, ${seconds * 1000}))
  assert.equal(part(${index % 3}), ${index % 3})
})
`
const PARTS = `export function part(index) {
  if (index === 0) {
    return 0
  }
  if (index === 1) {
    return 1
  }
  return 2
}
`
const custom = Array.from(
  { length: 6 },
  (_, i) =>
    `  slow${i}: { image: "node:22-bookworm-slim", inputs: [parts.js], commands: [sleep 6, "echo ${i}"] }\n`,
).join("")

/** An app whose suite no machine alone is done with in a third of the time. */
const folder = app(
  {
    "slipway.yaml": `${nothingBut("lint", "unit", "coverage", "test-files")}policy: strict\ncustom:\n${custom}`,
    "parts.js": PARTS,
    ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`test/part${i}.test.js`, waits(5, i)])),
  },
  { lint: "node --check parts.js", test: "node --test --test-concurrency=1" },
)

/** Runs a command line of Slipway on a machine. */
async function run(own: Machine, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await own.slipway(args)
  return { code: exitCode, said: stdout + stderr }
}

const recordIn = (evidence: string): RunRecord =>
  JSON.parse(fs.readFileSync(path.join(evidence, "result.json"), "utf8"))

const work = ({ stages }: RunRecord): number =>
  stages.reduce((sum, stage) => sum + (workSeconds(stage) ?? 0), 0)

/** What a run says of the code: verdicts, tests and lines, and no times. */
const judged = ({ stages }: RunRecord) =>
  stages
    .filter(({ name }) => name !== "shards")
    .map(({ name, verdict, tests, coverage }) => ({
      name,
      verdict,
      coverage,
      tests: tests.map((one) => `${one.file} ${one.name} ${one.verdict}`).sort(),
    }))

const copyOf = (from: string): string => {
  const to = temporary("copy")
  execFileSync("cp", ["-a", `${from}/.`, to])
  return to
}

describe("three machines, each with an engine of its own", () => {
  const evidence = temporary("evidence")
  const durations = path.join(evidence, "durations.json")
  const place = (name: string | number) => path.join(evidence, `shard-${name}`)
  const keep = (from: string, name: string | number) =>
    fs.cpSync(path.join(from, ".slipway"), place(name), { recursive: true })
  let whole: RunRecord

  beforeAll(async () => {
    {
      await using alone = await machine({ images: true })
      const { code, said } = await run(alone, "ci", folder)
      expect(code, said).toBe(0)
      whole = recordIn(path.join(folder, ".slipway"))
    }
    fs.writeFileSync(durations, durationsText(durationsOf([whole])))
    for (const number of NUMBERS) {
      await using own = await machine({ images: true })
      const copy = copyOf(folder)
      const { code, said } = await run(
        own,
        "ci",
        copy,
        "--shard",
        `${number}/${COUNT}`,
        "--durations",
        durations,
      )
      expect(code, said).toBe(0)
      keep(copy, number)
    }
  }, 60 * MINUTE)

  test("come to the verdicts, tests and coverage of one, and each had about a third of the work", async () => {
    await using own = await machine({ images: true })
    const copy = copyOf(folder)
    const merged = path.join(copy, ".slipway")
    const { code, said } = await run(own, "merge", ...NUMBERS.map(place), "--app", copy)
    expect(code, said).toBe(0)
    const record = recordIn(merged)
    expect(judged(record)).toEqual(judged(whole))
    const busiest = Math.max(...(record.shards ?? []).map(({ seconds }) => seconds))
    const speedUp = work(whole) / busiest
    process.stdout.write(
      `${said}\n${work(whole).toFixed(1)} s of work, ${busiest.toFixed(1)} s on the busiest of 3: ${speedUp.toFixed(2)} times as fast\n`,
    )
    expect(speedUp).toBeGreaterThan(2.5)

    const audit = [
      "audit",
      "--log",
      path.join(merged, "audit.jsonl"),
      "verify",
      "--record",
      path.join(merged, "result.json"),
    ]
    expect((await run(own, ...audit)).said).toContain("unchanged and in order")

    const missing = await run(own, "merge", place(1), place(3), "--app", copy)
    expect(missing.said).toContain("shard 2/3 left no evidence")
    expect(missing.code).toBe(71)
    expect(recordIn(merged)).toMatchObject({ verdict: "errored" })

    const double = await run(own, "merge", ...NUMBERS.map(place), place(2), "--app", copy)
    expect(double.said).toContain("shard 2/3 is there 2 times")
    expect(double.code).toBe(72)

    fs.appendFileSync(path.join(copy, "parts.js"), "\n")
    const foreign = await run(own, "merge", ...NUMBERS.map(place), "--app", copy)
    expect(foreign.said).toContain("is of another tree")
    expect(foreign.code).toBe(73)
  })
})
