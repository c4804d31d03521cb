import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { sample } from "../unit/testdata.js"
import { app, call, commitAll, edit, onlyStages, report, SECRET, write } from "./support.js"

const GPL = { name: "chessground", version: "9.2.1" }
const MANIFEST = { name: "small", version: "1.0.0", private: true }
const DEPENDENCIES = { dependencies: { [GPL.name]: GPL.version } }

const lock = (root: object, packages: object) => ({
  ...MANIFEST,
  lockfileVersion: 3,
  requires: true,
  packages: { "": { ...MANIFEST, ...root }, ...packages },
})

const PLANTED = {
  "package.json": { ...MANIFEST, ...DEPENDENCIES },
  "package-lock.json": lock(DEPENDENCIES, { [`node_modules/${GPL.name}`]: { version: GPL.version } }),
  "src/Über uns/run it.ts": "export const run = (text: string): unknown => eval(text)\n",
  "src/api.ts": `export const token = "${SECRET}"\n`,
}

const MENDED = {
  "package.json": MANIFEST,
  "package-lock.json": lock({}, {}),
  "src/Über uns/run it.ts": "export const run = (text: string): unknown => JSON.parse(text)\n",
  "src/api.ts": "export const token = process.env.TOKEN\n",
}

const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10)

const waivers = (expires: string): string =>
  ["slipway.eval", "github-pat", "licence-denied"]
    .map((id) => `  - id: ${id}\n    owner: alice\n    reason: planted\n    expires: ${expires}\n`)
    .reduce((text, one) => text + one, "waivers:\n")

const git = (folder: string, ...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], { cwd: folder })
    .toString()
    .trim()

describe("insecure code, a secret and a licence that is denied", () => {
  const folder = app({
    "slipway.yaml": `policy: strict\n${onlyStages("code", "secrets", "licences", "waivers")}`,
  })
  git(folder, "add", "-A")
  git(folder, "commit", "-qm", "base")
  const base = git(folder, "rev-parse", "HEAD")
  const commit = () => {
    git(folder, "reset", "-q", "--soft", base)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "change")
  }
  const context = ["--run", JSON.stringify({ base })]
  const found = (findings: readonly { rule: string; file: string | null; line: number | null }[]) =>
    findings.map(({ rule, file, line }) => [rule, file, line])

  test("are found once each, and block", async () => {
    write(folder, PLANTED)
    commit()
    const { record, stage, folder: evidence } = await report(folder, ...context)
    expect(record).toMatchObject({ verdict: "failed", exitCode: 22 })
    expect(found(stage("scan:code").findings)).toEqual([["slipway.eval", "src/Über uns/run it.ts", 1]])
    expect(found(stage("scan:secrets").findings)).toEqual([["github-pat", "src/api.ts", 1]])
    expect(found(stage("scan:licences").findings)).toEqual([["licence-denied", "package-lock.json", null]])
    expect(stage("scan:licences").findings[0]?.message).toContain(`${GPL.name} ${GPL.version}: GPL-3.0`)
    expect(stage("scan:secrets").looked).toMatchObject([
      { tool: "gitleaks", verdict: "passed" },
      { tool: "gitleaks, commits", verdict: "passed", what: expect.stringContaining("1 commit,") },
    ])
    for (const category of ["code", "secrets", "licences"]) {
      const { runs } = JSON.parse(fs.readFileSync(path.join(evidence, `sarif/${category}.sarif`), "utf8"))
      expect(runs).toMatchObject([{ automationDetails: { id: `slipway/${category}/` }, results: [{}] }])
    }
    expect(JSON.stringify(record)).not.toContain(SECRET)
  })

  test("are waived", async () => {
    write(folder, { "waivers.yaml": waivers(day(30)) })
    commit()
    const { record, stage } = await report(folder, ...context)
    expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({
      verdict: "passed",
    })
    expect(stage("scan:secrets").findings[0]?.standing).toMatchObject({ status: "waived" })
    expect(stage("scan:waivers").summary).toBe("3 waivers: 0 expired, 0 unused")
  })

  test("block again when the waiver is expired, which is named", async () => {
    write(folder, { "waivers.yaml": waivers(day(-1)) })
    commit()
    const { record, stage } = await report(folder, ...context)
    expect(record).toMatchObject({ verdict: "failed", exitCode: 22 })
    expect(stage("scan:code").findings[0]?.standing?.why).toContain("the waiver of alice expired on")
    expect(found(stage("scan:waivers").findings)).toEqual(
      [2, 6, 10].map((line) => ["waiver-expired", "waivers.yaml", line]),
    )
  })

  test("are gone when they are mended, and waivers of them are unused", async () => {
    write(folder, { ...MENDED, "waivers.yaml": waivers(day(30)) })
    commit()
    const { record, stage } = await report(folder, ...context)
    expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({
      verdict: "passed",
    })
    const scans = ["scan:code", "scan:secrets"].flatMap((name) => stage(name).findings)
    expect(scans).toEqual([])
  })

  test("and a waiver with a wrong date is named with its line", async () => {
    edit(folder, "waivers.yaml", (text) => text.replace(day(30), "30.2."))
    const { code, said } = await call(folder, "scan", "code")
    expect(said).toMatch(/scan:waivers errored: waivers\.yaml:5:14: expires: "30\.2\." is not a date/)
    expect(code).toBe(20)
  })
})

