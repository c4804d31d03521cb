import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { reportHtml } from "../../../ci/src/report/report.js"
import { metrics } from "../../../cli/commands/metrics.js"
import { CommandFault } from "../../../cli/fault.js"
import { INDEX } from "../../../cli/metrics/known.js"
import { repository } from "../../../engine/host/repository.js"
import { HOSTILE, hostile } from "../report/extremes.js"
import { red } from "../report/sample.js"
import { release, run } from "./history.js"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-metrics-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

function folder(name: string, files: Readonly<Record<string, string | object>>): string {
  for (const [file, content] of Object.entries(files)) {
    const at = path.join(root, name, file)
    fs.mkdirSync(path.dirname(at), { recursive: true })
    fs.writeFileSync(at, typeof content === "string" ? content : JSON.stringify(content))
  }
  return path.join(root, name)
}

/** What a call of the command prints, and its exit code. */
async function call(...words: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
  ]
  try {
    return { code: await metrics.run([...words, "--app", app]), out: out.join(""), err: err.join("") }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

let app = ""
let evidence = ""
beforeAll(() => {
  app = folder("app", { "slipway.yaml": "metrics: { currency: EUR, prices: { github: 0.01 } }" })
  evidence = folder("evidence", {
    "1/result.json": run(0, "passed"),
    "1/sbom/backend.cdx.json": { bomFormat: "CycloneDX" },
    "1/report.html": reportHtml(red()),
    "1/previous/result.json": run(1, "failed"),
    "flat/2026-01-03.json": run(2, "passed"),
    "production/ledger/1.json": release(1, 1, "succeeded"),
  })
})

describe("slipway metrics", () => {
  test("reads many files by several threads, and names those that it cannot read", () => {
    const days = Array.from({ length: 600 }, (_, day) => [`${day}.json`, run(day, "passed")] as const)
    const many = folder("many", { ...Object.fromEntries(days), "cut.json": "{" })
    const program = path.join(repository(), "slipway")
    const { stdout, stderr, status } = spawnSync(program, ["metrics", many, "--json"], { encoding: "utf8" })
    expect(stderr).toContain("cut.json: cut off, or not JSON")
    expect(status).toBe(55)
    expect(JSON.parse(stdout).success).toMatchObject({ runs: 600 })
  })

  test("reads a file again only when its size or time changes", async () => {
    const kept = folder("kept", { "1/result.json": run(0, "passed"), "2/result.json": run(1, "passed") })
    const file = path.join(kept, "1/result.json")
    const shown = async () => /success.*/.exec((await call(kept)).out)?.[0]
    const first = await shown()
    const { size, atime, mtime } = fs.statSync(file)
    fs.writeFileSync(file, "x".repeat(size))
    fs.utimesSync(file, atime, mtime)
    expect(await shown()).toBe(first)

    fs.utimesSync(file, atime, new Date(0))
    expect((await call(kept)).err).toContain("1/result.json: cut off, or not JSON")
    fs.writeFileSync(file, JSON.stringify(run(0, "passed")))
    fs.writeFileSync(path.join(kept, INDEX), "{")
    expect(await shown()).toBe(first)
  })

  test("finds records and releases in any folder, and not the other files of a run", async () => {
    const { code, out } = await call(evidence)
    expect(code).toBe(0)
    expect(out).toContain("medflow: 3 runs, 2026-01-01 to 2026-01-03\n")
    expect(out).toContain("2 passed, 1 failed by the code, 0 ended without a verdict")
    expect(out).toContain("deployments to production: 1")
    expect(out).toContain("0.01 EUR a run")
  })

  test("names what it cannot read, counts all else, and has its own exit code", async () => {
    const bad = folder("bad", {
      "1/result.json": run(0, "passed"),
      "2/result.json": JSON.stringify(run(1, "passed")).slice(0, 300),
      "3/result.json": { ...run(2, "passed"), schema: 2 },
      "4/result.json": { hello: "world" },
      "5/result.json": "",
    })
    const { code, out, err } = await call(bad, "--json")
    expect(code).toBe(55)
    expect(JSON.parse(out)).toMatchObject({ success: { runs: 1, passed: 1 }, unread: { length: 4 } })
    expect(err.split("\n")).toEqual([
      "slipway: 4 files not read; the metrics are of all others",
      expect.stringMatching(/2\/result\.json: cut off, or not JSON$/),
      expect.stringMatching(/3\/result\.json: format 2; this Slipway reads format 1: update Slipway$/),
      expect.stringMatching(/4\/result\.json: neither a result\.json nor a result of a deployment$/),
      expect.stringMatching(/5\/result\.json: empty$/),
      expect.stringContaining("→"),
      "",
    ])
  })

  test("writes OpenMetrics that ends with its mark, with one head for each family", async () => {
    const { out } = await call(evidence, "--openmetrics")
    const lines = out.split("\n")
    expect(lines.slice(-2)).toEqual(["# EOF", ""])
    expect(lines).toContain('slipway_deployments_total{environment="production",outcome="succeeded"} 1')
    const types = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? [])
    expect(new Set(types).size).toBe(types.length)
    const sample = /^[a-z_]+(?:\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? -?[\d.e+-]+$/
    for (const line of lines.slice(0, -2)) if (!line.startsWith("#")) expect(line).toMatch(sample)
  })

  test("escapes what a run says, on the page and in labels", async () => {
    const at = folder("hostile", { "1/result.json": hostile() })
    const file = path.join(root, "page/metrics.html")
    expect((await call(at, "--html", file)).code).toBe(0)
    const page = fs.readFileSync(file, "utf8")
    expect(page).not.toContain(HOSTILE)
    expect(page).not.toMatch(/<(?:script|img)\b/)
    const { out } = await call(at, "--openmetrics")
    expect(out.endsWith("# EOF\n")).toBe(true)
    for (const line of out.trimEnd().split("\n"))
      expect(line).toMatch(/^(?:# (?:TYPE|UNIT|HELP|EOF)|slipway_)/)
  })

  test.each([
    ["no folder", [], "usage", "no FOLDER"],
    ["a folder that is missing", ["/no/such/folder"], "no-folder", "not found"],
    ["two outputs", ["--json", "--suggest", "."], "usage", "only one"],
  ])("refuses %s", async (_, words, kind, what) => {
    await expect(call(...words)).rejects.toMatchObject({ kind, what: expect.stringContaining(what) })
  })

  test("refuses an invalid date, and a folder without evidence", async () => {
    await expect(call(evidence, "--since", "yesterday")).rejects.toThrow(CommandFault)
    await expect(call(folder("empty", { "notes.txt": "" }))).rejects.toMatchObject({ kind: "no-evidence" })
  })
})
