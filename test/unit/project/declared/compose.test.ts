import { describe, expect, test } from "vitest"
import { readCompose, type Surroundings } from "../../../../ci/src/project/declared/compose.js"
import type { Compose } from "../../../../ci/src/project/declared/found.js"

const AROUND: Surroundings = { files: [], env: {} }

function compose(text: string, around: Partial<Surroundings> = {}, file = "compose.yaml"): Compose {
  const read = readCompose({ file, text }, { ...AROUND, ...around })
  if (read === null) throw new Error("the file is not valid")
  return read
}

const NEWS = `
x-env: &env { POSTGRES_PASSWORD: news }
services:
  database:
    image: postgres:16-alpine
    container_name: news-db
    environment: { <<: *env, POSTGRES_USER: "\${DB_USER:-news}", POSTGRES_DB: "\${DB}" }
    volumes: ["./db/init.sql:/docker-entrypoint-initdb.d/init.sql:ro", "data:/var/lib/postgresql/data"]
    ports: ["55432:5432"]
    healthcheck: { test: ["CMD", "pg_isready", "-U", "news app"] }
  mail:
    image: axllent/mailpit:v1.21
    command: ["--smtp-auth-accept-any"]
    ports: ["127.0.0.1:51025:1025", { target: 8025, published: 58025 }, "1110"]
    depends_on: { database: { condition: service_healthy } }
  admin: { image: other/admin, profiles: [debug] }
  console: { image: "dpage/pgadmin4:8" }
  web: { build: ., environment: [PORT=3000, "DB_HOST=database"] }
  proxy: { image: "nginx:1", volumes: ["/var/run/docker.sock:/var/run/docker.sock"] }
  database-setup: { image: "postgres:16-alpine", command: psql }
`

describe("the variables of a compose file", () => {
  const text = `services: { db: { image: "postgres:\${V:?set it}", env_file: db.env, ports: ["\${PORT}:5432"], environment: { A: "\${A:+b}" } } }`
  const of = (env: Surroundings["env"]) => {
    const { services } = compose(text, { env }, "ops/compose.yaml")
    return services.map(({ image, env, published }) => ({ image, env, published }))[0]
  }

  test.each([
    ".env",
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    "example.env",
  ])("come from %s beside it", (name) => {
    const env = { [`ops/${name}`]: { V: "16", PORT: "5433", A: "1" }, "ops/db.env.sample": { B: "2" } }
    expect(of(env)).toEqual({ image: "postgres:16", env: { A: "b", B: "2" }, published: { 5433: 5432 } })
  })

  test("come from the env file itself where both are there", () => {
    const env = { "ops/.env.example": { V: "15" }, "ops/.env": { V: "16" } }
    expect(of(env)).toMatchObject({ image: "postgres:16" })
  })

  test("publish no port of a variable without a value", () => {
    expect(of({ "ops/.env": { V: "16" } })).toEqual({ image: "postgres:16", env: { A: "" }, published: {} })
  })
})