const SECRETS = { "slipway.yaml": onlyStages("secrets") }

describe("the commits of a change", () => {
  test.each([
    ["without a base", [], /no base commit/],
    ["in a repository without commits", ["--run", '{"base":"main"}'], /the repository has no commits yet/],
  ])("%s are not claimed to be looked at", async (_what, flags, why) => {
    const { said } = await call(app(SECRETS), ...flags, "scan", "secrets")
    expect(said).toMatch(why)
    expect(said).not.toMatch(/\d commits/)
  })

  test("of a clone that is cut off are an error in CI", async () => {
    const origin = app(SECRETS)
    for (const message of ["one", "two", "three"]) {
      write(origin, { "README.md": message })
      git(origin, "add", "-A")
      git(origin, "commit", "-qm", message)
    }
    const base = git(origin, "rev-parse", "HEAD~2")
    const clone = app(SECRETS)
    git(clone, "fetch", "-q", "--depth", "1", `file://${origin}`)
    git(clone, "reset", "-q", "--hard", "FETCH_HEAD")
    const { code, said } = await call(
      clone,
      "--run",
      JSON.stringify({ base, vendor: "github" }),
      "scan",
      "secrets",
    )
    expect(said).toMatch(/the clone is shallow and lacks the base/)
    expect(code).toBe(11)
  })
})

describe("a file that no scanner can parse", () => {
  const BROKEN = "export function run(text) {\n  if (text) {\n    return eval(text)\n}\n"
  const folder = app({
    "src/good.js": "export const one = 1\n",
    "slipway.yaml": onlyStages("code", "privacy", "maintainability"),
  })
  const STAGES = ["scan:code", "privacy", "maintainability"]
  const looks = async (...flags: readonly string[]) => {
    const { record, stage, folder: evidence } = await report(folder, ...flags)
    return { exitCode: record.exitCode, evidence, stages: STAGES.map(stage) }
  }
  const named = expect.stringMatching(/1 not read: src\/broken\.ts:\d/)
  let base = ""
  let commit = ""

  test("is not there at first", async () => {
    commit = commitAll(folder)
    const { exitCode, evidence, stages } = await looks()
    expect(exitCode, stages.map(({ summary }) => summary).join("\n")).toBe(0)
    base = path.join(evidence, "result.json")
    write(folder, { "src/broken.ts": BROKEN })
  })

  test("is named by every stage that looks at sources, where no base is known", async () => {
    const { exitCode, stages } = await looks()
    expect(exitCode, stages.map(({ summary }) => summary).join("\n")).toBe(0)
    expect(stages).toMatchObject(
      STAGES.map((name) => ({
        name,
        verdict: "passed",
        summary: named,
        findings: [{ kind: "unread", file: "src/broken.ts", standing: { status: "reported" } }],
      })),
    )
  })

  test.each([
    ["the record of the base", () => ["--base", base]],
    ["git", () => ["--run", JSON.stringify({ base: commit })]],
  ])("makes these stages errored where %s does not have it", async (_by, flags) => {
    const { exitCode, stages } = await looks(...flags())
    expect(exitCode).toBe(11)
    expect(stages).toMatchObject(
      STAGES.map((name) => ({
        name,
        verdict: "errored",
        summary: named,
        findings: [{ kind: "unread", standing: { status: "blocks" } }],
      })),
    )
  })

  test("is known where git has it in the base", async () => {
    const { exitCode, stages } = await looks("--run", JSON.stringify({ base: commitAll(folder) }))
    expect(exitCode, stages.map(({ summary }) => summary).join("\n")).toBe(0)
    expect(stages[0]?.findings).toMatchObject([{ standing: { status: "known" } }])
  })
})

test("what CodeQL found is taken in, and its file that is not there is no clean look", async () => {
  const folder = app({
    "slipway.yaml": `${onlyStages("code")}security: { scanners: { code: [] }, sarif: [out/codeql.sarif] }\n`,
    "src/run it.js": "",
  })
  const missing = await call(folder, "scan", "code")
  expect(missing.said).toContain("out/codeql.sarif: not found. Run the tool that writes it first")
  expect(missing.code).toBe(11)
  write(folder, { "out/codeql.sarif": sample("sarif/codeql.sarif") })
  const { record, stage } = await report(folder)
  expect(record).toMatchObject({ verdict: "failed", exitCode: 22 })
  expect(stage("scan:code").looked).toMatchObject([{ what: "report of CodeQL 2.20.1", verdict: "passed" }])
  expect(stage("scan:code").findings).toMatchObject([
    { rule: "js/command-line-injection", file: "src/run it.js", line: 5, standing: { status: "blocks" } },
    { rule: "js/unused-local-variable", standing: { status: "reported" } },
  ])
})
