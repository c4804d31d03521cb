import { describe, expect, test } from "vitest"
import { graph } from "../../../ci/src/run/pipeline.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { type Files, repositoryOf } from "../projects.js"

const SHOP: Files = {
  "package.json": { name: "shop", workspaces: ["api", "web"] },
  "package-lock.json": {},
  "api/package.json": {
    name: "api",
    scripts: { test: "vitest run" },
    dependencies: { pg: "8" },
    devDependencies: { "@testcontainers/postgresql": "11" },
  },
  "api/a.test.ts": "",
  "web/package.json": { name: "web", scripts: { test: "vitest run" } },
  "web/a.test.ts": "",
}

const PYTHON: Files = {
  "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["testcontainers[postgres]==4.9.0"]\n',
  "test_shop.py": "",
}

/** How `plan` names each suite that has a daemon, without its reasons beside that. */
async function daemons(files: Files, settings: string): Promise<readonly string[]> {
  const { stages } = graph(await repositoryOf(files, parseConfig(settings)), KINDS)
  return stages.flatMap(({ name, because }) => (because.includes("with a Docker daemon") ? [name] : []))
}

const servicesIn = async (files: Files, settings: string) =>
  graph(await repositoryOf(files, parseConfig(settings)), KINDS).stages.flatMap(({ services = [] }) =>
    services.map(({ host }) => host),
  )

describe("a Docker daemon", () => {
  test("is there where slipway.yaml says so alone", async () => {
    expect(await daemons(SHOP, "")).toEqual([])
    expect(await daemons(SHOP, "tests: { docker: false }")).toEqual([])
  })

  test("is for suites that may start containers", async () => {
    expect(await daemons(SHOP, "tests: { docker: true }")).toEqual(["test:unit:api"])
    expect(await daemons(PYTHON, "tests: { docker: true }")).toEqual(["test:unit"])
  })

  test("is for the stages that slipway.yaml lists", async () => {
    expect(await daemons(SHOP, 'tests: { docker: ["test:unit:web"] }')).toEqual(["test:unit:web"])
  })

  test("replaces the services that nobody named", async () => {
    expect(await servicesIn(SHOP, "")).toEqual(["postgres"])
    expect(await servicesIn(SHOP, "tests: { docker: true }")).toEqual([])
    const named = "services: { mail: { image: 'axllent/mailpit:v1', port: 1025, unit: true } }\n"
    expect(await servicesIn(SHOP, `${named}tests: { docker: true }`)).toContain("mail")
  })
})
