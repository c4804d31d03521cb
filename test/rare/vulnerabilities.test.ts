import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { OSV } from "../../ci/src/security/tools/osv-scanner.js"
import { TRIVY } from "../../ci/src/tools/trivy.js"
import { app, built, call, onlyStages, report, temporary, write } from "../engine/support.js"
import { lock, MANIFEST } from "../engine/vulnerable.js"
import { osvDatabase, trivyDatabase } from "./databases.js"

built(TRIVY, OSV)

const PLANTED = { cve: "CVE-2099-0001", ghsa: "GHSA-aaaa-bbbb-cccc", package: "ms", fixed: "2.1.3" }
const IN_DEBIAN = { cve: "CVE-2099-0002", ghsa: "", package: "bash", fixed: "99" }

const HOUR = 3_600_000
const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR)

const settings = (security: string, kind: string): string =>
  `policy: strict\n${onlyStages(kind, "infrastructure")}  image: { enabled: ${kind === "image-scan"} }\nsecurity:\n${security}`

const BOTH = settings(
  `  scanners: { dependencies: [trivy, osv-scanner] }
  databases:
    trivy: { folder: databases/trivy }
    osv-scanner: { folder: databases/osv }
`,
  "dependencies",
)

const ROOT = 'FROM node\nCOPY a.js .\nCMD ["node", "a.js"]\n'
const MENDED = 'FROM node:22-bookworm-slim\nCOPY a.js .\nUSER node\nCMD ["node", "a.js"]\n'

const day = (ahead: number): string => new Date(Date.now() + ahead * 24 * HOUR).toISOString().slice(0, 10)
const waiver = (id: string, more: string) =>
  `  - { id: ${id}, owner: alice, reason: planted, expires: ${day(30)}, ${more} }\n`

describe("a vulnerable package and an image that runs as root", () => {
  const folder = app({
    "package.json": MANIFEST,
    "package-lock.json": lock("2.1.2"),
    "slipway.yaml": BOTH,
    Dockerfile: ROOT,
    "a.js": "",
  })
  trivyDatabase(path.join(folder, "databases/trivy"), PLANTED, ago(2))
  osvDatabase(path.join(folder, "databases/osv"), PLANTED, ago(3))
  const base = path.join(temporary("base"), "result.json")

  test("are found once each though two scanners see them, and block", async () => {
    const { record, stage } = await report(folder)
    expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({ exitCode: 22 })
    expect(stage("scan:dependencies").findings).toMatchObject([
      {
        rule: PLANTED.cve,
        file: "package-lock.json",
        tools: ["trivy", "osv-scanner"],
        vulnerability: { aliases: [PLANTED.ghsa], package: "pkg:npm/ms@2.1.2", fixed: PLANTED.fixed },
        standing: { status: "blocks" },
      },
    ])
    expect(stage("scan:dependencies").looked).toMatchObject([
      {
        tool: "trivy",
        verdict: "passed",
        what: "1 package of package-lock.json",
        database: { updatedAt: expect.any(String) },
      },
      {
        tool: "osv-scanner",
        verdict: "passed",
        what: "1 package",
        database: { source: "folder databases/osv" },
      },
    ])
    const insecure = stage("scan:infrastructure").findings.map(({ rule, standing }) => [
      rule,
      standing?.status,
    ])
    expect(insecure).toEqual(
      expect.arrayContaining([
        ["DS-0001", "reported"],
        ["DS-0002", "blocks"],
      ]),
    )
    expect(new Set(insecure.map(([rule]) => rule)).size).toBe(insecure.length)
    fs.writeFileSync(base, JSON.stringify(record))
  })

  test("are known where the base has them", async () => {
    const { record, stage } = await report(folder, "--base", base)
    expect(record.exitCode, record.stages.map(({ summary }) => summary).join("\n")).toBe(0)
    expect(stage("scan:dependencies").findings[0]?.standing).toMatchObject({ status: "known" })
  })

  test("are waived, by another name of theirs too, and exported as OpenVEX", async () => {
    const waivers = [waiver(PLANTED.ghsa, "package: pkg:npm/ms"), waiver("DS-0002", "path: Dockerfile")]
    write(folder, { "waivers.yaml": `waivers:\n${waivers.join("")}` })
    const { record, folder: evidence } = await report(folder)
    expect(record.exitCode, record.stages.map(({ summary }) => summary).join("\n")).toBe(0)
    const vex = JSON.parse(fs.readFileSync(path.join(evidence, "vex/openvex.json"), "utf8"))
    expect(vex.statements).toMatchObject([{ vulnerability: { name: PLANTED.cve, aliases: [PLANTED.ghsa] } }])
    fs.rmSync(path.join(folder, "waivers.yaml"))
  })

  test("are gone when they are mended", async () => {
    write(folder, { "package-lock.json": lock(PLANTED.fixed), Dockerfile: MENDED })
    const { record, stage } = await report(folder)
    expect(record.exitCode, record.stages.map(({ summary }) => summary).join("\n")).toBe(0)
    expect(stage("scan:dependencies").findings).toEqual([])
  })

  test("are not said to be absent from a file that could not be parsed", async () => {
    write(folder, { "broken/main.tf": 'resource "aws_ebs_volume" {\n  size =\n' })
    const { code, said } = await call(folder, "--base", base, "scan", "infrastructure")
    expect(said).toMatch(/1 not read: broken\/main\.tf/)
    expect(code).toBe(11)
    fs.rmSync(path.join(folder, "broken"), { recursive: true })
  })

  test.each([
    [
      "is too old",
      () => trivyDatabase(path.join(folder, "databases/trivy"), PLANTED, ago(72)),
      /trivy: vulnerability database outdated: 72 h old .*, at most 48 h are allowed/,
    ],
    [
      "is not there",
      () => fs.rmSync(path.join(folder, "databases/trivy/db"), { recursive: true }),
      /trivy: vulnerability database not found in databases\/trivy/,
    ],
    [
      "can not be downloaded",
      () =>
        write(folder, {
          "slipway.yaml": settings(
            '  databases: { trivy: { mirror: "127.0.0.1:9/db:2" } }\n',
            "dependencies",
          ),
        }),
      /trivy: the vulnerability database cannot be downloaded/,
    ],
  ])("are not said to be absent when the database %s", async (_what, spoil, why) => {
    fs.mkdirSync(path.join(folder, "databases/trivy"), { recursive: true })
    spoil()
    const { code, said } = await call(folder, "scan", "dependencies")
    expect(said).toMatch(why)
    expect(code).toBe(18)
  })
})

test("a vulnerable package in a built image is found", async () => {
  const folder = app({
    "slipway.yaml": settings("  databases: { trivy: { folder: databases/trivy } }\n", "image-scan"),
    Dockerfile: MENDED,
    "a.js": "",
  })
  trivyDatabase(path.join(folder, "databases/trivy"), PLANTED, ago(1), IN_DEBIAN)
  const { code, said } = await call(folder, "scan", "image")
  expect(said).toMatch(/scan:image failed: 1 finding that blocks; trivy: \d+ packages, database of/)
  expect(said).toMatch(/Dockerfile +CVE-2099-0002/)
  expect(code).toBe(22)
})
