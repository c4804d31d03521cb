import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { reportHtml } from "../../ci/src/report/report.js"
import { readRecord } from "../../ci/src/run/record.js"
import { big } from "../unit/report/extremes.js"
import { rich } from "../unit/report/rich.js"
import { lookAt } from "./browser.js"
import { call, fileIn, folderOf, once, report, temporary } from "./support.js"

const CONTEXT = { vendor: "github", commit: "4f1c9e2ab7d0", branch: "main", actor: "a.berger" }

/** Two stages of one's own, of which one fails, with a name and an output that nobody would want. */
const project = folderOf({
  "slipway.yaml": [
    "stages: { privacy: { enabled: false } }",
    "custom:",
    "  loud:",
    "    image: node:22-bookworm-slim",
    "    commands: [\"head -c 300000 /dev/urandom; seq 1 200000; printf '::error::no\\\\n##vso[task.complete]\\\\n'\"]",
    "  tests:",
    "    image: node:22-bookworm-slim",
    "    commands: [\"cat 'Über uns/a b.xml' >junit.xml; false\"]",
    "    junit: junit.xml",
  ].join("\n"),
  "Über uns/a b.xml":
    '<testsuites><testsuite name="s"><testcase name="grüßt" file="Über uns/a b.test.ts"><failure>no</failure></testcase></testsuite></testsuites>',
})

const evidence = once(() => report(project, "--run", JSON.stringify(CONTEXT)))
const file = async (name: string) => path.join((await evidence()).folder, name)
const read = async (name: string) => fileIn(await evidence(), name)

/** A copy of the log with its text changed. */
async function changed(change: (text: string) => string): Promise<string> {
  const copy = path.join(temporary("log"), "audit.jsonl")
  fs.writeFileSync(copy, change(await read("audit.jsonl")))
  return copy
}

const audit = (log: string, ...words: readonly string[]) => call(project, "audit", "--log", log, ...words)

describe("evidence", () => {
  test("is what its schema says, and names what each stage read by digest", async () => {
    const text = await read("result.json")
    expect(readRecord(text)).toEqual(JSON.parse(text))
    const { record } = await evidence()
    expect(record.context).toMatchObject(CONTEXT)
    for (const { name, inputs } of record.stages) expect(inputs, name).toMatch(/^\w+:[0-9a-f]{64}$/)
  })

  test("has the vendor's annotations, and the whole of a long log", async () => {
    expect(await read("annotations.txt")).toContain("::error file=Über uns/a b.test.ts,title=tests grüßt::")
    const names = fs.readdirSync(await file("logs"))
    expect(names).toEqual(expect.arrayContaining(["loud.full.log", "loud.log"]))
    const shown = await read("report.html")
    for (const name of names) expect(shown).toContain(`href="logs/${name}"`)
    expect(await read("summary.md")).not.toMatch(/^(::|##vso)/m)
  })
})

describe("a report", () => {
  test.each([
    ["everything that a record can hold", rich, ["light", "dark", "phone", "phone-dark"]],
    ["5,000 tests and 2,000 findings", big, ["phone"]],
  ])("of %s reads well in a browser, and its filters work", async (_, run, views) => {
    const folder = temporary("report")
    fs.writeFileSync(path.join(folder, "report.html"), reportHtml(run()))
    const seen = await lookAt(folder, views)
    expect(seen).toMatchObject({ violations: [], consoleErrors: [], requests: [] })
    expect(Object.values(seen.horizontalOverflow)).toEqual(views.map(() => 0))
    expect(seen.code, JSON.stringify(seen)).toBe(0)
  })
})

describe("the audit log", () => {
  test("is verified beside the head and the record of its run", async () => {
    const head = (await evidence()).record.audit?.head ?? ""
    const { code, said } = await audit(
      ...[await file("audit.jsonl"), "verify", "--checkpoint", head, "--record", await file("result.json")],
    )
    expect(code, said).toBe(0)
    expect(said).toContain("unchanged and in order")
    expect(said).toContain("complete: it contains the head")
  })

  test("is refused when a byte was flipped", async () => {
    const log = await changed((text) => text.replace("a.berger", "b.berger"))
    const { code, said } = await audit(log, "verify")
    expect(code).toBe(10)
    expect(said).toMatch(/the audit log failed verification:\n +line 1: changed/)
  })

  test("is refused when its end was cut off, beside its record", async () => {
    const log = await changed((text) => text.trimEnd().split("\n").slice(0, -1).join("\n").concat("\n"))
    expect((await audit(log, "verify")).code).toBe(0)
    const { code, said } = await audit(log, "verify", "--record", await file("result.json"))
    expect(code).toBe(10)
    expect(said).toContain("the end of the log was cut off")
  })

  test("is exported as CSV", async () => {
    const { code, stdout } = await audit(await file("audit.jsonl"), "export", "--since", "2020-01-01")
    expect(code).toBe(0)
    expect(stdout).toMatch(/^seq,time,actor,action,message,about,hash\r?\n1,\S+Z,a\.berger,run\.started,/)
  })
})
