import { describe, expect, test } from "vitest"
import { servicesOfTests } from "../../../../ci/src/project/declared/choose.js"
import { composeCalls } from "../../../../ci/src/project/declared/compose-calls.js"
import { type Files, projectOf } from "../../projects.js"

const call = (run: string, env = {}) => composeCalls([{ run, env, folder: "api" }])[0]

describe("a call of Docker Compose", () => {
  test.each([
    ["docker compose up -d", {}, { files: [], services: [] }],
    [
      "sudo docker-compose -f a.yml --file=../b.yml -p x up -d --wait db cache",
      {},
      { files: ["api/a.yml", "b.yml"], services: ["db", "cache"] },
    ],
    [
      "docker compose --env-file .env.test --profile a --profile b run -e X=1 --rm db true",
      {},
      { envFiles: ["api/.env.test"], profiles: ["a", "b"], services: ["db"] },
    ],
    [
      "docker compose up $WANTED",
      { WANTED: "db wait", COMPOSE_FILE: "a.yml:b.yml", COMPOSE_PROFILES: "a,b" },
      { files: ["api/a.yml", "api/b.yml"], profiles: ["a", "b"], services: ["db", "wait"] },
    ],
    ["COMPOSE_FILE=c.yml podman compose start db", {}, { files: ["api/c.yml"], services: ["db"] }],
  ])("%s", (run, env, expected) => {
    expect(call(run, env)).toMatchObject(expected)
  })

  test.each([
    "docker compose down",
    "docker compose exec db up",
    "docker run compose up",
  ])("is not %s", (run) => {
    expect(call(run)).toBeUndefined()
  })
})

const BASE = `services:
  db: { image: "postgres:\${PG:-15}", ports: ["5432:5432"], environment: { POSTGRES_DB: app } }
  cache: { image: "redis:6", profiles: [cache] }`
const OVER = `services: { db: { ports: ["6543:5432"], environment: { POSTGRES_PASSWORD: "\${PASSWORD:-}" } } }`

async function given(runs: readonly string[], files: Files = {}, step = {}) {
  const project = await projectOf({
    "package.json": {
      scripts: { test: "jest", up: "docker compose --profile cache up -d" },
      dependencies: { pg: "8", redis: "5" },
    },
    "docker-compose.yml": BASE,
    "ci/over.yml": OVER,
    ".env.ci": "PG=13\nPASSWORD=secret",
    ".github/workflows/ci.yml": JSON.stringify({
      on: "push",
      jobs: {
        test: { "runs-on": "ubuntu-latest", steps: [...runs, "npm test"].map((run) => ({ run, ...step })) },
      },
    }),
    ...files,
  })
  const all = servicesOfTests(project, { workspace: project.root, kind: "unit", script: "test" })
  return all.map(({ image, published, env }) =>
    [image, Object.keys(published).join(), env.POSTGRES_PASSWORD].join(" ").trim(),
  )
}

describe("tests get what their job has Compose start", () => {
  test("of several files, one laid over the other", async () => {
    expect(await given(["docker compose -f docker-compose.yml -f ci/over.yml up -d"])).toEqual([
      "postgres:15 5432,6543 test",
    ])
    expect(
      await given(["docker compose up -d"], {}, { env: { COMPOSE_FILE: "docker-compose.yml:ci/over.yml" } }),
    ).toEqual(["postgres:15 5432,6543 test"])
  })

  test("with the variables of its shell and of the env file that it names", async () => {
    expect(await given(["docker compose up -d"], {}, { env: { PG: "12" } })).toEqual(["postgres:12 5432"])
    expect(
      await given(["docker compose --env-file .env.ci -f docker-compose.yml -f ci/over.yml up -d"]),
    ).toEqual(["postgres:13 5432,6543 secret"])
  })

  test("of profiles, those that it or an env file names", async () => {
    expect(await given(["npm run up"])).toEqual(["postgres:15 5432", "redis:6"])
    expect(await given(["docker compose up -d db"])).toEqual(["postgres:15 5432"])
    expect(await given(["docker compose up -d cache db"])).toEqual(["postgres:15 5432", "redis:6"])
    expect(await given(["docker compose up -d"], { ".env": "COMPOSE_PROFILES=cache" })).toEqual([
      "postgres:15 5432",
      "redis:6",
    ])
  })

  test("of files for several machines, those of this one", async () => {
    const files = {
      "up.sh":
        "if arm; then docker compose -f compose-arm64.yml up; else docker compose -f compose-x.yml up; fi",
    }
    const services = (image: string) => `services: { db: { image: "${image}" } }`
    const both = {
      ...files,
      "compose-arm64.yml": services("arm64v8/postgres:9"),
      "compose-x.yml": services("postgres:17"),
    }
    expect(await given(["./up.sh"], { ...both, "up.sh": `#!/bin/sh\n${files["up.sh"]}` })).toEqual([
      "postgres:17",
    ])
  })
})
