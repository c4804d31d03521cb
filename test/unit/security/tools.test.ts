import { describe, expect, test } from "vitest"
import { SCANNERS } from "../../../ci/src/security/config.js"
import { NOTHING_KNOWN, readEpss, readKev, withKnown } from "../../../ci/src/security/known.js"
import { merge } from "../../../ci/src/security/merge.js"
import { scannersOf, TOOLS } from "../../../ci/src/security/scanners.js"
import { readOther } from "../../../ci/src/security/taken.js"
import { readCheckov } from "../../../ci/src/security/tools/checkov.js"
import { readDependencyCheck } from "../../../ci/src/security/tools/dependency-check.js"
import { readGitleaks } from "../../../ci/src/security/tools/gitleaks.js"
import { readNpmAudit } from "../../../ci/src/security/tools/npm-audit.js"
import { readNpmLicences, withoutQuery } from "../../../ci/src/security/tools/npm-licences.js"
import { readOsv } from "../../../ci/src/security/tools/osv-scanner.js"
import { readCode } from "../../../ci/src/security/tools/semgrep.js"
import { readSnyk } from "../../../ci/src/security/tools/snyk.js"
import { javaMirror } from "../../../ci/src/security/tools/trivy.js"
import { readTrivyMisconfigurations, readTrivyPackages } from "../../../ci/src/security/tools/trivy-report.js"
import { conclude } from "../../../ci/src/security/verdict.js"
import { sample } from "../testdata.js"

const json = (value: unknown) => JSON.stringify(value)
const [CVE, GHSA] = ["CVE-2021-23337", "GHSA-35jh-r3h4-6jhm"]

const TRIVY = json({
  SchemaVersion: 2,
  Trivy: { Version: "0.69.3" },
  Results: [
    {
      Target: "package-lock.json",
      Class: "lang-pkgs",
      Type: "npm",
      Packages: [{ Name: "lodash" }, { Name: "ms" }],
      Vulnerabilities: [
        {
          VulnerabilityID: CVE,
          PkgName: "lodash",
          PkgIdentifier: { PURL: "pkg:npm/lodash@4.17.20" },
          InstalledVersion: "4.17.20",
          FixedVersion: "4.17.21",
          Severity: "HIGH",
          CVSS: { nvd: { V3Score: 7.2 } },
        },
      ],
    },
  ],
})

const OSV = json({
  results: [
    {
      source: { path: "/app/package-lock.json", type: "lockfile" },
      packages: [
        {
          package: { name: "lodash", version: "4.17.20", ecosystem: "npm" },
          vulnerabilities: [
            {
              id: GHSA,
              aliases: [CVE],
              summary: "Command Injection in lodash",
              affected: [
                {
                  package: { name: "lodash" },
                  ranges: [{ events: [{ introduced: "0" }, { fixed: "4.17.21" }] }],
                },
              ],
              database_specific: { severity: "HIGH" },
            },
          ],
          groups: [{ ids: [GHSA], max_severity: "7.2" }],
        },
        { package: { name: "ms", version: "2.1.3", ecosystem: "npm" } },
      ],
    },
  ],
})

const AUDIT = json({
  auditReportVersion: 2,
  vulnerabilities: {
    lodash: {
      nodes: ["node_modules/lodash"],
      fixAvailable: true,
      via: [
        {
          url: `https://github.com/advisories/${GHSA}`,
          title: "Injection",
          severity: "high",
          range: "<4.17.21",
        },
      ],
    },
    other: { nodes: ["node_modules/other"], fixAvailable: false, via: ["lodash"] },
  },
  metadata: { dependencies: { total: 2 } },
})
const LOCK = json({ packages: { "node_modules/lodash": { version: "4.17.20" } } })

const SNYK = json({
  ok: false,
  dependencyCount: 2,
  vulnerabilities: [
    {
      id: "SNYK-JS-LODASH-1040724",
      severity: "high",
      packageName: "lodash",
      version: "4.17.20",
      packageManager: "npm",
      identifiers: { CVE: [CVE], GHSA: [GHSA] },
      fixedIn: ["4.17.21"],
    },
  ],
})

