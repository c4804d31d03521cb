import { describe, expect, test } from "vitest"
import { bareService } from "../../../ci/src/project/declared/found.js"
import type { Pulls } from "../../../ci/src/project/docker-daemon.js"
import { gated } from "../../../ci/src/run/gate.js"
import { withoutBrowser } from "../../../ci/src/testing/browsers.js"
import { judge } from "../../../ci/src/testing/judge.js"
import { withoutServices } from "../../../ci/src/testing/lacking.js"
import { bad, KNOWN, PASS, REPORT, ran, report } from "./ran.js"

const failure = (message: string) => `<testcase name="b"><failure>${message}</failure></testcase>`
const REFUSED = "Error: connect ECONNREFUSED 127.0.0.1:3000"
const NOTHING = {
  missing: [],
  local: {},
  replaced: [],
  docker: { kind: "none", line: "tests: { docker: true }" },
  pulls: { refused: {}, pulled: {} },
  absent: [],
} as const

const suite = (script: string, ...cases: string[]) =>
  withoutServices(judge(ran(bad(1), { [REPORT]: report(...cases) }, REFUSED), KNOWN), script, NOTHING)

test("end-to-end tests that find no running app are errored, with its port", () => {
  expect(suite("test:e2e", failure(REFUSED), PASS)).toMatchObject({
    verdict: "errored",
    summary: expect.stringContaining("look for the running app on localhost:3000"),
  })
})

test("a test that fails otherwise is the code's, as is one that should start its server", () => {
  expect(suite("test:e2e", failure(REFUSED), failure("no title")).verdict).toBe("failed")
  expect(suite("test", failure(REFUSED)).verdict).toBe("failed")
})

describe("tests that find no browser", () => {
  const log = "browserType.launch: Executable doesn't exist at /root/.cache/ms-playwright/chromium"
  const judged = (...cases: string[]) =>
    withoutBrowser(judge(ran(bad(1), { [REPORT]: report(...cases) }, log), KNOWN), "the tests of test")
  const by = (lenient: boolean) => ({ gate: "own", policy: "default", lenient, base: null }) as const

  test("are errored in CI and under `policy: strict`, and a visible skip on a laptop", () => {
    const result = judged(failure(log))
    expect(gated(result, by(false))).toMatchObject({ verdict: "errored", tests: [] })
    expect(gated(result, by(true))).toMatchObject({
      verdict: "skipped",
      summary: expect.stringContaining("the tests of test need a browser"),
      unchecked: [{ what: "the tests of test" }],
    })
  })

  test("are failed where another test fails beside them", () => {
    expect(gated(judged(failure(log), failure("1 is not 2")), by(true)).verdict).toBe("failed")
  })
})

const DOWNLOAD =
  "Error: request to https://binaries.example.com/engine.gz failed, reason: getaddrinfo ENOTFOUND binaries.example.com"

const logged = (log: string, ...cases: string[]) =>
  withoutServices(judge(ran(bad(1), { [REPORT]: report(...cases) }, log), KNOWN), "test", NOTHING)

test("tests that cannot run without a host on the internet are errored, and name it", () => {
  const expected = {
    verdict: "errored",
    summary: "binaries.example.com is not reachable here; the script test cannot run without it",
  }
  expect(logged(DOWNLOAD)).toMatchObject(expected)
  expect(logged("", failure(DOWNLOAD), failure(DOWNLOAD), PASS)).toMatchObject(expected)
})

test("a suite is red for another test that failed beside those, and for a failure after its tests", () => {
  expect(logged("", failure(DOWNLOAD), failure("1 is not 2")).verdict).toBe("failed")
  expect(logged(DOWNLOAD, PASS).verdict).toBe("failed")
})

