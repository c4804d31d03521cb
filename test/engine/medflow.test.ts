import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { lookAt } from "./browser.js"
import {
  call,
  dagger,
  type Evidence,
  edit,
  MEDFLOW,
  medflow,
  report,
  SECRET,
  stagesWith,
  write,
} from "./support.js"

/** A value that is made when it is first asked for, and kept. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

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

const read = (evidence: Evidence, file: string) => fs.readFileSync(path.join(evidence.folder, file), "utf8")

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
    expect(read(found, "junit.xml").match(/<testcase /g)).toHaveLength(tests)
    expect(read(found, "summary.md")).toContain("medflow")
    expect(read(found, "report.html")).not.toMatch(/(?:src|href)="https?:/)
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

/** A copy with something of each kind broken. */
function broken(): string {
  const folder = medflow()
  edit(
    folder,
    "frontend/src/lib/dates.ts",
    (text) => `${text}\nexport const same = (a: unknown, b: unknown): boolean => a == b\n`,
  )
  edit(folder, "frontend/src/lib/booking.ts", (text) => `${text}\nexport const wrong: string = 3\n`)
  write(folder, {
    "frontend/test/wrong.test.ts":
      'import { expect, it } from "vitest"\n\nit("closes at noon", () => {\n  expect(17).toBe(12)\n})\n',
    "backend/migrations/1999999999999_wrong.sql": "-- Up Migration\nALTER TABEL patients;\n",
  })
  edit(folder, "frontend/Dockerfile", (text) =>
    text.replace("RUN npm ci", "RUN echo no room >&2; exit 7\nRUN npm ci"),
  )
  return folder
}

describe("a check that is red", () => {
  const project = once(broken)
  const evidence = once(() => report(project()))

  test.each([
    [
      "a lint rule",
      () => call(project(), "lint"),
      10,
      /lint:frontend failed: 1 finding\n.*frontend\/src\/lib\/dates\.ts:\d+ +eqeqeq/,
    ],
    [
      "a type",
      () => call(project(), "types"),
      10,
      /types:frontend failed: 1 finding\n.*frontend\/src\/lib\/booking\.ts:\d+ +TS2322/,
    ],
    [
      "a unit test",
      () => call(project(), "test", "unit"),
      10,
      /test:unit:frontend failed: 1 of 31 tests failed\n.*closes at noon/,
    ],
    [
      "a migration",
      () => call(project(), "test", "integration"),
      16,
      /test:integration:backend failed: a migration failed: .*syntax error at or near "TABEL"/,
    ],
    [
      "a Dockerfile",
      () => call(project(), "build"),
      14,
      /image:frontend failed: frontend\/Dockerfile: RUN echo no room >&2; exit 7 exited with code 7/,
    ],
  ])("by %s names the cause first, and has its exit code", async (_what, run, exitCode, cause) => {
    const { code, said } = await run()
    expect(said.split("\n").slice(0, 4).join("\n")).toMatch(cause)
    expect(code).toBe(exitCode)
  })

  test("leaves evidence with every failure in it, and goes on with what does not depend on it", async () => {
    const { record, stage } = await evidence()
    expect(record).toMatchObject({ verdict: "failed", exitCode: 10 })
    expect(stagesWith(record, ({ verdict }) => verdict === "failed")).toEqual(
      expect.arrayContaining([
        "lint:frontend",
        "types:frontend",
        "test:unit:frontend",
        "test:integration:backend",
        "image:frontend",
      ]),
    )
    expect(stagesWith(record, ({ verdict }) => verdict === "passed")).toEqual(
      expect.arrayContaining(["lint:backend", "types:backend", "test:unit:backend", "image:backend"]),
    )
    expect(stage("coverage").verdict).toBe("skipped")
    expect(stage("test:unit:frontend").tests.filter(({ verdict }) => verdict === "failed")).toMatchObject([
      { name: "closes at noon", message: expect.stringContaining("expected 17 to be 12") },
    ])
    expect(stage("test:integration:backend")).toMatchObject({ cause: "migration" })
    expect(stage("image:frontend")).toMatchObject({
      cause: "dockerfile",
      log: { text: expect.stringContaining("no room") },
    })
  })

  test("has its failures in every report", async () => {
    const found = await evidence()
    for (const file of ["report.html", "summary.md", "junit.xml"]) {
      expect(read(found, file), file).toContain("closes at noon")
      expect(read(found, file), file).toContain("TABEL")
    }
  })

  test("has a report that reads well in a browser", async () => {
    const seen = await lookAt((await evidence()).folder)
    expect(seen).toMatchObject({ violations: [], consoleErrors: [], requests: [] })
    expect(Object.values(seen.horizontalOverflow)).toEqual([0, 0, 0, 0])
    expect(seen.verdictText).toMatch(/failed/i)
    expect(seen.code).toBe(0)
  })
})

