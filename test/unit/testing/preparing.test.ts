import { describe, expect, test } from "vitest"
import { migrationScript } from "../../../ci/src/project/declared/migration-scripts.js"
import { suiteOf } from "../../../ci/src/testing/script.js"
import { projectOf } from "../projects.js"

const CONDITIONAL = `
const dockerCompose = require("docker-compose")
module.exports = async () => {
  if (await isPortReachable(54310)) return
  await dockerCompose.upAll({ cwd: __dirname })
  execSync('npm run db:migrate')
  execSync("npm run db:seed", { stdio: "inherit" })
}`
const COMPOSE = "services: { db: { image: 'postgres:16', ports: ['54310:5432'] } }"

async function prepared(setup: string, files: Readonly<Record<string, string>> = {}) {
  const project = await projectOf({
    "package.json": {
      name: "app",
      scripts: { test: "jest", "db:seed": "node seed.js", "db:migrate": "node migrate.js", db: "psql" },
      dependencies: { pg: "8", "docker-compose": "1" },
    },
    "test/docker-compose.yml": COMPOSE,
    "test/setup/global-setup.js": setup,
    ...files,
  })
  return suiteOf(project, "unit", {
    name: "",
    workspace: project.root,
    script: "test",
    because: "",
    include: [],
  }).prepare.map(({ text }) => text)
}

describe("before tests with services run", () => {
  test("the scripts of a test setup that does nothing where they already answer, in its order", async () => {
    expect(await prepared(CONDITIONAL)).toEqual(["db:migrate", "db:seed"])
  })

  test("none of a setup that runs them in any case", async () => {
    expect(await prepared('execSync("npm run db:migrate"); execSync("npm run db:seed")')).toEqual([])
  })

  test("none of another package's setup", async () => {
    const files = {
      "package.json": '{"name":"app","workspaces":["api"],"scripts":{"test":"jest","db:migrate":"x"}}',
      "api/package.json": "{}",
    }
    const project = await projectOf({ ...files, "api/jest-global-setup.ts": CONDITIONAL })
    const one = { name: "", workspace: project.root, script: "test", because: "", include: [] }
    expect(suiteOf(project, "unit", one).prepare).toEqual([])
  })
})

describe("before tests run the migrations of the team's CI", () => {
  const preparedBy = async (kind: "unit" | "integration", ...steps: readonly object[]) => {
    const scripts = { test: "vitest run", "db:migrate": "prisma migrate dev", "test:integration": "jest" }
    const project = await projectOf({
      "package.json": { name: "app", scripts, dependencies: { pg: "8" } },
      ".github/workflows/ci.yml": { jobs: { test: { steps } } },
    })
    const script = kind === "unit" ? "test" : "test:integration"
    const one = { name: "", workspace: project.root, script, because: "", include: [] }
    return suiteOf(project, kind, one).prepare
  }

  test.each([
    "prisma migrate deploy",
    "prisma db push --accept-data-loss",
    "drizzle-kit push",
    "knex --env test migrate:latest",
    "sequelize db:migrate",
    "typeorm migration:run -d src/db.ts",
    "node-pg-migrate up",
  ])("npx %s", async (command) => {
    const [one, ...others] = await preparedBy("unit", { run: `npx ${command}` }, { run: "npm test" })
    expect(others).toEqual([])
    expect(one).toEqual({ text: command, run: `(cd /app && npx --no-install ${command})` })
  })

  test("in their folder, with the variables that only they have", async () => {
    const step = {
      run: "pnpm prisma migrate deploy",
      env: { URL: "a b", CI: "1" },
      "working-directory": "db",
    }
    const [one] = await preparedBy("integration", step, { run: "npm run test:integration" })
    expect(one?.run).toBe("(cd /app/db && URL='a b' npx --no-install prisma migrate deploy)")
  })

  test.each([
    ["after them", [{ run: "npm test" }, { run: "npx prisma migrate deploy" }]],
    ["that only look", [{ run: "npx prisma migrate status && npx prisma generate" }, { run: "npm test" }]],
    ["with a value of its shell", [{ run: 'npx prisma db push --url "$(cat url)"' }, { run: "npm test" }]],
  ])("but none %s", async (_, steps) => {
    expect(await preparedBy("unit", ...steps)).toEqual([])
  })

  const scripts = {
    test: "vitest run",
    migrate: "node-pg-migrate",
    "db:setup": "tsx scripts/setup.ts",
    "db:start": "docker compose up -d db",
    "db:load": "psql -f schema.sql",
    "db:fill": "bash scripts/fill.sh",
    seed: "prisma db seed",
    generate: "prisma generate",
    ready: "npm run generate && NODE_ENV=test npm run seed",
    check: "npm run ready && npm test && npm run db:setup",
  }
  const textsBy = async (...runs: readonly string[]) => {
    const project = await projectOf({
      "package.json": { name: "app", scripts, dependencies: { pg: "8" } },
      ".github/workflows/ci.yml": { jobs: { test: { steps: runs.map((run) => ({ run })) } } },
    })
    const one = { name: "", workspace: project.root, script: "test", because: "", include: [] }
    return suiteOf(project, "unit", one).prepare.map(({ run }) => run)
  }

  test.each([
    ["in their order", ["npx prisma db push", "npm run seed", "npm test"]],
    ["with their arguments", ["npm run migrate -- up -m db", "npm test"]],
    ["with their variables", ["URL=test npm run db:setup", "npm test"]],
    ["through other scripts, up to the tests", ["npm run check"]],
    [
      "but not those that start containers, use clients or wait",
      ["npm run db:start && npm run db:load && npm run db:fill", "npm run seed &", "npm test"],
    ],
    ["nor a tool without a word", ["npm run migrate", "npm test"]],
  ])("by scripts, %s", async (claim, runs) => {
    expect(await textsBy(...runs)).toEqual(
      {
        "in their order": ["(cd /app && npx --no-install prisma db push)", "npm run --silent seed"],
        "with their arguments": ["npm run --silent migrate -- up -m db"],
        "with their variables": ["URL=test npm run --silent db:setup"],
        "through other scripts, up to the tests": ["npm run --silent ready"],
      }[claim] ?? [],
    )
  })
})