const OWASP = json({
  scanInfo: {
    engineVersion: "12.1.0",
    dataSource: [{ name: "NVD API Last Modified", timestamp: "2026-11-20T10:00:00Z" }],
  },
  dependencies: [
    { fileName: "package-lock.json", filePath: "/app/package-lock.json" },
    {
      fileName: "lodash:4.17.20",
      filePath: "/app/package-lock.json?/lodash:4.17.20",
      packages: [{ id: "pkg:npm/lodash@4.17.20" }],
      vulnerabilities: [
        {
          name: CVE,
          cvssv3: { baseScore: 7.2 },
          vulnerableSoftware: [
            { software: { versionEndExcluding: "3" } },
            { software: { vulnerabilityIdMatched: "true", versionEndExcluding: "4.17.21" } },
          ],
        },
        { name: "CVE-2020-1", cvssv3: { baseScore: 6.9 } },
      ],
    },
  ],
})

describe("slipway.yaml", () => {
  test.each(Object.entries(SCANNERS))("names the tools that look at %s", (category, known) => {
    expect(known).toEqual(TOOLS.filter(({ scans }) => category in scans).map(({ name }) => name))
  })

  test("names every category that a tool looks at", () => {
    const categories = new Set(TOOLS.flatMap(({ scans }) => Object.keys(scans)))
    expect([...categories].sort()).toEqual(Object.keys(SCANNERS).sort())
  })

  test("chooses among the tools of a category", () => {
    const chosen = (...names: Parameters<typeof scannersOf>[1]) =>
      scannersOf("infrastructure", names).map(({ tool }) => tool)
    expect(chosen("checkov")).toEqual(["checkov"])
    expect(chosen("checkov", "trivy")).toEqual(["trivy", "checkov"])
    expect(chosen("snyk")).toEqual([])
  })
})

test("a vulnerability that five scanners see under three names is one finding", () => {
  const all = [
    readTrivyPackages(TRIVY, null),
    readOsv(OSV, "/app"),
    readNpmAudit(AUDIT, LOCK, "package-lock.json"),
    readDependencyCheck(OWASP, "/app"),
    readSnyk(SNYK),
  ]
  const merged = merge(all.flatMap(({ findings }) => findings))
  expect(merged).toMatchObject([
    {
      rule: CVE,
      severity: "high",
      file: "package-lock.json",
      tools: ["trivy", "osv-scanner", "npm-audit", "dependency-check", "snyk"],
      vulnerability: { package: "pkg:npm/lodash@4.17.20", fixed: "4.17.21", cvss: 7.2 },
    },
  ])
  expect(all.map(({ what }) => what)).toEqual([
    "2 packages of package-lock.json",
    "2 packages",
    "2 packages of package-lock.json",
    "1 package",
    "2 packages",
  ])
  const [, , audit, owasp, snyk] = all.map(({ findings }) => findings[0])
  expect(owasp).toMatchObject({ file: "package-lock.json", vulnerability: { fixed: "4.17.21" } })
  const bridged = [audit, owasp, snyk].flatMap((one) => one ?? [])
  expect(merge(bridged), "the last has the names of both others").toMatchObject([
    {
      rule: CVE,
      tools: ["npm-audit", "dependency-check", "snyk"],
      vulnerability: { aliases: [GHSA, expect.anything()] },
    },
  ])
  const known = {
    epss: readEpss(`#v\ncve,epss,percentile\n${CVE},0.05,0.9\n`, "epss.csv"),
    kev: readKev(json({ vulnerabilities: [{ cveID: CVE }] }), "kev.json"),
  }
  expect(withKnown(merged, known)).toMatchObject([{ vulnerability: { epss: 0.05, kev: true } }])
  expect(withKnown(merged, NOTHING_KNOWN)).toEqual(merged)
})

