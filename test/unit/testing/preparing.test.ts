import { describe, expect, test } from "vitest"
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
  }).prepare
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
