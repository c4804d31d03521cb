import { describe, expect, test } from "vitest"
import { call, commitAll, edit, medflow, write } from "./support.js"

/** The example app with a commit: what is deployed is one. */
function committed(change: (folder: string) => void = () => {}): string {
  const folder = medflow()
  change(folder)
  commitAll(folder)
  return folder
}

describe("a rehearsal of the example app's environments", () => {
  const folder = committed()

  test("goes live in staging, by every step, migrated on PostgreSQL and answering", async () => {
    const { code, said, stderr } = await call(folder, "rehearse", "--env", "staging", "--app")
    expect(code, said).toBe(0)
    expect(said).toMatch(
      /^SUCCEEDED +staging: [0-9a-f]{12} is live and proven\nlive +backend +medflow-staging-backend:2/,
    )
    for (const step of ["order", "preflight", "snapshot", "migration", "rollout", "health"])
      expect(stderr).toMatch(new RegExp(`✓ ${step}\\b`))
  })

  test("waits in production for its canary and its bake time, and for nobody in real time", async () => {
    const { code, said, seconds } = await call(
      folder,
      "rehearse",
      "--env",
      "production",
      "--break-glass",
      "a rehearsal at the weekend",
    )
    expect(code, said).toBe(0)
    expect(said).toMatch(/^SUCCEEDED +production: /)
    const [, minutes = 0] = /took +(\d+) min/.exec(said) ?? []
    expect(Number(minutes) * 60).toBeGreaterThan(seconds)
  })

  test.each([
    [
      "crash-loop",
      40,
      /^Error: ROLLED-BACK +staging: .*\ncause +the container backend of backend ends with exit code 1/,
    ],
    ["migration-fails", 45, /^Error: FAILED +staging: the migration failed: .*\ncause +ERROR: relation/],
    ["superseded", 42, /^Error: SUPERSEDED +staging: /],
    ["never-finishes", 43, /^Error: STILL-RUNNING +staging: /],
    ["wrong-account", 44, /^Error: REFUSED +staging: /],
  ])("says the truth about %s, and what is live and what to do", async (scenario, exitCode, words) => {
    const { code, said } = await call(folder, "rehearse", "--env", "staging", "--scenario", scenario)
    expect(said).toMatch(words)
    expect(said).toMatch(/^live +backend/m)
    expect(code).toBe(exitCode)
  })
})

test("a migration that PostgreSQL refuses fails before anything is rolled out, in PostgreSQL's own words", async () => {
  const wrong = { "backend/migrations/1767225600003_rooms.sql": "ALTER TABLE rooms ADD COLUMN floor int;\n" }
  const folder = committed((app) => write(app, wrong))
  const { code, said } = await call(folder, "rehearse", "--env", "staging", "--app")
  expect(said).toMatch(/FAILED +staging: the migration failed/)
  expect(said).toMatch(/relation "rooms" does not exist/)
  expect(said).toMatch(/live +backend +medflow-staging-backend:1 /)
  expect(code).toBe(45)
})

describe("a deployment that cannot be read", () => {
  test("names the key of the environment that is wrong", async () => {
    const folder = committed((app) =>
      edit(app, "slipway.yaml", (text) =>
        text.replace("database: { instance: medflow-staging }", "databse: {}"),
      ),
    )
    const { code, said } = await call(folder, "rehearse", "--env", "staging")
    expect(said).toMatch(
      /slipway\.yaml:\d+:5: unknown key "databse" in environments\.staging; did you mean "database"/,
    )
    expect(code).toBe(20)
  })

  test.each([
    [
      "an environment that is not there",
      ["--env", "stagin"],
      /no environment "stagin"; did you mean staging/,
    ],
    ["a scenario that is not there", ["--env", "staging", "--scenario", "crash-lop"], /crash-lop/],
  ])("names %s", async (_what, words, message) => {
    const { code, said } = await call(committed(), "rehearse", ...words)
    expect(said).toMatch(message)
    expect(code).toBe(20)
  })

  test("is refused without a word on whose signature counts", async () => {
    const image = `registry.example.org/backend@sha256:${"a".repeat(64)}`
    const { code, said } = await call(committed(), "deploy", "--env", "staging", "--images", image)
    expect(said).toMatch(/whose signature counts/)
    expect(code).toBe(20)
  })
})