describe("scanners name a package differently, and it is one finding", () => {
  const trivy = (Type: string, PkgName: string, InstalledVersion: string, PURL?: string) =>
    readTrivyPackages(
      json({
        SchemaVersion: 2,
        Results: [
          {
            Target: "lock",
            Type,
            Packages: [{}],
            Vulnerabilities: [{ VulnerabilityID: CVE, PkgName, InstalledVersion, PkgIdentifier: { PURL } }],
          },
        ],
      }),
      null,
    )
  const osv = (ecosystem: string, name: string, version: string) =>
    readOsv(
      json({
        results: [
          {
            source: { path: "/app/lock" },
            packages: [{ package: { name, version, ecosystem }, vulnerabilities: [{ id: CVE }] }],
          },
        ],
      }),
      "/app",
    )
  const snyk = (packageManager: string, packageName: string, version: string) =>
    readSnyk(
      json({
        ok: false,
        dependencyCount: 1,
        vulnerabilities: [{ id: CVE, packageManager, packageName, version }],
      }),
    )
  const owasp = (id: string) =>
    readDependencyCheck(
      json({
        scanInfo: {},
        dependencies: [{ fileName: "x", packages: [{ id }], vulnerabilities: [{ name: CVE }] }],
      }),
      "/app",
    )
  const LOG4J = "org.apache.logging.log4j:log4j-core"

  test.each<[string, readonly ReturnType<typeof readSnyk>[], string]>([
    [
      "a Maven artifact",
      [
        trivy("pom", LOG4J, "2.14.1", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"),
        trivy("gradle", LOG4J, "2.14.1"),
        osv("Maven", LOG4J, "2.14.1"),
        snyk("gradle", LOG4J, "2.14.1"),
        owasp("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"),
      ],
      "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
    ],
    [
      "a Python package",
      [
        osv("PyPI", "Flask_Cors", "3.0.9"),
        trivy("poetry", "Flask-Cors", "3.0.9", "pkg:pypi/flask-cors@3.0.9"),
        snyk("pip", "flask-cors", "3.0.9"),
        owasp("pkg:pypi/Flask-Cors@3.0.9"),
      ],
      "pkg:pypi/flask-cors@3.0.9",
    ],
    [
      "a scoped npm package",
      [
        osv("npm", "@babel/traverse", "7.23.0"),
        trivy("pnpm", "@babel/traverse", "7.23.0"),
        snyk("yarn", "@babel/traverse", "7.23.0"),
        owasp("pkg:npm/%40babel%2Ftraverse@7.23.0"),
      ],
      "pkg:npm/%40babel/traverse@7.23.0",
    ],
    [
      "a Go module",
      [
        osv("Go", "golang.org/x/net", "0.7.0"),
        trivy("gomod", "golang.org/x/net", "v0.7.0", "pkg:golang/golang.org/x/net@v0.7.0"),
        snyk("gomodules", "golang.org/x/net", "0.7.0"),
      ],
      "pkg:golang/golang.org/x/net@v0.7.0",
    ],
    [
      "a Debian package",
      [
        trivy(
          "debian",
          "libssl3",
          "3.0.11-1",
          "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12.4",
        ),
        osv("Debian:12", "libssl3", "3.0.11-1"),
      ],
      "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12.4",
    ],
  ])("%s", (_what, reads, purl) => {
    const merged = merge(reads.flatMap(({ findings }) => findings))
    expect(merged).toMatchObject([{ rule: CVE, vulnerability: { package: purl } }])
  })
})

const LEAK = [
  { RuleID: "aws", Description: "A key", StartLine: 3, File: "Über uns/a b.ts", Match: "REDACTED" },
]
const SCANNED =
  "\u001b[90m10:57PM\u001b[0m \u001b[32mINF\u001b[0m scanned ~153425 bytes (153.43 KB) in 612ms\n"

/** How Trivy logs a file that it leaves out. */
const NOT_PARSED = [
  '2026-11-28T12:00:00Z\tERROR\t[terraform parser] Error parsing file\tmodule="root" file_path="infra/main.tf"',
  'cause="  bucket = <" err="infra/main.tf:2,12-13: Invalid expression; Expected the start of \\"an expression\\"."',
].join(" ")

const semgrep = (more: object) =>
  json({ version: "1.182.0", results: [], errors: [], paths: { scanned: ["a"] }, ...more })

describe("a scanner of infrastructure names files that it could not parse", () => {
  test("from the log of Trivy", () => {
    const Results = [{ Target: ".", MisconfSummary: { Successes: 51, Failures: 0 } }]
    expect(readTrivyMisconfigurations(json({ SchemaVersion: 2, Results }), NOT_PARSED)).toMatchObject({
      what: "1 file",
      unread: [
        {
          file: "infra/main.tf",
          line: 2,
          reason: 'Invalid expression; Expected the start of "an expression".',
          tools: ["trivy"],
        },
      ],
    })
  })

  test("from the report of Checkov", () => {
    expect(readCheckov(sample("checkov/unread.json"), "/app")).toMatchObject({
      unread: [{ file: "infra/broken.tf", line: null, tools: ["checkov"] }],
    })
  })

  test("and Checkov reads no variables by themselves", () => {
    const { reads } = readCheckov(sample("checkov/unread.json"), "/app")
    expect(["a/main.tf", "Dockerfile", "api.Dockerfile", "prod.tfvars"].map((file) => reads?.(file))).toEqual(
      [true, true, true, false],
    )
  })
})

describe("what did not look is told from what is clean", () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      "a report that is no JSON",
      () => readTrivyPackages("panic: x", null),
      /not JSON: it begins with "panic: x"/,
    ],
    ["an empty report", () => readOsv("", "/app"), /report is empty/],
    ["a report of another form", () => readTrivyMisconfigurations("{}", ""), /unexpected report/],
    ["a report that is not one of Semgrep", () => readCode("{}"), /not one of `semgrep/],
    ["Trivy without a package", () => readTrivyPackages(json({ SchemaVersion: 2 }), null), /no package/],
    ["Trivy without a file", () => readTrivyMisconfigurations(json({ SchemaVersion: 2 }), ""), /no file/],
    [
      "Trivy that read no file but one that it could not parse",
      () => readTrivyMisconfigurations(json({ SchemaVersion: 2 }), NOT_PARSED),
      /cannot read infra\/main\.tf: Invalid expression/,
    ],
    ["OSV without a package", () => readOsv(json({ results: [] }), "/app"), /no package/],
    [
      "npm without an advisory service",
      () => readNpmAudit(json({ message: "404 Not Found", error: {} }), LOCK, "l"),
      /no advisory service/,
    ],
    [
      "npm that says nothing of what it saw",
      () => readNpmAudit(json({ vulnerabilities: {} }), LOCK, "l"),
      /did not answer/,
    ],
    [
      "Snyk that could not run",
      () => readSnyk(json({ ok: false, error: "Authentication failed" })),
      /Authentication failed/,
    ],
    ["Snyk that saw nothing", () => readSnyk(json({ ok: true })), /no package/],
    [
      "Dependency-Check that saw the lock file and nothing in it",
      () =>
        readDependencyCheck(
          json({ scanInfo: {}, dependencies: [{ fileName: "package-lock.json" }] }),
          "/app",
        ),
      /no package/,
    ],
    [
      "gitleaks that says of no file that it looked",
      () => readGitleaks("[]", "no leaks found", { all: "[]", ignore: "" }, []),
      /names no scanned file/,
    ],
    [
      "Semgrep with a broken rule",
      () => readCode(semgrep({ errors: [{ level: "error", message: "Rule parse error\nx" }] })),
      /invalid rule: Rule parse error$/,
    ],
    [
      "Semgrep that read no file but one that it could not parse",
      () => readCode(semgrep({ errors: [{ type: "Syntax error", message: "", path: "a" }] })),
      /cannot read a: syntax error/,
    ],
    ["Semgrep without a file", () => readCode(semgrep({ paths: { scanned: [] } })), /no source file/],
    [
      "Checkov that read no file but one that it could not parse",
      () =>
        readCheckov(
          json({
            results: { failed_checks: [], parsing_errors: ["/app/a.tf"] },
            summary: { passed: 0, failed: 0 },
          }),
          "/app",
        ),
      /cannot read a\.tf/,
    ],
    ["Checkov that saw nothing", () => readCheckov(json({ passed: 0, failed: 0 }), "/app"), /no file/],
    ["SARIF that is none", () => readOther("<html>"), /is not JSON/],
    ["SARIF without a run", () => readOther(json({ version: "2.1.0", runs: [] })), /no tool scanned/],
  ])("%s", (_what, read, why) => {
    expect(read).toThrow(expect.objectContaining({ name: "DidNotLook", message: expect.stringMatching(why) }))
  })
})

test("gitleaks says how much it looked at, and names files as the project does", () => {
  const nothing = { all: json(LEAK), ignore: "" }
  const read = readGitleaks(json(LEAK), SCANNED, nothing, [])
  expect(read).toMatchObject({
    what: "153.43 KB",
    findings: [{ rule: "aws", file: "Über uns/a b.ts", line: 3 }],
  })
  const [inCommit] = readGitleaks(json(LEAK), `3 commits scanned.\n${SCANNED}`, nothing, []).findings
  expect(inCommit?.fingerprint).toBe(read.findings[0]?.fingerprint)
})

/** How much the one secret weighs that gitleaks reports. @param files those of the project. */
function severityOf(leak: Readonly<Record<string, string>>, files: readonly string[] = []) {
  const text = json([{ Description: "A key", StartLine: 5, ...leak }])
  return readGitleaks(text, SCANNED, { all: text, ignore: "" }, files).findings[0]?.severity
}

test.each([
  ["hc/api/migrations/0019_tags.py", 'api", "REDACTED"', "low"],
  ["hc/api/migrations/0019_tags.py", 'api_key", "REDACTED"', "high"],
  ["hc/api/migrations/0019_tags.py", 'api = "REDACTED"', "high"],
  ["hc/api/views.py", 'api", "REDACTED"', "high"],
])("a key that gitleaks finds in %s (%s) is %s; the name of a migration is no key", (File, Match, severity) => {
  expect(severityOf({ RuleID: "generic-api-key", File, Match })).toBe(severity)
})

test.each([
  ["api/test/tls/ca.key", "medium"],
  ["api/test/tls/old/ca.key", "high"],
  ["api/tls/ca.key", "high"],
  ["api/test/only/ca.pem", "high"],
])("a private key in %s is %s: beside a certificate in a folder of tests it is theirs", (File, severity) => {
  const files = ["api/test/tls/ca.key", "api/test/tls/ca.crt", "api/tls/ca.crt", File]
  expect(severityOf({ RuleID: "private-key", File }, files)).toBe(severity)
})

test.each([
  ["docusaurus.config.ts", "medium"],
  ["website/config.js", "medium"],
  ["packages/docs/.vitepress/config/shared.ts", "medium"],
  ["api/src/config.js", "high"],
  ["website/src/server/index.js", "high"],
])("a key of Algolia in %s is %s: sites of documentation give theirs to all readers", (File, severity) => {
  expect(severityOf({ RuleID: "algolia-api-key", File })).toBe(severity)
})

describe("what a project accepts of gitleaks", () => {
  const leaks = (...files: readonly string[]) =>
    json(files.map((File) => ({ RuleID: "aws", Description: "A key", StartLine: 3, File })))
  const statuses = (text: string, all: string, ignore: string) =>
    readGitleaks(text, SCANNED, { all, ignore }, []).findings.map(({ file, standing }) => [
      file,
      standing?.why,
    ])

  test.each([
    "a b.ts:aws:3",
    "./a b.ts:aws:3 # a test's key",
    "e4c6b0f9a1d2:a b.ts:aws:3",
  ])("is named: %s in .gitleaksignore", (line) => {
    expect(statuses(leaks("a b.ts", "c.ts"), leaks("a b.ts", "c.ts"), `# ours\n${line}\n`)).toEqual([
      ["a b.ts", "accepted in .gitleaksignore"],
      ["c.ts", undefined],
    ])
  })

  test("is not another line or rule", () => {
    expect(statuses(leaks("a.ts"), leaks("a.ts"), "a.ts:aws:4\na.ts:pat:3\n")).toEqual([["a.ts", undefined]])
  })

  test("is named where its settings or a comment hide it", () => {
    expect(statuses(leaks("a.ts"), leaks("a.ts", "b.ts"), "")).toEqual([
      ["a.ts", undefined],
      ["b.ts", "accepted in .gitleaks.toml, or a comment gitleaks:allow"],
    ])
  })
})