describe("a compose file", () => {
  const files = ["db/init.sql"]

  test("describes services with image, variables, ports, mounts and their place", () => {
    const [database] = compose(NEWS, { files, env: { ".env": { DB: "letters" } } }).services
    expect(database).toMatchObject({
      host: "database",
      aliases: ["news-db"],
      image: "postgres:16-alpine",
      technology: { name: "PostgreSQL" },
      env: { POSTGRES_PASSWORD: "news", POSTGRES_USER: "news", POSTGRES_DB: "letters" },
      ports: [5432],
      published: { 55432: 5432 },
      mounts: { "/docker-entrypoint-initdb.d/init.sql": "db/init.sql" },
      ready: { command: "pg_isready -U 'news app'" },
      source: "compose.yaml:4",
    })
  })

  test("describes ports in each form, commands and needs", () => {
    expect(compose(NEWS, { files }).services[1]).toMatchObject({
      technology: { name: "mail catcher" },
      command: ["--smtp-auth-accept-any"],
      ports: [1025, 8025, 1110],
      published: { 51025: 1025, 58025: 8025 },
      needs: ["database"],
    })
  })

  test("leaves out tools for people, and what is built, needs Docker or runs once", () => {
    const { services, programs } = compose(NEWS, { files })
    expect(services.map(({ host, profiles }) => ({ host, profiles }))).toEqual([
      { host: "database" },
      { host: "mail" },
      { host: "admin", profiles: ["debug"] },
    ])
    expect(programs).toEqual({ web: { PORT: "3000", DB_HOST: "database" } })
  })

  test("leaves out what waits for a program of the project, but databases", () => {
    const { services } = compose(`
services:
  api: { build: . }
  front: { image: "nginx:alpine", depends_on: { api: { condition: service_healthy } } }
  database: { image: "postgres:16", depends_on: [api] }
`)
    expect(services.map(({ host }) => host)).toEqual(["database"])
  })

  test("takes a service that is built on a database as that database, with the files that its Dockerfile copies", () => {
    const built = (dockerfile: string, more = "") =>
      compose(
        `services: { db: { build: { context: db, args: { V: "16" } }, ports: ["5433:5432"], environment: { POSTGRES_DB: app }${more} } }`,
        { files: ["db/init.sql", "db/conf/a.conf"], dockerfiles: new Map([["db/Dockerfile", dockerfile]]) },
      )
    const whole = `ARG V=15\nFROM postgres:\${V}-alpine\nENV POSTGRES_USER=app POSTGRES_DB=other
COPY --chown=postgres init.sql /docker-entrypoint-initdb.d/\nCOPY conf /etc/conf\nRUN chmod 644 /etc/conf/a.conf && apk add --no-cache tzdata
CMD ["postgres", "-c", "fsync=off"]`
    expect(built(whole)).toMatchObject({
      services: [
        {
          host: "db",
          image: "postgres:16-alpine",
          env: { POSTGRES_USER: "app", POSTGRES_DB: "app" },
          command: ["postgres", "-c", "fsync=off"],
          published: { 5433: 5432 },
          mounts: { "/docker-entrypoint-initdb.d/init.sql": "db/init.sql", "/etc/conf": "db/conf/" },
        },
      ],
      programs: {},
      unbuilt: [],
    })
    expect(built(whole, ", command: postgres").services[0]?.command).toEqual(["postgres"])
    expect(built("FROM postgres:16\nRUN openssl req -out /server.crt")).toMatchObject({
      services: [],
      unbuilt: [{ host: "db", image: "postgres:16", published: { 5433: 5432 } }],
    })
    expect(built("FROM node:22 AS a\nFROM postgres:16\nCOPY --from=a /x /y")).toMatchObject({
      services: [],
      unbuilt: [],
    })
    expect(built("FROM node:22")).toMatchObject({
      services: [],
      unbuilt: [],
      programs: { db: { POSTGRES_DB: "app" } },
    })
  })

  test("takes variables from the env files that it names, in its own folder", () => {
    const text =
      "services: { db: { image: mysql, env_file: [db.env, ../shared.env], environment: { A: 3 } } }"
    const env = { "app/db.env": { A: "1", B: "2" }, "shared.env": { C: "4" } }
    const [db] = compose(text, { env }, "app/compose.yaml").services
    expect(db?.env).toEqual({ A: "3", B: "2", C: "4" })
  })

  test("is merged with its override", () => {
    const over = "services: { db: { ports: ['3307:3306'], environment: { A: 2 } } }"
    const text = "services: { db: { image: mysql, environment: [A=1, B=1] } }"
    expect(
      readCompose({ file: "compose.yaml", text }, AROUND, [{ file: "compose.override.yaml", text: over }])
        ?.services[0],
    ).toMatchObject({
      env: { A: "2", B: "1" },
      published: { 3307: 3306 },
    })
  })

  test("splits a command of one text as a shell does", () => {
    const [db] = compose("services: { db: { image: postgres, command: -c 'max_connections=400' } }").services
    expect(db?.command).toEqual(["-c", "max_connections=400"])
  })

  test("takes over what a service extends", () => {
    const text = "services: { base: { image: redis, ports: ['1:6379'] }, cache: { extends: base } }"
    expect(compose(text).services[1]).toMatchObject({ image: "redis", published: { 1: 6379 } })
  })

  test("is not read where it is no valid YAML", () => {
    expect(readCompose({ file: "compose.yaml", text: "services: [" }, AROUND)).toBeNull()
  })
})

test.each([
  [
    "postgres:17",
    { POSTGRES_USER: `\${U}`, POSTGRES_PASSWORD: `\${P}`, POSTGRES_DB: "app" },
    { POSTGRES_USER: "test", POSTGRES_PASSWORD: "test", POSTGRES_DB: "app" },
  ],
  ["mariadb:11", { MARIADB_ROOT_PASSWORD: `\${P}` }, { MARIADB_ROOT_PASSWORD: "test" }],
  [
    "mysql:8",
    { MYSQL_ROOT_PASSWORD: "", MYSQL_ALLOW_EMPTY_PASSWORD: "yes" },
    { MYSQL_ROOT_PASSWORD: "", MYSQL_ALLOW_EMPTY_PASSWORD: "yes" },
  ],
])("gives a database a password where its variable has no value: %s", (image, environment, expected) => {
  const { services } = compose(JSON.stringify({ services: { db: { image, environment } } }))
  expect(services[0]?.env).toEqual(expected)
})
