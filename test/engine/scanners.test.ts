import { createServer } from "node:http"
import * as path from "node:path"
import { text } from "node:stream/consumers"
import { createGunzip } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { lock, MANIFEST, owaspDatabase } from "./databases.js"
import { app, call, listen, onlyStages, report, write } from "./support.js"

const PLANTED = { cve: "CVE-2099-0001", ghsa: "GHSA-aaaa-bbbb-cccc", package: "ms", fixed: "2.1.3" }

const ADVISORY = {
  id: 1,
  url: `https://github.com/advisories/${PLANTED.ghsa}`,
  title: "planted",
  severity: "high",
  vulnerable_versions: `<${PLANTED.fixed}`,
}

/** npm's advisory service, as far as `npm audit` asks it: it is sent the versions that are installed. */
const advisories = createServer(async (request, response) => {
  if (request.method !== "POST" || !request.url?.endsWith("/-/npm/v1/security/advisories/bulk"))
    return void response.writeHead(404).end("{}")
  const asked: Readonly<Record<string, readonly string[]>> = JSON.parse(
    await text(request.pipe(createGunzip())),
  )
  response.end(JSON.stringify("ms" in asked ? { ms: [ADVISORY] } : {}))
})

const HOUR = 3_600_000

describe("a vulnerable package and open infrastructure", () => {
  const settings = (mirror: string, owasp = "databases/owasp") =>
    `${onlyStages("dependencies", "infrastructure")}  image: { enabled: false }
security:
  # Checkov tells no severities: what it finds counts as medium.
  policy: { severity: medium }
  scanners: { dependencies: [npm-audit, dependency-check], infrastructure: [checkov] }
  databases: { npm-audit: { mirror: "${mirror}" }, dependency-check: { folder: ${owasp} } }
`
  const folder = app({
    "package.json": MANIFEST,
    "package-lock.json": lock("2.1.2"),
    Dockerfile: 'FROM node:22-bookworm-slim\nCOPY a.js .\nHEALTHCHECK CMD ["true"]\n',
    "infra/main.tf":
      'resource "aws_ebs_volume" "data" {\n  availability_zone = "eu-central-1a"\n  size = 1\n}\n',
  })
  const said = (findings: readonly { rule: string; file: string | null; tools?: readonly string[] }[]) =>
    findings.map(({ rule, file, tools }) => [tools?.join(), rule, file])

  let mirror = ""
  beforeAll(async () => {
    mirror = await listen(advisories)
    await owaspDatabase(path.join(folder, "databases/owasp"), PLANTED, new Date(Date.now() - 2 * HOUR))
    write(folder, { "slipway.yaml": settings(mirror) })
  })
  afterAll(() => void advisories.close())

  test("are found by npm audit, Dependency-Check and Checkov, each by itself", async () => {
    const { record, stage } = await report(folder)
    expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({ exitCode: 22 })
    const found = stage("scan:dependencies")
    expect(said(found.findings)).toEqual([
      ["npm-audit", PLANTED.ghsa, "package-lock.json"],
      ["dependency-check", PLANTED.cve, "package-lock.json"],
    ])
    for (const { vulnerability, standing } of found.findings) {
      expect(vulnerability).toMatchObject({ package: "pkg:npm/ms@2.1.2", fixed: PLANTED.fixed })
      expect(standing).toMatchObject({ status: "blocks" })
    }
    expect(found.looked).toMatchObject([
      { what: "1 package of package-lock.json", database: { source: mirror } },
      { what: "1 package", version: "12.1.0", database: { updatedAt: expect.any(String) } },
    ])
    expect(said(stage("scan:infrastructure").findings)).toEqual(
      expect.arrayContaining([
        ["checkov", "CKV_DOCKER_3", "Dockerfile"],
        ["checkov", "CKV_AWS_3", "infra/main.tf"],
      ]),
    )
  })

  test("are not there when they are mended", async () => {
    write(folder, {
      "package-lock.json": lock(PLANTED.fixed),
      Dockerfile: 'FROM node:22-bookworm-slim\nCOPY a.js .\nUSER node\nHEALTHCHECK CMD ["true"]\n',
      "infra/main.tf": 'variable "zone" {\n  type = string\n}\n',
    })
    const { record, stage } = await report(folder)
    expect(record.exitCode, record.stages.map(({ summary }) => summary).join("\n")).toBe(0)
    expect(stage("scan:dependencies").looked?.map(({ verdict }) => verdict)).toEqual(["passed", "passed"])
    expect(stage("scan:infrastructure").looked).toMatchObject([{ version: "3.3.30", what: "5 checks" }])
  })

  test("are not said to be absent by scanners that could not look", async () => {
    write(folder, {
      "slipway.yaml": settings("http://127.0.0.1:9", "infra"),
      "infra/main.tf": 'resource "aws_ebs_volume" {\n  size =\n',
    })
    const { stage } = await report(folder)
    const { verdict, cause, summary } = stage("scan:dependencies")
    expect([verdict, cause]).toEqual(["errored", "database"])
    expect(summary).toContain("npm-audit: the registry's advisory service did not answer")
    expect(summary).toMatch(/dependency-check: its database could not be had.*the database does not exist/)
    expect(stage("scan:infrastructure")).toMatchObject({
      verdict: "errored",
      summary: expect.stringContaining("checkov: it could not parse 1 file"),
    })
  })
})

test("Snyk without a token is skipped on a laptop and an error in CI, and tells its token to nobody", async () => {
  const folder = app({
    "package.json": MANIFEST,
    "package-lock.json": lock("2.1.2"),
    "slipway.yaml": `${onlyStages("dependencies")}security: { scanners: { dependencies: [snyk] } }\n`,
  })
  const laptop = await call(folder, "scan", "dependencies")
  expect(laptop.said).toMatch(/– scan:dependencies .*snyk: it has no token/)
  const vendor = await call(folder, "--run", '{"vendor":"github"}', "scan", "dependencies")
  expect(vendor.code, vendor.said).toBe(19)
  process.env.SNYK_PLANTED = "not-a-token-at-all"
  const told = await call(folder, "--snyk-token", "env://SNYK_PLANTED", "scan", "dependencies")
  expect(told.code, told.said).toBe(11)
  expect(told.stderr).not.toContain("not-a-token-at-all")
})