const BUG = `
export function sign(of: number): number {
  if (of > 0) return 1
  else if (of > 0) return 2
  return 0
}
`

/** A copy with a fault for each stage that looks at more than whether it works; with the gates that it passes over. */
function careless(): string {
  const folder = medflow()
  const service = fs.readFileSync(path.join(folder, "backend/src/services/appointments.ts"), "utf8")
  write(folder, { "backend/src/services/copied.ts": service })
  edit(folder, "backend/src/domain/person.ts", (text) => text + BUG)
  edit(folder, "backend/src/config.ts", (text) => `${text}\nexport const token = "${SECRET}"\n`)
  edit(folder, "backend/src/services/patients.ts", (text) =>
    text.replace(
      "    return view(patient, today)",
      `    console.log(\`registered \${patient.familyName}\`)\n    if (patient.id === "") eval(patient.id)\n    return view(patient, today)`,
    ),
  )
  edit(folder, "frontend/src/App.tsx", (text) =>
    text.replace("<header>", '<header>\n        <img src="/logo.png" />'),
  )
  edit(folder, "frontend/nginx.conf", (text) => text.replace(/.*Content-Security-Policy.*\n/, ""))
  edit(folder, "slipway.yaml", (text) =>
    text
      .replace("tags: [project,", "tags: [owner, project,")
      .concat("  lint: { enabled: false }\n  e2e: { enabled: false }\n")
      .concat("coverage: { lines: 100 }\nbundle: { budget: { total: 10 kB } }\n")
      .concat("security: { licences: { deny: [ISC] } }\n"),
  )
  return folder
}

describe("a careless change", () => {
  const evidence = once(() => report(careless()))

  test.each([
    ["deadcode", "exports", "backend/src/config.ts"],
    ["duplication", "duplicated-lines", "backend/src/services/copied.ts"],
    ["maintainability", "sonarjs/no-identical-conditions", "backend/src/domain/person.ts"],
    ["privacy", "phi-in-log", "backend/src/services/patients.ts"],
    ["scan:code", "slipway.eval", "backend/src/services/patients.ts"],
    ["scan:secrets", "github-pat", "backend/src/config.ts"],
    ["scan:licences", "licence-denied", "package-lock.json"],
    ["terraform:policy", "terraform-required-tag", "infra/network.tf"],
    ["test:a11y", "image-alt", null],
    ["dast", "no-content-security-policy", null],
  ])("turns %s red by %s", async (name, rule, file) => {
    const { verdict, findings } = (await evidence()).stage(name)
    expect(verdict).toBe("failed")
    expect(findings.map((finding) => [finding.rule, finding.file])).toContainEqual([rule, file])
  })

  test("turns red by numbers what has a gate of numbers", async () => {
    const { stage } = await evidence()
    expect(stage("coverage")).toMatchObject({ verdict: "failed", summary: expect.stringContaining("100 %") })
    expect(stage("bundle:frontend")).toMatchObject({
      verdict: "failed",
      summary: expect.stringContaining("over its budget of 10.0 kB"),
    })
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
