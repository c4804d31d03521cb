import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { lookAt } from "./browser.js"
import { call, edit, fileIn, medflow, once, report, SECRET, stagesWith, write } from "./support.js"

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
      expect(fileIn(found, file), file).toContain("closes at noon")
      expect(fileIn(found, file), file).toContain("TABEL")
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
