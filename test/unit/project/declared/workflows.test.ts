import { describe, expect, test } from "vitest"
import { servicesOfTests } from "../../../../ci/src/project/declared/choose.js"
import { surroundingsOf } from "../../../../ci/src/project/declared/environment.js"
import { titleOf } from "../../../../ci/src/project/declared/found.js"
import { readWorkflow } from "../../../../ci/src/project/declared/workflows.js"
import { testOf } from "../../../../ci/src/testing/python-suites.js"
import { projectOf, repositoryOf } from "../../projects.js"

const expression = (text: string) => `\${{ ${text} }}`

const WORKFLOW = `
env: { LEVEL: info }
jobs:
  test:
    runs-on: ubuntu-latest
    strategy: { matrix: { db: ["8.4", "9"] } }
    env: { TOKEN: "${expression("secrets.TOKEN")}" }
    services:
      sql:
        image: mysql:${expression("matrix.db")}
        ports: ["3307:3306"]
        env: { MYSQL_ROOT_PASSWORD: secret }
        options: --health-cmd="mysqladmin ping"
    steps:
      - run: |
          KEY=$(openssl rand -hex 4)
          echo "KEY=$KEY" >> $GITHUB_ENV
          cp .env.example .env
      - run: npm run migrate && npm test
        env:
          HOST: localhost
          PORT: "${expression("job.services.sql.ports['3306']")}"
          PASSWORD: "${expression("secrets.PASSWORD || 'secret'")}"
          URL: "${expression("secrets.URL || vars.URL")}"
`

describe("a workflow", () => {
  test("has jobs with services and steps; what only GitHub knows is left out", () => {
    const [job] = readWorkflow(".github/workflows/ci.yml", WORKFLOW)
    expect(job?.services).toMatchObject([
      {
        host: "sql",
        image: "mysql:8.4",
        published: { 3307: 3306 },
        env: { MYSQL_ROOT_PASSWORD: "secret" },
        ready: { command: "mysqladmin ping" },
        source: ".github/workflows/ci.yml:9",
      },
    ])
    expect(job?.steps.at(-1)?.env).toEqual({
      LEVEL: "info",
      KEY: "5a5a5a5a",
      HOST: "localhost",
      PORT: "3307",
      PASSWORD: "secret",
    })
  })

  test("sets variables in front of a command, in the scripts that it calls as well", async () => {
    const text = `jobs: { test: { runs-on: x, steps: [{ run: "cd api && LEVEL='very low' bash run.sh" }] } }`
    const app = await projectOf({
      "api/pyproject.toml": "[project]\nname = 'api'\ndependencies = ['pytest']",
      "api/run.sh": "echo A=1\nMODE=development PORT=$PORT coverage run -m pytest",
      ".github/workflows/ci.yml": text,
    })
    expect(app.declared.jobs[0]?.steps.map(({ env }) => env)).toEqual([
      { LEVEL: "very low" },
      { LEVEL: "very low" },
      { LEVEL: "very low", MODE: "development" },
    ])
  })

  const project = (text: string) =>
    projectOf({
      "package.json": {
        name: "app",
        scripts: { test: "node --test", migrate: "node migrate.js" },
        dependencies: { mysql2: "3" },
      },
      ".env.example": "A=1",
      ".github/workflows/ci.yml": text,
    })

  test("decides the services, variables and env files of the script that it runs", async () => {
    const app = await project(WORKFLOW)
    const script = { workspace: app.root, kind: "unit", script: "test" } as const
    const services = servicesOfTests(app, script)
    expect(services).toMatchObject([{ host: "sql", image: "mysql:8.4" }])
    expect(surroundingsOf(app, script, services)).toMatchObject({
      env: { HOST: "localhost", KEY: "5a5a5a5a" },
      files: { ".env": [{ copy: ".env.example" }] },
    })
  })

  test("gives its services to the packages that have a client, not to those beside them", async () => {
    const app = await projectOf({
      "package.json": { name: "app", workspaces: ["*"], scripts: { test: "npm test -ws" } },
      "orm/package.json": { name: "orm", scripts: { test: "jest" }, devDependencies: { mysql2: "3" } },
      "rules/package.json": { name: "rules", scripts: { test: "jest" }, devDependencies: { eslint: "9" } },
      "types/package.json": { name: "types", scripts: { test: "jest" }, dependencies: { orm: "*" } },
      "inner/package.json": { name: "inner", private: true, devDependencies: { mysql2: "3" } },
      "shop/package.json": { name: "shop", scripts: { test: "jest" }, dependencies: { inner: "*" } },
      ".github/workflows/ci.yml":
        "jobs: { test: { services: { sql: { image: 'mysql:8.4' } }, steps: [{ run: npm test }] } }",
    })
    const hosts = app.workspaces.map((workspace) =>
      servicesOfTests(app, { workspace, kind: "unit", script: "test" }).map(({ host }) => host),
    )
    const names = app.workspaces.map(({ name }) => name)
    expect(names).toEqual(["inner", "orm", "rules", "shop", "types"])
    expect(hosts).toEqual([["sql"], ["sql"], [], ["sql"], []])
    expect(servicesOfTests(app, { workspace: app.root, kind: "unit", script: "test" })).toHaveLength(1)
  })

  test("that runs the tests with nothing beside them says that they need nothing", async () => {
    const app = await project("jobs: { test: { steps: [{ run: npm test }] } }")
    expect(servicesOfTests(app, { workspace: app.root, kind: "unit", script: "test" })).toEqual([])
  })
})