describe("tests that start containers", () => {
  const around = (docker: "none" | "daemon", pulls: Partial<Pulls> = {}) => ({
    ...NOTHING,
    docker: { kind: docker, line: NOTHING.docker.line },
    pulls: { ...NOTHING.pulls, ...pulls },
  })
  const judged = (log: string, given: ReturnType<typeof around>) =>
    withoutServices(judge(ran(bad(1), { [REPORT]: report(failure("no")) }, log), KNOWN), "test", given)

  test("are errored without Docker, with the line that brings it", () => {
    expect(judged("Could not find a working container runtime strategy", around("none"))).toMatchObject({
      verdict: "errored",
      tests: [],
      summary: expect.stringContaining("Write `tests: { docker: true }` into slipway.yaml"),
    })
  })

  test("are errored where an image cannot be pulled, with its name", () => {
    const why =
      'failed to resolve image "docker.io/acme/api:7" (platform: "linux/amd64"): acme/api:7: not found'
    const summary = "cannot pull `acme/api:7`, of which the tests start a container: not found"
    const refused = { refused: { "acme/api:7": why } }
    expect(judged("", around("daemon", refused))).toMatchObject({ verdict: "errored", summary })
    const byDigest = "Error: (HTTP code 404) manifest for acme/api@sha256:0a not found: manifest unknown"
    expect(judged(byDigest, around("daemon")).summary).toMatch(/^cannot pull `acme\/api@sha256:0a`/)
  })

  test("are errored on MariaDB in a container of MySQL", () => {
    const pulled = { pulled: { "mysql:8.4": ["PATH=/bin", "MARIADB_VERSION=10.11"] } }
    expect(judged("", around("daemon", pulled)).summary).toMatch(/on MariaDB 10\.11 instead of MySQL 8\.4/)
  })

  test("are failed where they fail with all images there", () => {
    expect(judged("1 is not 2", around("daemon")).verdict).toBe("failed")
  })
})

/** Tests with no services around them that ended with exit code 1. */
const red = (log: string, ...cases: string[]) =>
  withoutServices(judge(ran(bad(1), { [REPORT]: report(...cases) }, log), KNOWN), "test", NOTHING)

describe("tests that need a variable which nobody set", () => {
  test.each([
    [
      "MissingEnvVarsError: The following variables were defined in .env.example but are not present in the environment:\n  EMAIL_PORT, EMAIL_HOST",
      "EMAIL_PORT",
    ],
    ["Error: env must have required property 'JWT_SECRET'", "JWT_SECRET"],
    ['Error: Config validation error: "PORT" must be a number. "DB_URL" is required', "DB_URL"],
    ['EnvVarError: env-var: "DB_HOST" is a required variable, but it was not set', "DB_HOST"],
    ["error: Environment variable not found: DATABASE_URL.", "DATABASE_URL"],
    ["Error: Environment variable SECRET_KEY is not defined", "SECRET_KEY"],
  ])("are errored, and name it: %s", (log, name) => {
    expect(red(log)).toMatchObject({
      verdict: "errored",
      summary: expect.stringContaining(`the variable ${name} is not set`),
    })
    expect(red("", failure(log.replaceAll('"', "&quot;")))).toMatchObject({ verdict: "errored" })
  })

  test("are red where another test failed for its own reason, and where they say no more than a name", () => {
    const log = "Error: Environment variable SECRET_KEY is not defined"
    expect(red(log, failure(log), failure("1 is not 2")).verdict).toBe("failed")
    expect(red("TypeError: SECRET_KEY is not a function").verdict).toBe("failed")
  })
})

describe("tests that need an env file which is not there", () => {
  test.each([
    [
      "Error: Failed to find .env file at default paths: [./.env,./.env.js]\n    at getEnvFile (a.js:1:2)",
      ".env",
    ],
    ["> test\n> node --env-file=.env.test --test\n\nnode: .env.test: not found", ".env.test"],
    ["> test\n> bash run.sh\n\nrun.sh: line 2: ./.env: No such file or directory", "./.env"],
    ["Error: ENOENT: no such file or directory, open '/app/api/.env'", "api/.env"],
    ["FileNotFoundError: [Errno 2] No such file or directory: '.env'", ".env"],
  ])("are errored, and name it: %s", (log, file) => {
    expect(red(log)).toMatchObject({
      verdict: "errored",
      summary: expect.stringContaining(`the file ${file} is not in the repository`),
    })
  })

  test("are red where a test failed, or where something else was the cause", () => {
    const log = "Error: ENOENT: no such file or directory, open '.env'"
    expect(red(log, failure("1 is not 2")).verdict).toBe("failed")
    expect(red("cat: .env: No such file or directory\nTypeError: x is not a function").verdict).toBe("failed")
    expect(red("Error: ENOENT: no such file or directory, open 'data.json'").verdict).toBe("failed")
  })
})

