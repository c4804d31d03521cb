import { describe, expect, it } from "vitest"
import { auditLog } from "../../../ci/src/audit/audit.js"
import { exported, verify } from "../../../ci/src/audit/command.js"
import { verifyAudit } from "../../../ci/src/audit/verify.js"
import { canonicalJson } from "../../../ci/src/formats/canonical.js"
import { evidenceFiles } from "../../../ci/src/report/evidence.js"
import { hostile } from "../report/extremes.js"
import { rich } from "../report/rich.js"

const files = evidenceFiles(rich(), { "sbom/backend.cdx.json": null })
const log = files["audit.jsonl"] ?? ""
const record = files["result.json"] ?? ""
const head: string = JSON.parse(record).audit.head
const lines = log.trimEnd().split("\n")
const joined = (parts: readonly (string | undefined)[]) => parts.map((part) => `${part}\n`).join("")
const problemsOf = (text: string) => verifyAudit(text).problems

describe("canonical JSON", () => {
  it("sorts keys by UTF-16 unit, and writes numbers and strings as ECMAScript does (RFC 8785)", () => {
    const value = {
      "\u20ac": 1e21,
      "\r": "<\u000f\n",
      "1": 4.5,
      "\ud83d\ude00": 0.002,
      "\ufb33": [null, true],
      a: -0,
    }
    expect(canonicalJson(value)).toBe(
      '{"\\r":"<\\u000f\\n","1":4.5,"a":0,"€":1e+21,"😀":0.002,"\ufb33":[null,true]}',
    )
  })
})

describe("audit log", () => {
  it("names actor, time and action of each entry, in order, and the digests of what went in and came out", () => {
    const entries = lines.map((line) => JSON.parse(line))
    expect(new Set(entries.map(({ actor }) => actor))).toEqual(new Set(["a.berger"]))
    expect(entries.map(({ time }) => time)).toEqual(entries.map(({ time }) => time).toSorted((a, b) => a - b))
    const actions = entries.map(({ action }) => action)
    expect(actions[0]).toBe("run.started")
    expect(actions.at(-1)).toBe("run.ended")
    expect(entries.find(({ action }) => action === "waiver")).toMatchObject({
      level: 40,
      about: { rule: "CVE-2024-47764", why: "a.berger, until 2026-02-01: names are constants here" },
    })
    const written = entries.flatMap(({ action, about }) => (action === "evidence" ? [about] : []))
    expect(written).toContainEqual({ path: "sbom/backend.cdx.json", digest: null })
    expect(written).toContainEqual({
      path: "junit.xml",
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    })
    const digest = "sha256:abc"
    const [first, ...rest] = rich().stages
    if (!first) throw new Error("no stage")
    const { text } = auditLog({ ...rich(), stages: [{ ...first, inputs: digest }, ...rest] }, {})
    expect(text).toContain(`"inputs":"${digest}"`)
  })

  it("passes verification with its head and its record", () => {
    expect(verify(log, head, record)).toMatch(
      /entries from 2025-11-21 09:30:00 UTC .*\nhead [0-9a-f]{64}\ncomplete/,
    )
    expect(verify(log, "", null)).toContain("not checked: whether its end was cut off")
    expect(problemsOf(evidenceFiles(hostile())["audit.jsonl"] ?? "")).toEqual([])
  })

  it("fails verification for any flipped byte", { timeout: 60_000 }, () => {
    const bytes = Buffer.from(log)
    for (let at = 0; at < bytes.length; at += 101) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      expect(problemsOf(flipped.toString("utf8")), `byte ${at}`).not.toEqual([])
    }
  })

  it.each([
    ["an entry removed", joined(lines.toSpliced(3, 1)), /^line 4: 1 entry missing before entry 5$/m],
    ["the first removed", joined(lines.slice(1)), /^line 1: 1 entry missing before entry 2$/m],
    [
      "two reordered",
      joined([lines[1], lines[0], ...lines.slice(2)]),
      /^line 1: 1 entry missing before entry 2$/m,
    ],
    ["one repeated", joined([...lines.slice(0, 3), lines[2], ...lines.slice(3)]), /^line 4: out of order/],
    [
      "blanks added",
      log.replace('{"level"', '{ "level"'),
      /^line 1: changed: its contents do not match its hash/,
    ],
    ["a line of another kind", `${log}{}\n`, /not an entry of an audit log/],
    ["the last line cut", log.slice(0, -20), /cut off in the middle$/],
    ["nothing", "", /^the log is empty$/],
  ])("fails verification: %s", (_, text, fault) => {
    expect(problemsOf(text).join("\n")).toMatch(fault)
  })

  it("fails verification against a noted head or the record when its end was cut off", () => {
    const cut = joined(lines.slice(0, -3))
    expect(problemsOf(cut)).toEqual([])
    expect(() => verify(cut, head, null)).toThrow(
      /head [0-9a-f]{64} not found: the end of the log was cut off/,
    )
    expect(() => verify(cut, "", record)).toThrow(/the end of the log was cut off/)
  })

  it("refuses a checkpoint that is not a hash, without a word against the log", () => {
    expect(() => verify(log, "abc", null)).toThrow(/^`--checkpoint abc` is not a hash/)
  })

  it("fails verification when the log was rewritten, or the record changed", () => {
    const other = evidenceFiles({ ...rich(), verdict: "passed" })["audit.jsonl"] ?? ""
    expect(problemsOf(other)).toEqual([])
    expect(() => verify(other, head, null)).toThrow(/the log was rewritten/)
    const changed = record.replace('"exitCode": 10,\n  "started', '"exitCode": 0,\n  "started')
    expect(changed).not.toBe(record)
    expect(() => verify(log, "", changed)).toThrow(/the record was changed/)
  })

  it("is exported by time, after it is verified", () => {
    const all: readonly { time: number }[] = JSON.parse(exported(log, "json", "", ""))
    expect(all).toHaveLength(lines.length)
    const some: readonly { time: number }[] = JSON.parse(
      exported(log, "json", "2025-11-21T09:30:20Z", "2025-11-21T09:30:30Z"),
    )
    expect(some.length).toBeGreaterThan(0)
    expect(some.length).toBeLessThan(all.length)
    expect(exported(log, "csv", "", "2025-11-21").split("\r\n")).toEqual([
      "seq,time,actor,action,message,about,hash",
      "",
    ])
    expect(() => exported(joined(lines.slice(2)), "csv", "", "")).toThrow(/failed verification/)
    expect(() => exported(log, "xml", "", "")).toThrow(/use one of json, csv/)
    expect(() => exported(log, "csv", "yesterday", "")).toThrow(/`--since yesterday` is not a time/)
  })

  it("exports no text that a spreadsheet would run as a formula", () => {
    const run = {
      ...rich(),
      project: "x",
      context: { ...rich().context, actor: '=HYPERLINK("http://x","y")' },
    }
    const csv = exported(auditLog(run, {}).text, "csv", "", "")
    expect(csv).toContain(`,"'=HYPERLINK(""http://x"",""y"")",`)
  })
})
