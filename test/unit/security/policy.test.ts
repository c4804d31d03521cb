import { describe, expect, test } from "vitest"
import type { Finding } from "../../../ci/src/run/result.js"
import { withFingerprints } from "../../../ci/src/security/finding.js"
import { merge } from "../../../ci/src/security/merge.js"
import { openVex } from "../../../ci/src/security/openvex.js"
import { type Judging, judge, unwaived } from "../../../ci/src/security/policy.js"
import { readWaivers } from "../../../ci/src/security/waivers.js"
import { defaultConfig } from "../../../ci/src/settings.js"
import { runOf, stage } from "../report/builders.js"

const NOW = Date.parse("2026-06-01T12:00:00Z")

const vulnerable = (
  more: Partial<NonNullable<Finding["vulnerability"]>> = {},
  rest: Partial<Finding> = {},
): Finding => ({
  rule: "CVE-2021-23337",
  severity: "high",
  message: "lodash 4.17.20: injection",
  file: "package-lock.json",
  line: null,
  tools: ["trivy"],
  fingerprint: "lodash-injection",
  vulnerability: {
    aliases: [],
    package: "pkg:npm/lodash@4.17.20",
    fixed: "4.17.21",
    cvss: null,
    epss: null,
    kev: false,
    ...more,
  },
  ...rest,
})

const judging = (more: Partial<Judging["policy"]> = {}, rest: Partial<Judging> = {}): Judging => ({
  policy: { ...defaultConfig().security.policy, ...more },
  waivers: [],
  base: null,
  ships: false,
  now: NOW,
  ...rest,
})

const statusOf = (finding: Finding, by: Judging) => judge([finding], by)[0]?.standing

const WAIVER = `waivers:
  - id: GHSA-35jh-r3h4-6jhm
    package: pkg:npm/lodash
    owner: alice
    reason: only on trusted templates
    expires: 2026-06-30
`
const waived = (text = WAIVER, now = NOW) =>
  judging({}, { waivers: readWaivers(text, "waivers.yaml", NOW), now })

const BASE = runOf("passed", [stage("scan:dependencies", { findings: [vulnerable()] })])

describe("the policy", () => {
  test.each<[string, Finding, Judging, string]>([
    ["blocks what is high and has a fix", vulnerable(), judging(), "blocks"],
    ["reports what is below", vulnerable({}, { severity: "medium" }), judging(), "reported"],
    ["reports what has no fix", vulnerable({ fixed: null }), judging(), "reported"],
    [
      "blocks it where a fix does not count",
      vulnerable({ fixed: null }),
      judging({ fixable: false }),
      "blocks",
    ],
    [
      "blocks what is exploited, fix or not",
      vulnerable({ fixed: null, kev: true }, { severity: "low" }),
      judging(),
      "blocks",
    ],
    [
      "leaves that to severity where told to",
      vulnerable({ kev: true }, { severity: "low" }),
      judging({ kev: false }),
      "reported",
    ],
    ["knows what the base has", vulnerable(), judging({}, { base: BASE }), "known"],
    [
      "blocks that too where told to",
      vulnerable(),
      judging({ unchanged: "block" }, { base: BASE }),
      "blocks",
    ],
    ["waives by any name of it", vulnerable({ aliases: ["GHSA-35jh-r3h4-6jhm"] }), waived(), "waived"],
    [
      "waives no other package",
      vulnerable({ aliases: ["GHSA-35jh-r3h4-6jhm"], package: "pkg:npm/lodash-es@4.17.20" }),
      waived(),
      "blocks",
    ],
    [
      "blocks what has no package by severity alone",
      { rule: "eval", severity: "high", message: "", file: "a.ts", line: 1 },
      judging(),
      "blocks",
    ],
  ])("%s", (_what, finding, by, status) => {
    expect(statusOf(finding, by)?.status).toBe(status)
  })

  test("waives to the end of the last day, and says afterwards whose waiver expired", () => {
    const finding = vulnerable({ aliases: ["GHSA-35jh-r3h4-6jhm"] })
    expect(statusOf(finding, waived(WAIVER, Date.parse("2026-06-30T23:59:59Z")))?.status).toBe("waived")
    expect(statusOf(finding, waived(WAIVER, Date.parse("2026-07-01T00:00:00Z")))).toEqual({
      status: "blocks",
      why: "high, fixed in 4.17.21; the waiver of alice expired on 2026-06-30",
    })
  })

  test.each([
    ["every version where it names none", "pkg:npm/lodash", "pkg:npm/lodash@4.17.20", "waived"],
    ["the version that it names", "pkg:npm/lodash@4.17.20", "pkg:npm/lodash@4.17.20", "waived"],
    ["no other version", "pkg:npm/lodash@4.17.19", "pkg:npm/lodash@4.17.20", "blocks"],
    ["a scope, encoded or not", "pkg:npm/@babel/traverse", "pkg:npm/%40babel/traverse@7.23.0", "waived"],
    ["a Python package, however it is spelt", "pkg:pypi/Flask_Cors", "pkg:pypi/flask-cors@3.0.9", "waived"],
    [
      "a package of a distribution, whatever its qualifiers",
      "pkg:deb/debian/libssl3",
      "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12.4",
      "waived",
    ],
  ])("waives %s", (_what, named, found, status) => {
    const by = waived(WAIVER.replace("pkg:npm/lodash", JSON.stringify(named)))
    expect(statusOf(vulnerable({ package: found }, { rule: "GHSA-35jh-r3h4-6jhm" }), by)?.status).toBe(status)
  })

  test.each([
    [".github/workflows/ci.yml", ".github/workflows/ci.yml"],
    ["**/*.yml", ".github/workflows/ci.yml"],
    [".github", ".github/workflows/ci.yml"],
    ["backend/**", "backend/.env"],
    ["app/[id]/page.tsx", "app/[id]/page.tsx"],
    ["app/(auth)/**", "app/(auth)/login.tsx"],
    ["{backend,frontend}/**", "frontend/a.ts"],
  ])("waives the path %s in %s", (path, file) => {
    const by = waived(WAIVER.replace("package: pkg:npm/lodash", `path: ${JSON.stringify(path)}`))
    expect(statusOf({ ...vulnerable({}, { rule: "GHSA-35jh-r3h4-6jhm" }), file }, by)?.status).toBe("waived")
  })

  test("exports what is waived as OpenVEX", () => {
    const findings = judge(
      [vulnerable({ aliases: ["GHSA-35jh-r3h4-6jhm"] }), vulnerable({}, { rule: "CVE-1" })],
      waived(),
    )
    const vex = JSON.parse(openVex("medflow", findings, "2026-06-01T12:00:00Z"))
    expect(vex).toMatchObject({ "@context": "https://openvex.dev/ns/v0.2.0", author: "medflow", version: 1 })
    expect(vex.statements).toEqual([
      {
        vulnerability: { name: "CVE-2021-23337", aliases: ["GHSA-35jh-r3h4-6jhm"] },
        products: [{ "@id": "pkg:npm/lodash@4.17.20" }],
        status: "affected",
        action_statement: "alice until 2026-06-30: only on trusted templates",
      },
    ])
  })
})

