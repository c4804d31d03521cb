import { describe, expect, test } from "vitest"
import type { App, AppService } from "../../../ci/src/app/describe.js"
import { verdictOf } from "../../../ci/src/deploy/compatible.js"
import { migrationImage } from "../../../ci/src/deploy/request.js"
import { liveApp } from "../../../ci/src/deploy/trial.js"
import { checksOf, ownError, wrongText } from "../../../ci/src/deploy/trial-text.js"
import type { Dockerfile } from "../../../ci/src/project/project.js"
import { notRun } from "../../../ci/src/run/run.js"

describe("the app's own error", () => {
  test.each<[string, string, string]>([
    [
      "a line of pino",
      '{"level":30,"msg":"listening"}\n{"level":50,"err":{"type":"DatabaseError","message":"column \\"phone\\" does not exist"},"msg":"failed"}',
      'column "phone" does not exist',
    ],
    [
      "an error whose text is withheld",
      '{"level":50,"err":{"type":"error","message":"withheld","code":"42703"},"msg":"failed"}',
      "withheld (42703)",
    ],
    [
      "a logger that has no error but its level",
      '{"level":50,"msg":"cannot read patients"}',
      "cannot read patients",
    ],
    [
      "a stack of Node.js",
      'ready\nerror: relation "rooms" does not exist\n    at Parser.parseErrorMessage (/app/pg.js:1:2)',
      'error: relation "rooms" does not exist',
    ],
    [
      "a traceback of Python",
      'Traceback (most recent call last):\npsycopg.errors.UndefinedColumn: column "a" does not exist',
      'psycopg.errors.UndefinedColumn: column "a" does not exist',
    ],
    [
      "what stands before our own lines",
      "Error: no table\nslipway: ended with exit code 1 (error)",
      "Error: no table",
    ],
  ])("is found in %s", (_what, log, error) => {
    expect(ownError(log)).toBe(error)
  })

  test("is null for a log that tells none", () => {
    expect(ownError('{"level":30,"msg":"GET /health 200"}\nslipway: an error of ours')).toBeNull()
  })

  test("stands with its service before the wrong answers", () => {
    const output = "✓ https://a.example/health\n✗ https://a.example/api answers 500 instead of 200"
    expect(wrongText({ web: "ready", api: 'error: column "a" does not exist' }, output)).toBe(
      'api: error: column "a" does not exist; https://a.example/api answers 500 instead of 200',
    )
  })
})

test("checks keep path and query, and are asked of the app here", () => {
  const check = { url: "https://a.example:8443/api?q=1", status: 404, contains: null }
  expect(checksOf({ checks: [check] }, "http://app:8080")).toMatchObject({
    origin: "http://app:8080",
    checks: [{ ...check, path: "/api?q=1" }],
  })
})

const DOCKERFILE: Omit<Dockerfile, "file" | "name"> = {
  label: "",
  workspace: null,
  context: "",
  ignored: [],
  reads: null,
  target: null,
  args: {},
  port: null,
  missing: [],
  secrets: [],
}

describe("the live release", () => {
  const service = (name: string, dockerfile = true): AppService => ({
    name,
    workspace: null,
    image: null,
    port: null,
    env: {},
    migrate: "npm run migrate",
    database: true,
    health: null,
    dockerfile: dockerfile ? { ...DOCKERFILE, file: `${name}/Dockerfile`, name } : null,
  })
  const app: App = {
    services: [service("web"), service("new"), service("mails", false)],
    routes: { "/": "web", "/new/": "new", "/mails/": "mails" },
    headers: {},
  }

  test("has the services of its images, without their migrations, and their routes", () => {
    const live = liveApp(app, new Set(["web", "worker"]))
    expect(live.services.map(({ name, migrate }) => [name, migrate])).toEqual([
      ["web", null],
      ["mails", null],
    ])
    expect(live.routes).toEqual({ "/": "web", "/mails/": "mails" })
  })

  test("cannot be tried without one of its images", () => {
    expect(() => liveApp(app, new Set(["other"]))).toThrow(/no service of the app is among the images/)
  })
})

test("the migration's image is its service's, or the one that it names", () => {
  const services = [{ name: "api", image: "backend" }]
  expect(migrationImage({ services, migration: { service: "api", image: null } })).toBe("backend")
  expect(migrationImage({ services, migration: { family: "migrate", image: "tools" } })).toBe("tools")
  expect(migrationImage({ services })).toBe("")
})

test("only what says something about the migration is kept", () => {
  const stage = notRun({ name: "compatible", needs: [] }, "")
  const kept = (
    verdict: "passed" | "failed" | "errored" | "skipped",
    cause: "incompatible" | "migration" | "errored" | null,
  ) => verdictOf({ ...stage, verdict, cause })?.verdict ?? null
  expect([
    kept("passed", null),
    kept("failed", "incompatible"),
    kept("failed", "migration"),
    kept("errored", "errored"),
    kept("skipped", null),
  ]).toEqual(["passed", "failed", "failed", null, null])
})
