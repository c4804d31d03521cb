import * as fs from "node:fs"
import { createRequire } from "node:module"
import Ajv from "ajv"
import { describe, expect, test } from "vitest"
import { sarif } from "../../../ci/src/formats/sarif.js"
import { readSarif } from "../../../ci/src/formats/sarif-reader.js"
import type { Finding, Looked } from "../../../ci/src/run/result.js"
import { sample } from "../testdata.js"

const require = createRequire(import.meta.url)
const json = (file: string) => JSON.parse(fs.readFileSync(require.resolve(file), "utf8"))

/** The schema of OASIS, as a package of the standard's editors ships it. */
const valid = new Ajv({ schemaId: "id", logger: false, unknownFormats: "ignore" })
  .addMetaSchema(json("ajv/lib/refs/json-schema-draft-04.json"))
  .compile(json("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"))

const FINDINGS: readonly Finding[] = [
  {
    rule: "slipway.eval",
    severity: "high",
    message: "Text is run as code.",
    file: "src/Über uns/a #1?.ts",
    line: 7,
    fingerprint: "abc",
    tools: ["semgrep"],
    standing: { status: "waived", why: "alice until 2026-12-31: a console" },
  },
  {
    rule: "CVE-2021-23337",
    severity: "critical",
    message: "",
    file: null,
    line: null,
    vulnerability: {
      aliases: [],
      package: "pkg:npm/lodash@4.17.20",
      fixed: null,
      cvss: 7.2,
      epss: null,
      kev: false,
    },
  },
]

const LOOKED: readonly Looked[] = [
  { tool: "semgrep", version: "1.182.0", verdict: "passed", what: "3 files", database: null },
  { tool: "trivy", version: null, verdict: "errored", what: "no database", database: null },
]

const written = (findings: readonly Finding[], looked = LOOKED) =>
  sarif({ category: "code", findings, looked, version: "0.1.0" })

test("names files that no tool read as notifications of the run, and not as results", () => {
  const unread = [{ file: "src/a b.ts", line: null, reason: "syntax error" }]
  const log = JSON.parse(sarif({ category: "code", findings: [], unread, looked: LOOKED, version: "0.1.0" }))
  expect(valid(log), JSON.stringify(valid.errors)).toBe(true)
  expect(log.runs[0]).toMatchObject({
    results: [],
    invocations: [
      {
        toolExecutionNotifications: [
          {
            message: { text: "not read: syntax error" },
            locations: [{ physicalLocation: { artifactLocation: { uri: "src/a%20b.ts" } } }],
          },
        ],
      },
    ],
  })
})

describe("a SARIF file", () => {
  test.each([
    ["with findings", FINDINGS],
    ["without", []],
  ])("%s is valid by the official schema", (_what, findings) => {
    expect(valid(JSON.parse(written(findings))), JSON.stringify(valid.errors)).toBe(true)
  })

  test("names its category, and reports a tool that errored", () => {
    expect(JSON.parse(written([])).runs).toMatchObject([
      {
        automationDetails: { id: "slipway/code/" },
        invocations: [{ executionSuccessful: false }],
        results: [],
      },
    ])
  })

  test("survives writing and reading, with what is waived", () => {
    const [run] = readSarif(written(FINDINGS, []))
    expect(run).toMatchObject({
      tool: "Slipway",
      version: "0.1.0",
      findings: [
        { rule: "slipway.eval", standing: { status: "waived", why: expect.stringContaining("a console") } },
        { rule: "CVE-2021-23337", severity: "critical", file: "package.json", line: 1 },
      ],
    })
    const [open] = readSarif(
      written(
        FINDINGS.map(({ standing: _, ...one }) => one),
        [],
      ),
    )
    expect(open?.findings[0]).toMatchObject({ file: "src/Über uns/a #1?.ts", line: 7 })
  })
})

const other = (run: object) => JSON.stringify({ version: "2.1.0", runs: [run] })
const RESULT = { ruleId: "js/x", message: { text: "a  b" }, locations: [] }
const DRIVER = { driver: { name: "CodeQL" } }

describe("a SARIF file of another tool", () => {
  test("gives a finding the severity of its rule, also from an extension", () => {
    const rule = { id: "js/x", properties: { "security-severity": "9.8" } }
    const tool = { ...DRIVER, extensions: [{ name: "pack", rules: [rule] }] }
    const reference = { index: 0, toolComponent: { index: 0 } }
    const [run] = readSarif(other({ tool, results: [{ ...RESULT, rule: reference }] }))
    expect(run?.findings).toMatchObject([{ rule: "js/x", severity: "critical", message: "a b", file: null }])
  })

  test("reads CodeQL's file: rules of packs, encoded paths, links in messages", () => {
    const [run] = readSarif(sample("sarif/codeql.sarif"))
    expect(run).toMatchObject({ tool: "CodeQL", version: "2.20.1" })
    expect(run?.findings).toEqual([
      {
        rule: "js/command-line-injection",
        severity: "critical",
        message: "This command line depends on a user-provided value.",
        file: "src/run it.js",
        line: 5,
        tools: ["CodeQL"],
        fingerprint: "js/command-line-injection:39fa2ee980eb94b0:1",
      },
      expect.objectContaining({ rule: "js/unused-local-variable", severity: "low", line: 1 }),
    ])
  })

  test("skips results that are not problems, and has suppressed ones as waived", () => {
    const results = [
      { ...RESULT, suppressions: [{ kind: "inSource" }] },
      { ...RESULT, suppressions: [{ kind: "external", status: "underReview" }] },
      { ...RESULT, kind: "pass" },
    ]
    const [run] = readSarif(other({ tool: DRIVER, results }))
    expect(run?.findings.map(({ standing }) => standing)).toEqual([
      { status: "waived", why: "accepted in the source" },
      undefined,
    ])
  })

  test.each([
    ["<html>", /is not JSON/],
    ['{"version": "2.0.0", "runs": []}', /is not SARIF 2\.1\.0: its version is "2\.0\.0"/],
    ["null", /is not SARIF 2\.1\.0/],
    ['{"version": "2.1.0"}', /has no runs/],
    [other({ results: [] }), /without the name of its tool/],
    [other({ tool: DRIVER }), /run of CodeQL without results/],
    [
      other({ tool: DRIVER, results: [], invocations: [{ executionSuccessful: false }] }),
      /run of CodeQL that failed/,
    ],
  ])("is refused with the reason: %s", (text, why) => {
    expect(() => readSarif(text)).toThrow(why)
  })
})
