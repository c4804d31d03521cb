/**
 * How long `slipway metrics` takes for the evidence of many runs.
 *
 *   node bench/metrics.mjs [runs]          default: 10000
 *   node bench/metrics.mjs runs FOLDER     writes the evidence to FOLDER, and measures nothing
 *
 * A made-up app of 24 stages, 200 tests and 20 findings a run, over half a year, with 400 releases: one stage gets
 * slower, five tests are flaky, one run in 30 ends without a verdict. Prints elapsed and processor time
 * of three calls: the first reads all evidence, the others the index that it writes.
 */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

const count = Number(process.argv[2] ?? 10_000)
const target = process.argv[3]
const repository = path.resolve(import.meta.dirname, "..")
const folder = target ?? fs.mkdtempSync(path.join(os.tmpdir(), "slipway-metrics-"))

const DAY = 24 * 60 * 60 * 1000
const START = Date.UTC(2026, 3, 1)
const DAYS = 180

/** The same numbers each time: mulberry32. */
function numbers(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const random = numbers(7)
const hash = (n) => n.toString(16).padStart(40, "0")

const STAGES = [
  ["install", 64],
  ...["lint", "format", "types", "deadcode", "duplication"].map((name, i) => [name, 12 + 4 * i]),
  ...["backend", "frontend"].flatMap((part) => [
    [`build:${part}`, 30],
    [`test:unit:${part}`, part === "backend" ? 140 : 60],
    [`image:${part}`, 47],
    [`scan:image:${part}`, 11],
  ]),
  ["test:integration:backend", 95],
  ...["test:e2e", "test:a11y", "dast", "scan:secrets", "scan:dependencies", "scan:code", "scan:licences"].map(
    (name, i) => [name, 8 + 3 * i],
  ),
  ["coverage", 1],
  ["privacy", 9],
]

const test = (stage, i, verdict = "passed") => ({
  suite: `appointments ${i % 12}`,
  name: `books slot number ${i} and tells the patient`,
  file: `backend/test/${stage.split(":")[1]}/appointments-${i % 12}.test.ts`,
  seconds: 0.01 * (i % 7),
  verdict: verdict === "failed" ? "failed" : "passed",
  message: verdict === "passed" ? null : "expected 200, got 409",
  ...(verdict === "flaky" ? { flaky: true } : {}),
})

const FINDING = {
  rule: "no-floating-promises",
  severity: "low",
  message: "Promises must be awaited, or their rejection handled where they are made.",
  file: "backend/src/appointments.ts",
  line: 12,
  standing: { status: "reported", why: "no base to compare with" },
}

const CAUSES = { failed: "failed", errored: "download" }

function stage([name, seconds], at, day, end) {
  const cached = random() < 0.55
  const slower = name === "test:unit:backend" && day > 110 ? 1.6 : 1
  const ms = Math.round(seconds * 1000 * slower * (0.9 + 0.2 * random()))
  const red =
    end === "failed" ? name === "test:integration:backend" : end === "errored" && name === "scan:dependencies"
  const verdict = red ? end : "passed"
  const flaky = name === "test:integration:backend" && day > 40 && random() < 0.06
  const tests = name.startsWith("test:") ? 50 : 0
  const retried = flaky || (red && end === "failed")
  const verdictOf = (i) => {
    if (i === 7 && red && end === "failed") return "failed"
    return flaky && i === Math.floor(day / 40) ? "flaky" : "passed"
  }
  const step = (what, from, to) => ({
    ...{ name: what, command: `npm run ${name}`, startedAt: at + from, endedAt: at + to },
    ...{ exitCode: verdict === "passed" ? 0 : 1, timedOut: false, attempts: 1 },
  })
  return {
    name,
    needs: name === "install" ? [] : ["install"],
    inputs: `sha256:${hash(Math.floor(random() * 1e9)).padStart(64, "0")}`,
    ...{
      verdict,
      cause: red ? CAUSES[end] : null,
      summary: `${tests} tests`,
      cached,
    },
    findings: name === "lint" ? Array.from({ length: 20 }, () => FINDING) : [],
    tests: Array.from({ length: tests }, (_, i) => test(name, i, verdictOf(i))),
    steps: [step("tests", 0, ms), ...(retried ? [step("tests again", ms, ms + 20_000)] : [])],
    log: { text: "> medflow-backend@1.0.0 test\n".repeat(20), lines: 20 },
    startedAt: at,
    endedAt: at + ms,
  }
}

function endOf(chance) {
  if (chance < 1 / 30) return "errored"
  return chance < 0.15 ? "failed" : "passed"
}

function run(n) {
  const day = (n / count) * DAYS
  const startedAt = Math.round(START + day * DAY)
  const end = endOf(random())
  const stages = STAGES.map((one) => stage(one, startedAt + 1000, day, end))
  const isMain = n % 3 === 0
  return {
    schema: 1,
    slipway: "0.1.0",
    project: "medflow",
    verdict: end,
    exitCode: { passed: 0, failed: 10, errored: 17 }[end],
    startedAt,
    endedAt: Math.max(...stages.map(({ cached, endedAt }) => (cached ? startedAt + 2000 : endedAt))) + 3000,
    context: {
      vendor: "github",
      commit: hash(n),
      branch: isMain ? "main" : `feature-${n % 90}`,
      tag: null,
      base: isMain ? null : "main",
      change: isMain ? null : String(n),
      actor: "a.berger",
      url: `https://ci.example.org/runs/${n}`,
      run: String(n),
      attempt: 1,
    },
    stages,
    images: [{ name: "node:22-bookworm-slim", digest: null, purpose: "runs the tools" }],
  }
}

function outcomeOf(chance) {
  if (chance < 0.06) return "rolled-back"
  return chance < 0.08 ? "failed" : "succeeded"
}

function release(n) {
  const started = Math.round(START + (n / 400) * DAYS * DAY)
  const outcome = outcomeOf(random())
  return {
    ...{ number: n + 1, action: "deploy", commit: hash(Math.floor((n / 400) * count)) },
    outcome,
    ...{ started, ended: started + 240_000 + Math.round(120_000 * random()) },
  }
}

function write() {
  for (let n = 0; n < count; n += 1) {
    const at = path.join(folder, "runs", String(n).padStart(6, "0"))
    fs.mkdirSync(at, { recursive: true })
    fs.writeFileSync(path.join(at, "result.json"), JSON.stringify(run(n), null, 2))
  }
  const ledger = path.join(folder, "production/ledger")
  fs.mkdirSync(ledger, { recursive: true })
  for (let n = 0; n < 400; n += 1)
    fs.writeFileSync(path.join(ledger, `${n + 1}.json`), JSON.stringify(release(n)))
}

function measure() {
  const script = `t=$(date +%s%N); ${path.join(repository, "slipway")} metrics ${folder} --json >/dev/null; echo $(( ($(date +%s%N) - t) / 1000000 )); times`
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" })
  if (status !== 0) throw new Error(stderr)
  const lines = stdout.trim().split("\n")
  return { elapsed: Number(lines[0]) / 1000, processor: lines.at(-1) }
}

try {
  write()
  if (target === undefined) {
    const bytes = fs.statSync(path.join(folder, "runs/000000/result.json")).size
    console.log(`${count} runs of about ${Math.round(bytes / 1000)} kB`)
    for (let round = 0; round < 3; round += 1) {
      const { elapsed, processor } = measure()
      console.log(`${elapsed.toFixed(2)} s elapsed, processor (user, system): ${processor}`)
    }
  }
} finally {
  if (target === undefined) fs.rmSync(folder, { recursive: true, force: true })
}
