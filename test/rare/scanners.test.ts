import * as fs from "node:fs"
import { createServer, type RequestListener, type Server } from "node:http"
import * as path from "node:path"
import { text } from "node:stream/consumers"
import { createGunzip } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { listen } from "../engine/network.js"
import {
  app,
  call,
  dagger,
  edit,
  medflowWith,
  nothingBut,
  onlyStages,
  report,
  write,
} from "../engine/support.js"
import { advisoriesOf, lock, MANIFEST } from "../engine/vulnerable.js"
import { owaspDatabase } from "./databases.js"

const PLANTED = { cve: "CVE-2099-0001", ghsa: "GHSA-aaaa-bbbb-cccc" }
const HOUR = 3_600_000

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

/** Serves until the tests are over. @returns how containers reach it. */
function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  return listen(server)
}

const summaries = ({ stages }: { readonly stages: readonly { readonly summary: string }[] }): string =>
  stages.map(({ summary }) => summary).join("\n")

describe("a vulnerable package and open infrastructure of the example app", () => {
  /** A package that the app has because another one needs it. */
  const avvio = { package: "avvio", fixed: "99.0.0" }

  const settings = (mirror: string, owasp: string) => `
${nothingBut("dependencies", "infrastructure")}security:
  # Checkov tells no severities: what it finds counts as medium.
  policy: { severity: medium }
  scanners: { dependencies: [npm-audit, dependency-check], infrastructure: [checkov] }
  databases: { npm-audit: { mirror: "${mirror}" }, dependency-check: { folder: ${owasp} } }
`
  const OPEN = 'resource "aws_ebs_volume" "open" {\n  availability_zone = "eu-central-1a"\n  size = 1\n}\n'
  let folder = ""
  beforeAll(async () => {
    const mirror = await serve(advisoriesOf(avvio.package, PLANTED.ghsa, avvio.fixed))
    folder = medflowWith(settings(mirror, "databases/owasp"))
    const made = new Date(Date.now() - 2 * HOUR)
    await owaspDatabase(path.join(folder, "databases/owasp"), { ...PLANTED, ...avvio }, made)
  })

  test("are found by npm audit, Dependency-Check and Checkov, each by itself", async () => {
    write(folder, { "infra/open.tf": OPEN })
    const { record, stage } = await report(folder)
    expect(record.exitCode, summaries(record)).toBe(22)
    const found = stage("scan:dependencies")
    expect(found.findings).toMatchObject(
      [
        ["npm-audit", PLANTED.ghsa],
        ["dependency-check", PLANTED.cve],
      ].map(([tool, rule]) => ({
        tools: [tool],
        rule,
        file: "package-lock.json",
        vulnerability: { package: expect.stringMatching(/^pkg:npm\/avvio@\d/), fixed: avvio.fixed },
        standing: { status: "blocks" },
      })),
    )
    expect(found.looked).toMatchObject([
      { what: expect.stringMatching(/^\d{2,} packages of package-lock.json$/) },
      {
        what: expect.stringMatching(/^\d{2,} packages$/),
        version: "12.1.0",
        database: { updatedAt: expect.any(String) },
      },
    ])
    expect(stage("scan:infrastructure").findings).toContainEqual(
      expect.objectContaining({ tools: ["checkov"], rule: "CKV_AWS_3", file: "infra/open.tf" }),
    )
  })

  test("are not said to be absent by scanners that could not look", async () => {
    const looking = fs.readFileSync(path.join(folder, "slipway.yaml"), "utf8")
    write(folder, { "infra/open.tf": 'resource "aws_ebs_volume" {\n  size =\n' })
    edit(folder, "slipway.yaml", (text) =>
      text.replace(
        /npm-audit: \{.*/,
        'npm-audit: { mirror: "http://127.0.0.1:9" }, dependency-check: { folder: infra } }',
      ),
    )
    const { stage } = await report(folder)
    const { verdict, cause, summary } = stage("scan:dependencies")
    expect([verdict, cause]).toEqual(["errored", "database"])
    expect(summary).toContain("npm-audit: the registry has no advisory service")
    expect(summary).toMatch(
      /dependency-check: the vulnerability database cannot be downloaded.*the database does not exist/,
    )
    // Which of its files it could not parse is named; no base tells that the change broke it.
    expect(stage("scan:infrastructure")).toMatchObject({
      verdict: "failed",
      summary: expect.stringContaining("1 not read: infra/open.tf"),
    })
    write(folder, { "slipway.yaml": looking })
  })

  test("are not there when they are mended", async () => {
    edit(folder, "package-lock.json", (text) =>
      text.replace(/("node_modules\/avvio": \{\s+"version": ")[\d.]+/, `$1${avvio.fixed}`),
    )
    const dependencies = await call(folder, "scan", "dependencies")
    expect(dependencies.code, dependencies.said).toBe(0)
    expect(dependencies.said).toMatch(
      /✓ .*npm-audit: \d+ packages of package-lock.json, .*; dependency-check: \d+ packages, /,
    )
    write(folder, { "infra/open.tf": 'variable "zone" {\n  type = string\n}\n' })
    // What the app leaves open by choice is reported.
    edit(folder, "slipway.yaml", (text) => text.replace("severity: medium", "severity: high"))
    const infrastructure = await call(folder, "scan", "infrastructure")
    expect(infrastructure.code, infrastructure.said).toBe(0)
    expect(infrastructure.said).toMatch(/✓ .*checkov: \d{3} checks; nothing that blocks, 9 reported/)
  })
})

describe("Snyk", () => {
  const TOKEN = "0f1e2d3c-aaaa-4bbb-8ccc-123456789012"
  const FLAG = ["--snyk-token", "env://SNYK_PLANTED"]

  /** The last of Snyk's command lines that is whole in its npm package: later ones are fetched when they first run. */
  const IMAGE = "127.0.0.1:5000/tests/snyk:1.1111.0"
  const embedded = process.env._EXPERIMENTAL_DAGGER_RUNNER_HOST?.startsWith("unix:")

  const ISSUE = {
    id: "SNYK-JS-MS-1",
    title: "planted",
    severity: "high",
    cvssScore: 7.5,
    identifiers: { CVE: [PLANTED.cve], GHSA: [PLANTED.ghsa] },
    semver: { vulnerable: ["<2.1.3"] },
    fixedIn: ["2.1.3"],
    packageName: "ms",
    packageManager: "npm",
    language: "js",
  }
  const { id: issueId } = ISSUE
  const pkg = { name: "ms", version: "2.1.2" }
  const fixInfo = { upgradePaths: [], isPatchable: false, nearestFixedInVersion: "2.1.3" }
  const AFFECTED = { "ms@2.1.2": { pkg, issues: { [issueId]: { issueId, fixInfo } } } }

  /** Snyk's service, as far as `snyk test` asks it: it is sent the graph of dependencies. */
  const service: RequestListener = async (request, response) => {
    const sent = await text(
      request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request,
    )
    response.setHeader("content-type", "application/json")
    if (request.headers.authorization !== `token ${TOKEN}`) return void response.writeHead(401).end("{}")
    if (!request.url?.includes("/test-dep-graph")) return void response.end("{}")
    const result = sent.includes('"ms@2.1.2"')
      ? { affectedPkgs: AFFECTED, issuesData: { [issueId]: ISSUE } }
      : { affectedPkgs: {}, issuesData: {} }
    response.end(JSON.stringify({ result, meta: { isPublic: false, policy: "" } }))
  }

  /** In an older form, which that version reads. */
  const olderLock = (version: string) => ({
    ...lock(version),
    lockfileVersion: 2,
    dependencies: { ms: { version } },
  })

  let folder = ""
  beforeAll(async () => {
    const steps = [
      "container | from node:22-bookworm-slim",
      "with-exec -- npm install --global --no-audit --no-fund snyk@1.1111.0",
      `publish ${IMAGE}`,
    ]
    const made = embedded ? await dagger("/", "-M", "-c", steps.join(" | ")) : null
    if (made?.code) throw new Error(made.stderr)
    folder = app({
      "package.json": MANIFEST,
      "package-lock.json": olderLock("2.1.2"),
      "slipway.yaml": `${onlyStages("dependencies")}
security:
  scanners: { dependencies: [snyk] }
  databases: { snyk: { mirror: "${await serve(service)}/v1" } }
${embedded ? `images: { overrides: { snyk/snyk: "${IMAGE}" } }` : ""}
`,
    })
  })
  const scan = async (token: string) => {
    process.env.SNYK_PLANTED = token
    return { ...(await report(folder, ...FLAG)), stage: null }
  }

  test("without a token is skipped on a laptop and an error in CI", async () => {
    const laptop = await call(folder, "scan", "dependencies")
    expect(laptop.said).toMatch(/– scan:dependencies .*snyk: no token/)
    const vendor = await call(folder, "--run", '{"vendor":"github"}', "scan", "dependencies")
    expect(vendor.code, vendor.said).toBe(19)
  })

  test("finds a vulnerable package, and tells its token to nobody", async () => {
    const { record, stderr } = await scan(TOKEN)
    expect(record.exitCode, summaries(record)).toBe(22)
    expect(record.stages.flatMap(({ findings }) => findings)).toMatchObject([
      {
        rule: PLANTED.cve,
        tools: ["snyk"],
        vulnerability: { package: "pkg:npm/ms@2.1.2", fixed: "2.1.3", cvss: 7.5 },
      },
    ])
    expect(stderr + JSON.stringify(record)).not.toContain(TOKEN)
  })

  test("finds none where it is mended", async () => {
    write(folder, { "package-lock.json": olderLock("2.1.3") })
    const { record } = await scan(TOKEN)
    expect(record.exitCode, summaries(record)).toBe(0)
    expect(record.stages.flatMap(({ looked }) => looked ?? [])).toMatchObject([
      { tool: "snyk", what: "1 package", verdict: "passed" },
    ])
  })

  test("with a token that is refused, or a lock file that it cannot read, did not look", async () => {
    const refused = await scan("0f1e2d3c-aaaa-4bbb-8ccc-000000000000")
    expect(refused.record.exitCode, summaries(refused.record)).toBe(11)
    write(folder, {
      "package-lock.json": lock("2.1.3"),
      "other/package.json": MANIFEST,
      "other/package-lock.json": olderLock("2.1.3"),
    })
    const unread = await scan(TOKEN)
    expect(unread.record.exitCode, summaries(unread.record)).toBe(11)
  })
})
