import { describe, expect, test } from "vitest"
import { call, commitAll, edit, medflow, write } from "./support.js"

/** The example app as a git repository with one commit. */
function committed(change: (folder: string) => void = () => {}): string {
  const folder = medflow()
  change(folder)
  commitAll(folder)
  return folder
}

describe("a rehearsal of the example app's environments", () => {
  // It ends at its start where its schema is missing.
  const folder = committed((app) =>
    edit(app, "backend/src/server.ts", (text) =>
      text.replace("await app.listen", 'await pool.query("SELECT 1 FROM patients")\nawait app.listen'),
    ),
  )

  test("goes live in staging step by step, migrated on PostgreSQL before the app starts", async () => {
    const { code, said, stderr } = await call(folder, "rehearse", "--env", "staging", "--app")
    expect(code, said).toBe(0)
    expect(said).toMatch(
      /^SUCCEEDED +staging: [0-9a-f]{12} is live and proven good\nlive +backend +medflow-staging-backend:2/,
    )
    for (const step of ["order", "preflight", "snapshot", "migration", "rollout", "health"])
      expect(stderr).toMatch(new RegExp(`✓ ${step}\\b`))
  })

  test("waits for canary and bake time on the virtual clock alone", async () => {
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
      /^Error: ROLLED-BACK +staging: .*\ncause +container backend of backend exited with code 1/,
    ],
    ["migration-fails", 45, /^Error: FAILED +staging: the migration failed: .*\ncause +ERROR: relation/],
    ["superseded", 42, /^Error: SUPERSEDED +staging: /],
    ["never-finishes", 43, /^Error: STILL-RUNNING +staging: /],
    ["wrong-account", 44, /^Error: REFUSED +staging: /],
  ])("reports %s with its exit code, cause and live revisions", async (scenario, exitCode, words) => {
    const { code, said } = await call(folder, "rehearse", "--env", "staging", "--scenario", scenario)
    expect(said).toMatch(words)
    expect(said).toMatch(/^live +backend/m)
    expect(code).toBe(exitCode)
  })
})

test("fails with PostgreSQL's own error before the rollout if PostgreSQL rejects the migration", async () => {
  const wrong = { "backend/migrations/1767225600003_rooms.sql": "ALTER TABLE rooms ADD COLUMN floor int;\n" }
  const folder = committed((app) => write(app, wrong))
  const { code, said } = await call(folder, "rehearse", "--env", "staging", "--app")
  expect(said).toMatch(/FAILED +staging: the migration failed/)
  expect(said).toMatch(/relation "rooms" does not exist/)
  expect(said).toMatch(/live +backend +medflow-staging-backend:1 /)
  expect(code).toBe(45)
})

describe("waves", () => {
  const place = (region: string) => `
    account: "111111111111"
    region: ${region}
    cluster: medflow
    state: { bucket: medflow-state }
    services: [{ name: backend, container: backend, image: backend }]
    checks: [{ url: "https://medflow.example/health", attempts: 3, intervalSeconds: 5 }]
`
  const settings = `environments:
  eu-canary:${place("eu-central-1")}
  us-east:${place("us-east-1")}
waves:
  fleet: { order: [[eu-canary], [us-east]], bakeMinutes: 30, onFailure: rollback }
`
  const folder = committed((app) => write(app, { "slipway.yaml": settings }))

  test("that fail in the second one take the first one back, after its bake time and a look", async () => {
    const { code, said, stderr } = await call(
      folder,
      "rehearse",
      ...["--env", "fleet", "--scenario", "us-east=crash-loop"],
    )
    expect(said).toMatch(/waves fleet: .*\n +1 +eu-canary +taken back\n +2 +us-east +rolled back\n/)
    expect(code).toBe(40)
    expect(stderr).toMatch(/bake time of this wave: until .*[\s\S]*look: eu-canary[\s\S]*rollback: eu-canary/)
  })
})

describe("an invalid deployment", () => {
  test("names the wrong key of the environment", async () => {
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
    ["an unknown environment", ["--env", "stagin"], /"stagin"; did you mean staging/],
    ["an unknown scenario", ["--env", "staging", "--scenario", "crash-lop"], /crash-lop/],
  ])("names %s", async (_what, words, message) => {
    const { code, said } = await call(committed(), "rehearse", ...words)
    expect(said).toMatch(message)
    expect(code).toBe(20)
  })

  test("is refused without a trusted signer", async () => {
    const image = `registry.example.org/backend@sha256:${"a".repeat(64)}`
    const { code, said } = await call(committed(), "deploy", "--env", "staging", "--images", image)
    expect(said).toMatch(/no trusted signer.*\n?.*--key/s)
    expect(code).toBe(20)
  })
})
