import { describe, expect, test } from "vitest"
import { servicesOfApp, servicesOfTests } from "../../../ci/src/project/declared/choose.js"
import { accessTo } from "../../../ci/src/project/services.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { projectOf, workspaceOf } from "../projects.js"

type Files = Readonly<Record<string, string | object>>

interface Setup {
  readonly dependencies?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly files?: Files
  readonly yaml?: string
}

const folder = ({ dependencies = [], scripts = {}, files = {} }: Setup): Files => ({
  "package.json": {
    name: "app",
    scripts,
    dependencies: Object.fromEntries(dependencies.map((name) => [name, "1"])),
  },
  ...files,
})

/** The services of the tests of a script, in a few words. */
async function services(setup: Setup, script = "test:integration") {
  const project = await projectOf(folder(setup), parseConfig(setup.yaml ?? ""))
  const kind = /integration/.test(script) ? "integration" : "unit"
  return servicesOfTests(project, { workspace: project.root, kind, script })
}

const words = (all: Awaited<ReturnType<typeof services>>) =>
  all.map(({ host, image, required, source }) => `${host} ${image} ${required ? "must" : "may"} ${source}`)

const DB = (image: string, rest = "") =>
  `services:\n  db: { image: ${image}, ports: ['55432:5432']${rest} }\n`