test("without a CI, tests come after what a compose file runs before them", async () => {
  const tests = { build: "..", entrypoint: ["sh", "-c"], command: ["npm run db:push:test || true\nnpm test"] }
  const project = await projectOf({
    "package.json": {
      name: "app",
      scripts: { test: "node --test", "db:push:test": "drizzle-kit push" },
      dependencies: { pg: "8" },
    },
    "docker/compose.yml": { services: { db: { image: "postgres:16", ports: ["5433:5432"] } } },
    "docker/compose.test.yml": {
      services: { "db-test": { image: "postgres:14", ports: ["5434:5432"] }, tests },
    },
  })
  const one = { name: "", workspace: project.root, script: "test", because: "", include: [] }
  const suite = suiteOf(project, "unit", one)
  expect(suite.prepare.map(({ text }) => text)).toEqual(["db:push:test"])
  expect(suite.services.map(({ host }) => host)).toEqual(["db-test"])
})

describe("without a CI, integration tests come after", () => {
  const preparedWith = async (scripts: Readonly<Record<string, string>>) => {
    const project = await projectOf({
      "package.json": { name: "app", scripts: { "test:e2e": "jest", ...scripts }, dependencies: { pg: "8" } },
    })
    const one = { name: "", workspace: project.root, script: "test:e2e", because: "", include: [] }
    return suiteOf(project, "integration", one).prepare.map(({ text }) => text)
  }

  test.each([
    ["database:migrate", { "database:migrate": "node migrate.js" }],
    [
      "migration:up:tests",
      { "migration:up": "ts-node up", "migration:up:tests": "NODE_ENV=test ts-node up" },
    ],
    [
      "migrate:deploy",
      { "migrate:dev": "prisma migrate dev", "migrate:deploy": "npx prisma migrate deploy" },
    ],
    ["schema", { migrate: "prisma migrate dev", schema: "prisma generate && prisma db push" }],
    ["migrate", { migrate: "prisma migrate dev", "schema:prod": "prisma migrate deploy" }],
  ])("the script %s", async (script, scripts) => {
    expect(await preparedWith(scripts)).toEqual([script])
  })

  test.each([
    ["starts the app", { start: "prisma migrate deploy && node server.js" }],
    ["is for people with Docker", { "db:migrate": "docker compose exec api npx prisma migrate deploy" }],
    ["is only a tool's name", { migrate: "node-pg-migrate" }],
    ["goes back", { "migrate:down": "knex migrate:down", "migration:revert": "typeorm migration:revert" }],
  ])("no script that %s", async (_, scripts) => {
    expect(await preparedWith(scripts)).toEqual([])
  })
})

test("an app is migrated by a script of that name alone: its data may be in a file", () => {
  expect(migrationScript({ "db:push": "drizzle-kit push" }, "app")).toBeNull()
  expect(migrationScript({ "db:migrate": "drizzle-kit migrate", "db:migrate:test": "x" }, "app")).toBe(
    "db:migrate",
  )
})
