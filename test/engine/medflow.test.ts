import * as fs from "node:fs"
import { describe, expect, test } from "vitest"
import {
  call,
  dagger,
  type Evidence,
  edit,
  fileIn,
  MEDFLOW,
  medflow,
  once,
  report,
  stagesWith,
  write,
} from "./support.js"

const STAGES = [
  "install",
  "build:backend",
  "build:frontend",
  "lint:backend",
  "lint:e2e",
  "lint:frontend",
  "format",
  "types:backend",
  "types:e2e",
  "types:frontend",
  "deadcode",
  "duplication",
  "maintainability",
  "privacy",
  "test:unit:backend",
  "test:unit:frontend",
  "test:integration:backend",
  "image:backend",
  "image:frontend",
  "test:e2e",
  "test:a11y",
  "dast",
  "scan:code",
  "scan:secrets",
  "scan:licences",
  "terraform:policy",
  "bundle:frontend",
  "test-files",
  "coverage",
]

/** The engine does not say of a build whether it was remembered: its time tells, and so a busy machine lies. */
const isBuild = (name: string) => name.startsWith("image:")

const notBuilds = (names: readonly string[]) => names.filter((name) => !isBuild(name))

/** What runs no command is worked out anew each time. */
const times = ({ record }: Evidence) =>
  record.stages
    .filter(({ name, steps }) => !isBuild(name) && steps.length > 0)
    .map(({ name, startedAt, endedAt }) => [name, startedAt, endedAt])

describe("a check that is green", () => {
  const project = once(medflow)
  const checked = once(() => call(project(), "ci"))
  const evidence = once(async () => {
    await checked()
    const asked = Date.now()
    return { ...(await report(project())), asked }
  })

  test("says a line a stage and how many tests ran, and exits with 0", async () => {
    const { code, said } = await checked()
    expect(code, said).toBe(0)
    expect(said.match(/^✓ \S+/gm)).toEqual([...STAGES, "medflow"].map((name) => `✓ ${name}`))
    expect(said).toMatch(/✓ test:unit:backend .* 131 tests/)
    expect(said).toMatch(/✓ test:integration:backend .* 31 tests/)
    expect(said).toMatch(/✓ test:unit:frontend .* 30 tests/)
    expect(said).toContain(`medflow passed  ${STAGES.length} stages: ${STAGES.length} passed`)
  })

  test("leaves evidence that comes from the cache, each stage with its own times", async () => {
    const { record, folder, asked } = await evidence()
    expect(fs.readdirSync(folder)).toEqual(
      expect.arrayContaining(["junit.xml", "logs", "report.html", "result.json", "summary.md"]),
    )
    expect(record).toMatchObject({ schema: 1, project: "medflow", verdict: "passed", exitCode: 0 })
    expect(record.stages.map(({ name }) => name)).toEqual(STAGES)
    const ran = stagesWith(record, ({ endedAt, steps }) => steps.length > 0 && (endedAt ?? 0) >= asked)
    expect(notBuilds(ran)).toEqual([])
    for (const { name, startedAt, endedAt } of record.stages) {
      expect(startedAt, name).toBeGreaterThan(0)
      expect(endedAt, name).toBeGreaterThanOrEqual(startedAt ?? Number.POSITIVE_INFINITY)
    }
    const builds = record.images.filter(({ name }) => !name.includes(":"))
    expect(builds.map(({ name }) => name)).toEqual(["backend", "frontend"])
    for (const { name, digest } of record.images.filter((image) => image.name.includes(":")))
      expect(digest, name).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  test("has its tests in the JUnit report, and its summary for people", async () => {
    const found = await evidence()
    const tests = found.record.stages.flatMap((stage) => stage.tests).length
    expect(tests).toBeGreaterThan(131 + 31 + 30)
    expect(fileIn(found, "junit.xml").match(/<testcase /g)).toHaveLength(tests)
    expect(fileIn(found, "summary.md")).toContain("medflow")
    expect(fileIn(found, "report.html")).not.toMatch(/(?:src|href)="https?:/)
  })

  test("runs nothing twice", async () => {
    expect(times(await report(project()))).toEqual(times(await evidence()))
  })

  test("runs after a change in the documentation only what reads it", async () => {
    await evidence()
    edit(project(), "README.md", (text) => `${text}\nChanged: ${Date.now()}.\n`)
    const { record } = await report(project())
    expect(record.verdict).toBe("passed")
    expect(notBuilds(stagesWith(record, ({ cached }) => !cached))).toEqual(["format", "scan:secrets"])
  })

  test("runs after a change in one workspace only what that touches", async () => {
    await evidence()
    edit(project(), "frontend/src/styles.css", (text) => `${text}\n/* changed: ${Date.now()} */\n`)
    const { record } = await report(project())
    expect(record.verdict).toBe("passed")
    const ran = stagesWith(record, ({ cached }) => !cached)
    expect(ran).toEqual(
      expect.arrayContaining(["lint:frontend", "format", "types:frontend", "test:unit:frontend", "coverage"]),
    )
    expect(notBuilds(ran).filter((name) => name.endsWith(":backend") || name === "install")).toEqual([])
  })
})

test("a plan says what runs and why, and what is left out and why", async () => {
  const folder = medflow()
  write(folder, { "slipway.yaml": "stages:\n  format:\n    enabled: false\n" })
  const { code, said } = await call(folder, "plan")
  expect(code).toBe(0)
  expect(said).toContain("medflow: Node.js 22 (backend/Dockerfile), npm, 3 workspaces")
  expect(said).toMatch(/install\s+npm \(comes with Node\.js\), package-lock\.json/)
  expect(said).toMatch(
    /test:integration:backend\s+the script test:integration in backend\/package\.json, after db:migrate, with PostgreSQL 15, from its packages; after install/,
  )
  const [, out] = said.split("left out:")
  expect(out).toMatch(/^\s+format\s+slipway\.yaml turns it off$/m)
  expect(out).toMatch(/^\s+custom\s+no custom stages in slipway\.yaml$/m)
})

describe("as a blueprint of the app", () => {
  test("the check runs without naming module or source", async () => {
    const { code, said } = await dagger(MEDFLOW, "call", "ci")
    // Its policy is strict: a scanner that this engine has not built is no clean look.
    expect(code, said).toBe(17)
    expect(said).toContain("medflow errored")
    const errored = said.match(/^! .*$/gm) ?? []
    expect(errored.length).toBeGreaterThan(0)
    for (const line of errored)
      expect(line).toMatch(/\.\/slipway engine make|terraform:validate .* cannot be downloaded|^! medflow/)
  })

  test("the functions are listed with what they do", async () => {
    const { code, stdout } = await dagger(MEDFLOW, "functions")
    expect(code).toBe(0)
    for (const name of ["ci", "report", "plan", "lint", "format", "types", "test", "build"])
      expect(stdout).toMatch(new RegExp(`^${name}\\s+\\S`, "m"))
  })

  test("the checks are listed, and run by name", async () => {
    const { code, stdout } = await dagger(MEDFLOW, "check", "-l")
    expect(code).toBe(0)
    for (const name of ["lint", "format", "types", "build", "test:unit", "test:integration"])
      expect(stdout).toContain(name)
    const format = await dagger(MEDFLOW, "check", "format")
    expect(format.code, format.stderr.slice(-2000)).toBe(0)
  })
})