test.each([
  [null, "14", "6"],
  [null, "17.2", "8.11"],
  [null, "16", null],
  [null, "22", null],
  ["6.14.18", "14", "6.14.18"],
  ["7", "16", "7"],
  ["8", "16", null],
  [">=6", "16", null],
  ["11.2.0", "22", null],
])("licences are not read by npm %s on Node.js %s, if it has no query: %s", (version, node, expected) => {
  expect(withoutQuery(version, node)).toBe(expected)
})

test("the licences of what is installed are judged, the project's own are not", () => {
  const installed = [
    { name: "app", location: "", license: "UNLICENSED" },
    { name: "a", version: "1.0.0", location: "node_modules/a", license: "MIT" },
    { name: "b", version: "1.0.0", location: "node_modules/b", license: "GPL-3.0-only" },
    {
      name: "c",
      version: "1.0.0",
      location: "node_modules/c",
      licenses: [{ type: "GPL-2.0" }, { type: "MIT" }],
    },
    { name: "d", version: "1.0.0", location: "node_modules/d" },
  ]
  const { what, findings } = readNpmLicences(json(installed), [], ["GPL-*"], "package-lock.json")
  expect(what).toBe("4 packages")
  expect(findings.map(({ rule, message }) => [rule, message])).toEqual([
    ["licence-denied", "b 1.0.0: GPL-3.0-only"],
    ["licence-unknown", "d 1.0.0: it names no licence"],
  ])
})