test.each([
  ["prepared transactions are disabled", "PostgresError: prepared transactions are disabled"],
  ['extension "vector" is not available', 'error: extension "vector" is not available'],
])("tests of a service that is not set up for them are errored: %s", (said, message) => {
  const of = (...cases: string[]) =>
    withoutServices(judge(ran(bad(1), { [REPORT]: report(...cases) }, message), KNOWN), "test", NOTHING)
  expect(of(failure(message), PASS)).toMatchObject({
    verdict: "errored",
    summary: expect.stringContaining(`not set up for them: ${said}`),
  })
  expect(of().verdict).toBe("errored")
  expect(of(failure(message), failure("1 is not 2")).verdict).toBe("failed")
})

test("an older Redis answers for what it does not know alone, and for newer ones alone", () => {
  const of = (image: string, ...cases: string[]) =>
    withoutServices(judge(ran(bad(1), { [REPORT]: report(...cases) }), KNOWN), "test", {
      ...NOTHING,
      pulls: { refused: {}, pulled: { [image]: ["OLDER_REDIS=7.0"] } },
    })
  const unknown = failure("ReplyError: ERR wrong number of arguments for 'zrank' command")
  expect(of("redis:8", unknown)).toMatchObject({
    verdict: "errored",
    summary:
      "1 of 1 test failed, on Redis 7.0 instead of Redis 8: run the tests on an engine that has redis:8",
  })
  expect(of("valkey/valkey:8-alpine", unknown).verdict).toBe("errored")
  expect(of("redis", unknown).verdict).toBe("errored")
  expect(of("redis:7-alpine", unknown).verdict).toBe("errored")
  expect(of("redis:7.0", unknown).verdict).toBe("failed")
  expect(of("redis:8", unknown, failure("1 is not 2")).verdict).toBe("failed")
})

describe("tests that look for a server which is not here are errored, with its name and what to write", () => {
  const etcd = {
    ...bareService("store", "quay.io/coreos/etcd:v3.5.17", null, "scripts/compose.yaml:9"),
    ports: [2379],
    published: { 2380: 2379 },
  }
  const found = (log: string, local = {}) =>
    withoutServices(judge(ran(bad(1), { [REPORT]: report(failure("no value")) }, log), KNOWN), "test", {
      ...NOTHING,
      absent: [etcd],
      local,
    })

  test.each([
    [
      "14 UNAVAILABLE: Last error: connect ECONNREFUSED 127.0.0.1:2380",
      "quay.io/coreos/etcd:v3.5.17 (scripts/compose.yaml:9) on localhost:2380",
      "store",
      2379,
    ],
    [
      "Error: getaddrinfo ENOTFOUND store",
      "quay.io/coreos/etcd:v3.5.17 (scripts/compose.yaml:9) on store",
      "store",
      2379,
    ],
    ["connect ECONNREFUSED ::1:11211", "memcached on localhost:11211", "memcached", 11211],
    [
      'connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
      "PostgreSQL on localhost:5432",
      "postgres",
      5432,
    ],
    ["Error 111 connecting to localhost:6379. Connection refused.", "Redis on localhost:6379", "redis", 6379],
    ["localhost:27017: [Errno 111] Connection refused", "MongoDB on localhost:27017", "mongo", 27017],
  ])("%s", (log, what, host, port) => {
    expect(found(log)).toMatchObject({ verdict: "errored", cause: "service", tests: [] })
    expect(found(log).summary).toContain(`the tests look for ${what}, where nothing listens`)
    expect(found(log).summary).toMatch(
      new RegExp(`services: \\{ ${host}: \\{ image: "[^"]+", port: ${port}, unit: true`),
    )
  })

  test.each([
    `OperationalError(2003, "Can't connect to MySQL server on 'localhost' ([Errno 2] No such file or directory)")`,
    "Error: connect ENOENT /var/run/mysqld/mysqld.sock",
    'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory',
  ])("also at a socket: %s", (log) => {
    expect(found(log)).toMatchObject({ verdict: "errored", summary: expect.stringContaining("at a socket") })
    expect(found("Error: connect ENOENT /tmp/app.sock").verdict).toBe("failed")
  })

  test("but not where the port leads to a service, and no one has described what else is there", () => {
    expect(found("connect ECONNREFUSED 127.0.0.1:2380", { 2380: "store:2379" }).verdict).toBe("failed")
    expect(found("connect ECONNREFUSED 127.0.0.1:2381").verdict).toBe("failed")
  })
})