describe("tests get", () => {
  test.each([
    ["pg", "postgres postgres:15-alpine"],
    ["mysql2", "mysql mysql:8.4"],
    ["@mikro-orm/mysql", "mysql mysql:8.4"],
    ["@fastify/postgres", "postgres postgres:15-alpine"],
    ["mongoose", "mongo mongo:7"],
    ["ioredis", "redis redis:7-alpine"],
    ["amqplib", "rabbitmq rabbitmq:3"],
  ])("what their package %s talks to", async (name, expected) => {
    expect(words(await services({ dependencies: [name] }))).toEqual([`${expected} must its packages`])
  })

  test("no database without a client", async () => {
    expect(await services({ dependencies: ["fastify"] })).toEqual([])
  })

  test("none that a package runs inside the test process", async () => {
    expect(await services({ dependencies: ["mongoose", "mongodb-memory-server"] })).toEqual([])
  })

  test.each([
    ["the same database", "postgres://app:secret@localhost:55432/app?schema=public", true],
    ["another database", "postgresql://app:secret@localhost:55432/app_test", false],
    ["a port that nothing publishes", "postgresql://app:secret@localhost:5432/app", false],
  ])("the address that an env file of tests has of %s", async (_what, address, taken) => {
    const settings = ", environment: { POSTGRES_USER: app, POSTGRES_PASSWORD: secret }"
    const found = await services({
      dependencies: ["pg"],
      files: {
        "compose.yaml": DB("postgres:16", settings),
        "config/.env.test": `DATABASE_URL="${address}"\nLOG=off\n`,
      },
    })
    const { env } = accessTo(found)
    expect(env.DATABASE_URL).toBe(taken ? address : "postgresql://app:secret@db:5432/app")
    expect(env).toMatchObject({ PGHOST: "db" })
    expect(env).not.toHaveProperty("LOG")
  })

  test("the compose file's, in its version", async () => {
    const files = { "compose.yaml": DB("postgres:16") }
    expect(words(await services({ dependencies: ["pg"], files }))).toEqual([
      "db postgres:16 must compose.yaml:2",
    ])
  })

  test.each<[what: string, files: Files, expected: string, script?: string]>([
    [
      "a file that it includes",
      { "compose.yaml": "include: [infra/db.yml]\n", "infra/db.yml": DB("postgres:14") },
      "db postgres:14 must infra/db.yml:2",
    ],
    [
      "a file that it extends",
      {
        "compose.yaml": "services:\n  db:\n    extends: { file: ./common.yml, service: pg }\n",
        "common.yml": "services: { pg: { image: 'postgres:13' } }\n",
      },
      "db postgres:13 must compose.yaml:2",
    ],
    [
      "a file for desks, where there is no other",
      { "docker/docker-compose.dev.yml": DB("postgres:12") },
      "db postgres:12 must docker/docker-compose.dev.yml:2",
    ],
    [
      "the file of another name that its script starts",
      { "ops/stack.yml": DB("postgres:11"), "compose.yaml": DB("postgres:16") },
      "db postgres:11 must ops/stack.yml:2",
      "docker compose -f ops/stack.yml up -d && node --test",
    ],
    [
      "no file, where its image has no value",
      { "compose.yaml": DB(`\${DB_IMAGE}`) },
      "postgres postgres:15-alpine must its packages",
    ],
  ])("the database of %s", async (_what, files, expected, script = "node --test") => {
    const scripts = { "test:integration": script }
    expect(words(await services({ dependencies: ["pg"], scripts, files }))).toEqual([expected])
  })

  test("services of unknown kinds for integration tests, if they can be had", async () => {
    const files = { "compose.yaml": DB("vendor/search:2") }
    expect(words(await services({ files }))).toEqual(["db vendor/search:2 may compose.yaml:2"])
    expect(await services({ files }, "test")).toEqual([])
  })

  test("a database for the plain script test, if it can be had", async () => {
    const files = { "docker-compose.yml": DB("postgres:16", ", healthcheck: {}") }
    expect(words(await services({ dependencies: ["pg"], files }, "test"))).toEqual([
      "db postgres:16 may docker-compose.yml:2",
    ])
    expect(await services({ dependencies: ["pg"], files }, "test:unit")).toEqual([])
  })

  test("slipway.yaml's before all others", async () => {
    const yaml =
      "services: { sql: { image: 'mysql:9', port: 3306 }, mail: { image: 'mail:1', port: 1025, unit: true } }"
    const setup = { dependencies: ["mysql2"], files: { "compose.yaml": DB("mysql:8") }, yaml }
    expect(words(await services(setup))).toEqual([
      "sql mysql:9 must slipway.yaml",
      "mail mail:1 must slipway.yaml",
    ])
    expect(words(await services(setup, "test:unit"))).toEqual(["mail mail:1 must slipway.yaml"])
  })

  test("the services that their script starts, from the file that it names", async () => {
    const scripts = {
      "test:integration": "node --test",
      "pretest:integration": "docker compose -f it/stack.compose.yaml up -d db",
    }
    const stack =
      "services: { db: { image: 'postgres:17', depends_on: [base] }, base: { image: 'x/base' }, other: { image: 'x/other' } }"
    const files = {
      "it/stack.compose.yaml": "",
      "it/compose.stack.yaml": stack,
      "compose.yaml": DB("postgres:16"),
    }
    const named = { ...scripts, "pretest:integration": "docker compose -f it/compose.stack.yaml up -d db" }
    expect(words(await services({ dependencies: ["pg"], scripts: named, files }))).toEqual([
      "db postgres:17 must it/compose.stack.yaml:1",
      "base x/base may it/compose.stack.yaml:1",
    ])
  })

  test("the database of their Prisma schema", async () => {
    const files = { "prisma/schema.prisma": 'datasource db {\n  provider = "mysql"\n}' }
    expect(words(await services({ dependencies: ["@prisma/client"], files }))).toEqual([
      "mysql mysql:8.4 must its packages",
    ])
  })

  test("the PostgreSQL of the section postgres", async () => {
    const found = await services({
      dependencies: ["pg"],
      yaml: "postgres: { version: 16, database: clinic }",
    })
    expect(found[0]).toMatchObject({
      image: "postgres:16-alpine",
      env: { POSTGRES_DB: "clinic", POSTGRES_USER: "test" },
    })
  })
})

test("a program of the app gets a database to migrate where its packages name none", async () => {
  const project = await projectOf(folder({ dependencies: ["fastify"] }))
  const root = workspaceOf(project, "")
  expect(servicesOfApp(project, root, true).map(({ host }) => host)).toEqual(["postgres"])
  expect(servicesOfApp(project, root, false)).toEqual([])
})

test("programs find services by host name and on localhost", async () => {
  const text = DB("postgres:16", ", environment: { POSTGRES_USER: news, POSTGRES_PASSWORD: 'p w' }")
  const found = await services({ dependencies: ["pg"], files: { "compose.yaml": text } })
  expect(accessTo(found)).toMatchObject({
    env: { DATABASE_URL: "postgresql://news:p%20w@db:5432/news", PGHOST: "db" },
    local: { 55432: "db:5432" },
  })
})

test.each([
  ["services:\n  redis: { image: redis }\n", /slipway\.yaml:2:3: missing key "port"/],
  ["services:\n  redis: { image: redis, prot: 1 }\n", /2:26: unknown key "prot"/],
])("a service that is described wrongly is refused where it is: %#", (yaml, message) => {
  expect(() => parseConfig(yaml)).toThrow(message)
})