describe("workflows that run on changes count before others", () => {
  const job = (trigger: string, node: number) =>
    `on: ${trigger}\njobs: { test: { steps: [{ uses: actions/setup-node@v4, with: { node-version: ${node} } }, { run: npm test }] } }`

  test.each([
    "{ schedule: [{ cron: 0 0 * * * }] }",
    "workflow_dispatch",
    "{ push: { tags: ['v*'] } }",
    "[release]",
  ])("such as %s", async (trigger) => {
    const { node } = await projectOf({
      "package.json": {},
      ".github/workflows/audit.yml": job(trigger, 24),
      ".github/workflows/ci.yml": job("[push, pull_request]", 20),
    })
    expect(node).toBe("20")
  })
})

test("tests called py.test get the services of their job, and an image with a digest has a version", async () => {
  const project = (
    await repositoryOf({
      "requirements.txt": "pytest\npsycopg2\n",
      "tests/test_app.py": "",
      ".github/workflows/test.yml": `on: push\njobs: { test: { services: { db: { image: "postgres:16.2@sha256:${"0".repeat(64)}" } }, steps: [{ run: poetry run py.test }] } }`,
    })
  ).projects[0]
  const services = project ? servicesOfTests(project, testOf(project)) : []
  expect(services.map((one) => [one.host, titleOf(one)])).toEqual([["db", "PostgreSQL 16.2"]])
})

test.each([
  ["vitest run --project server", ["PostgreSQL 14.2"]],
  ["vitest run -c other.ts", ["PostgreSQL 17"]],
])("tests that no job runs get the services of a job that runs a part of them: %s", async (part, titles) => {
  const app = await projectOf({
    "package.json": {
      scripts: { test: "vitest run", "test:server": part },
      dependencies: { pg: "8" },
    },
    "compose.yaml": { services: { db: { image: "postgres:17" } } },
    ".github/workflows/ci.yml": {
      jobs: {
        unit: { steps: [{ run: "npm run lint" }] },
        server: { services: { db: { image: "postgres:14.2" } }, steps: [{ run: "npm run test:server" }] },
      },
    },
  })
  const services = servicesOfTests(app, { workspace: app.root, kind: "unit", script: "test" })
  expect(services.map(titleOf)).toEqual(titles)
})

test("a job that another workflow calls counts before one that none calls, and each entry of a matrix has its own commands", async () => {
  const tested = (run: string) => ({ "runs-on": "ubuntu-latest", steps: [{ run }, { run: "npm test" }] })
  const project = await projectOf({
    "package.json": { scripts: { test: "jest" }, dependencies: { ioredis: "5", pg: "8" } },
    ".github/workflows/a.yml": JSON.stringify({
      on: "workflow_call",
      jobs: { old: { ...tested("true"), services: { cache: { image: "redis:5" } } } },
    }),
    ".github/workflows/b.yml": JSON.stringify({
      on: { workflow_call: {} },
      jobs: {
        test: {
          ...tested(`docker run -d -p 1:1 ${expression("matrix.image")}`),
          strategy: { matrix: { image: ["redis:7", "redis:8"] } },
        },
      },
    }),
    ".github/workflows/ci.yml": JSON.stringify({
      on: "push",
      jobs: { all: { uses: "./.github/workflows/b.yml" } },
    }),
  })
  const test = { workspace: project.root, kind: "unit", script: "test" } as const
  expect(servicesOfTests(project, test).map(titleOf)).toContain("Redis 7")
  const job = project.declared.jobs.find(({ name }) => name === "test")
  expect(job?.others?.map(({ services }) => services.map(({ image }) => image))).toEqual([["redis:8"]])
})

test("a script that a step calls does not run where the step does not", async () => {
  const project = await projectOf({
    "package.json": { scripts: { test: "jest" }, dependencies: { pg: "8" } },
    "up.sh": "docker run -p 5432:5432 postgres:12",
    ".github/workflows/ci.yml": JSON.stringify({
      on: "push",
      jobs: {
        test: {
          strategy: { matrix: { db: ["sqlite", "pg"] } },
          steps: [
            { run: "bash up.sh", if: "matrix.db == 'pg'" },
            { run: "npm test", env: { DB: expression("matrix.db") } },
          ],
        },
      },
    }),
  })
  const test = { workspace: project.root, kind: "unit", script: "test" } as const
  expect(servicesOfTests(project, test).map(titleOf)).not.toContain("PostgreSQL 12")
})