describe("a file of waivers that is wrong is named with its line", () => {
  test.each([
    ["expires: 2026-06-30", "expires: 2026-02-30", /waivers\.yaml:6:14: expires: "2026-02-30" is not a date/],
    ["expires: 2026-06-30", "expires: 30.6.2026", /waivers\.yaml:6:14: .* is not a date/],
    ["expires: 2026-06-30", "expires: 2027-01-01", /waivers\.yaml:6:14: .* more than 180 days ahead/],
    ["    owner: alice\n", "", /waivers\.yaml:2:\d+: owner: expected who answers for it/],
    ["    owner: alice\n", "    ower: alice\n", /waivers\.yaml:4:5: unknown key "ower"/],
    ["waivers:", "waiver:", /waivers\.yaml:1:1: unknown key "waiver"/],
    ["pkg:npm/lodash", "lodash", /waivers\.yaml:3:14: package: expected a package URL .*, found "lodash"/],
    ["reason: only", "reason: {only", /waivers\.yaml:\d+:\d+: not valid YAML/],
  ])("%j → %j", (from, to, message) => {
    expect(() => readWaivers(WAIVER.replace(from, to), "waivers.yaml", NOW)).toThrow(message)
  })
})

describe("findings of several scanners", () => {
  const ghsa = vulnerable(
    { aliases: ["CVE-2021-23337"], fixed: null, cvss: 7.2 },
    { rule: "GHSA-35jh-r3h4-6jhm", severity: "critical", tools: ["osv-scanner"] },
  )

  test("are one where they share a name and a package, the worst of each counting", () => {
    expect(merge([ghsa, vulnerable()])).toMatchObject([
      {
        rule: "CVE-2021-23337",
        severity: "critical",
        tools: ["osv-scanner", "trivy"],
        vulnerability: { aliases: ["GHSA-35jh-r3h4-6jhm"], fixed: "4.17.21", cvss: 7.2 },
      },
    ])
  })

  test("are two in two packages", () => {
    expect(merge([ghsa, vulnerable({ package: "pkg:npm/lodash@4.17.19" })])).toHaveLength(2)
  })

  test("keep their fingerprint when lines move or the version changes, and get another on another line's text", () => {
    const at = (line: number): Finding => ({
      rule: "eval",
      severity: "high",
      message: "m",
      file: "a.ts",
      line,
    })
    const print = (line: number, text: string) => withFingerprints([at(line)], () => text)[0]?.fingerprint
    expect(print(7, "  eval(x)")).toBe(print(9, "eval( x )"))
    expect(print(7, "eval(x)")).not.toBe(print(7, "eval(y)"))
    const unnamed = (version: string) => {
      const { fingerprint: _, ...plain } = vulnerable({ package: `pkg:npm/lodash@${version}` })
      return plain
    }
    const [a, b] = withFingerprints([unnamed("4.17.20"), unnamed("4.17.19")], () => null)
    expect(a?.fingerprint).toBe(b?.fingerprint)
    const [first, second] = withFingerprints([at(1), at(2), at(1)], () => "eval(x)")
    expect(first?.fingerprint).not.toBe(second?.fingerprint)
  })
})

describe("a waiver for a file that no scanner read", () => {
  const FILES = ["src/old.ts", "src/new.ts"].map((file) => ({
    file,
    line: 1,
    reason: "syntax error",
    tools: ["semgrep"],
  }))
  const text = (expires: string) =>
    `waivers:\n  - { id: unread-file, path: src/old.ts, owner: alice, reason: a template, expires: ${expires} }\n`
  const by = (expires: string) => unwaived(FILES, readWaivers(text(expires), "waivers.yaml", NOW), NOW)

  test("accepts that file alone", () => {
    const { accepted, unread } = by("2026-06-30")
    expect(accepted).toMatchObject([{ file: "src/old.ts", standing: { status: "waived" } }])
    expect(unread.map(({ file }) => file)).toEqual(["src/new.ts"])
  })

  test("accepts nothing once it is expired", () => {
    expect(by("2026-05-30").unread).toEqual(FILES)
  })
})
