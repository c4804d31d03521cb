import { describe, expect, test } from "vitest"
import { globMatcher } from "../../../ci/src/formats/glob.js"
import type { Finding } from "../../../ci/src/run/result.js"
import { acceptedBy } from "../../../ci/src/security/accepted.js"
import { judge } from "../../../ci/src/security/policy.js"
import { defaultConfig } from "../../../ci/src/settings.js"

const read = (file: string, text: string) => acceptedBy(file)?.(text) ?? []

describe("what a scanner's own file accepts", () => {
  test("is each line of .trivyignore, with its comment and its day", () => {
    const text = "# no way to fix it\nCVE-2020-7598\n\nAVD-AWS-0104 exp:2026-12-31 # later\n"
    expect(read("app/.trivyignore", text)).toMatchObject([
      { id: "CVE-2020-7598", reason: "no way to fix it", expires: "9999-12-31", line: 2, path: null },
      { id: "AVD-AWS-0104", expires: "2026-12-31", line: 4, reason: "" },
      { id: "AWS-0104" },
    ])
  })

  test("is each entry of .trivyignore.yaml, in its files and packages", () => {
    const text = `vulnerabilities:
  - id: CVE-2022-40897
    paths: ["usr/**", "a.lock"]
    purls: ["pkg:pypi/setuptools"]
    statement: Not reached
    expired_at: 2026-12-31
misconfigurations:
  - id: DS-0002
`
    expect(read(".trivyignore.yaml", text)).toMatchObject([
      { id: "CVE-2022-40897", path: "usr/**", package: "pkg:pypi/setuptools", expires: "2026-12-31" },
      { id: "CVE-2022-40897", path: "a.lock", reason: "Not reached" },
      { id: "DS-0002", path: null, package: null },
    ])
  })

  test("is each ignored vulnerability of an osv-scanner.toml, for the lock files beside it", () => {
    const text = `[[PackageOverrides]]
name = "lib"

[[IgnoredVulns]]
id = "GHSA-vh95-rmgr-6w4m"
ignoreUntil = 2026-12-31
reason = "no way to fix it"

[[IgnoredVulns]]
id = 'GO-2022-1'
`
    expect(read("apps/[web]/osv-scanner.toml", text)).toMatchObject([
      { id: "GHSA-vh95-rmgr-6w4m", expires: "2026-12-31", reason: "no way to fix it" },
      { id: "GO-2022-1", reason: "", expires: "9999-12-31" },
    ])
    const [first] = read("apps/[web]/osv-scanner.toml", text)
    const counts = globMatcher([first?.path ?? ""])
    expect(counts("apps/[web]/bun.lock")).toBe(true)
    expect(counts("apps/[web]/sub/bun.lock")).toBe(false)
  })

  test.each([
    ["package.json", '{ "pnpm": { "auditConfig": { "ignoreCves": ["CVE-2020-7598"], "ignoreGhsas": [] } } }'],
    ["pnpm-workspace.yaml", "packages: [a]\nauditConfig: { ignoreCves: [CVE-2020-7598] }\n"],
    [".yarnrc.yml", "npmAuditIgnoreAdvisories: [CVE-2020-7598, '1085996']\n"],
    ["audit-ci.jsonc", '{ "allowlist": ["lodash", "CVE-2020-7598", { "CVE-1-2": {} }] } // ours'],
    [".nsprc", '{ "CVE-2020-7598": "ours", "GHSA-vh95-rmgr-6w4m": { "active": false } }'],
    [".iyarc", "# ours\nCVE-2020-7598\n"],
  ])("is each advisory that an audit ignores, by %s", (file, text) => {
    const found = read(file, text)
    expect(found.map(({ id }) => id)).toEqual(["CVE-2020-7598"])
    expect(globMatcher([found[0]?.path ?? ""])("pnpm-lock.yaml")).toBe(true)
    expect(read(`sub/${file}`, text)).toEqual([])
  })

  test("is an advisory of an audit until its day, with its note", () => {
    const text =
      '{ "allowlist": [{ "GHSA-vh95-rmgr-6w4m": { "active": true, "notes": "later", "expiry": "2026-12-31" } }] }'
    expect(read("audit-ci.json", text)).toMatchObject([{ expires: "2026-12-31", reason: "later" }])
  })

  test.each(["waivers.yaml", "src/trivyignore", "osv.toml"])("is nothing in %s", (file) => {
    expect(acceptedBy(file)).toBeNull()
  })

  test("waives what any scanner found, and is named with its reason", () => {
    const finding: Finding = {
      rule: "CVE-2020-7598",
      severity: "critical",
      message: "",
      file: "a/pnpm-lock.yaml",
      line: null,
      vulnerability: {
        aliases: ["GHSA-vh95-rmgr-6w4m"],
        package: "pkg:npm/minimist@0.0.8",
        fixed: "0.2.1",
        cvss: null,
        epss: null,
        kev: false,
      },
    }
    const statusWith = (file: string, text: string) =>
      judge([finding], {
        policy: defaultConfig().security.policy,
        base: null,
        ships: true,
        now: Date.now(),
        waivers: read(file, text),
      })[0]?.standing
    expect(statusWith(".trivyignore", "# ours\nCVE-2020-7598")).toEqual({
      status: "waived",
      why: "accepted in .trivyignore: ours",
    })
    const toml = '[[IgnoredVulns]]\nid = "GHSA-vh95-rmgr-6w4m"\n'
    expect(statusWith("a/osv-scanner.toml", toml)?.status).toBe("waived")
    expect(statusWith("osv-scanner.toml", toml)).toMatchObject({ status: "blocks", always: true })
    expect(statusWith(".trivyignore", "CVE-2020-7598 exp:2020-01-01")?.status).toBe("blocks")
  })
})