describe("the verdict of a stage", () => {
  const looked = (verdict: "passed" | "errored" | "skipped", what = "2 packages") => ({
    looked: {
      tool: "trivy",
      version: null,
      verdict,
      what,
      database: { source: "folder", updatedAt: "2026-11-20T10:00:00Z" },
    },
    cause: verdict === "errored" ? ("database" as const) : null,
  })
  const blocks = {
    rule: "a",
    severity: "high",
    message: "",
    file: null,
    line: null,
    standing: { status: "blocks", why: "" },
  } as const

  test.each([
    [
      [looked("passed")],
      [],
      "passed",
      null,
      "trivy: 2 packages, database of 2026-11-20; nothing that blocks",
    ],
    [[looked("passed"), looked("errored", "too old")], [], "errored", "database", /^trivy: too old/],
    [
      [looked("passed"), looked("errored", "too old")],
      [blocks],
      "failed",
      "policy",
      /^1 finding that blocks; .*too old/,
    ],
    [[looked("skipped", "not built here: x")], [], "skipped", null, /not built here: x/],
    [
      [looked("passed"), looked("skipped", "not built here")],
      [],
      "passed",
      null,
      /nothing that blocks; .*not built here/,
    ],
    [[], [], "skipped", null, /no scanner/],
  ] as const)("%#", (looking, findings, verdict, cause, summary) => {
    const outcome = conclude(looking, findings)
    expect(outcome).toMatchObject({ verdict, cause })
    expect(outcome.summary).toMatch(summary)
  })
})

test.each([
  ["mirror.example.com/aquasec/trivy-db:2", "mirror.example.com/aquasec/trivy-java-db:1"],
  ["mirror.example.com/trivy-db", "mirror.example.com/trivy-java-db"],
  ["mirror.example.com/vulnerabilities:2", null],
])("Trivy's database of Java libraries lies beside the one at %s", (mirror, expected) => {
  expect(javaMirror(mirror)).toBe(expected)
})
