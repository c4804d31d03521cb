import { describe, expect, test } from "vitest"
import { graph } from "../../../ci/src/run/pipeline.js"
import { before, named } from "../../../ci/src/run/schedule.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { repositoryOf } from "../projects.js"

const FILES = {
  "package.json": { name: "root", workspaces: ["library", "web"] },
  "package-lock.json": {},
  "library/package.json": { name: "library", main: "dist/index.js", scripts: { build: "tsc" } },
  "web/package.json": {
    name: "web",
    dependencies: { library: "*" },
    scripts: {
      build: "vite build",
      lint: "eslint .",
      test: "node --test",
      "test:integration": "node --test it",
    },
  },
}

async function stages(yaml: string) {
  const repository = await repositoryOf(FILES, parseConfig(yaml))
  return graph(repository, KINDS).stages
}

const OWN = /^(?:install|build|lint|test:(?:unit|integration)|coverage)/

describe("with several versions of Node.js", () => {
  test("tests run on each, with the installs and builds that they need, and everything else on the first", async () => {
    const found = await stages("node: [20, 22, '24']")
    expect(found.filter(({ name }) => OWN.test(name)).map(({ name, needs }) => [name, needs])).toEqual([
      ["install", []],
      ["install[node 22]", []],
      ["install[node 24]", []],
      ["build:library", ["install"]],
      ["build:web", ["install", "build:library"]],
      ["build:library[node 22]", ["install[node 22]"]],
      ["build:library[node 24]", ["install[node 24]"]],
      ["lint:web", ["install", "build:library"]],
      ["test:unit:web[node 20]", ["install", "build:library"]],
      ["test:unit:web[node 22]", ["install[node 22]", "build:library[node 22]"]],
      ["test:unit:web[node 24]", ["install[node 24]", "build:library[node 24]"]],
      ["test:integration:web[node 20]", ["install", "build:library"]],
      ["test:integration:web[node 22]", ["install[node 22]", "build:library[node 22]"]],
      ["test:integration:web[node 24]", ["install[node 24]", "build:library[node 24]"]],
      ["coverage", ["test:unit:web[node 20]", "test:integration:web[node 20]"]],
    ])
  })

  test("each stage belongs to the project on its version", async () => {
    const found = await stages("node: [20, 22]")
    const nodes = Object.fromEntries(found.map(({ name, project }) => [name, project?.node]))
    expect(nodes).toMatchObject({
      install: "20",
      "install[node 22]": "22",
      "test:unit:web[node 22]": "22",
      "lint:web": "20",
    })
  })

  test("a stage waits for what it needs on its own version alone", async () => {
    const found = await stages("node: [20, 22]")
    const waits = (name: string) =>
      found
        .filter((stage) => stage.name === name)
        .flatMap((stage) => before(stage, found).map((one) => one.name))
    expect(waits("lint:web")).toEqual(["install", "build:library"])
    expect(waits("test:unit:web[node 22]")).toEqual(["install[node 22]", "build:library[node 22]"])
  })

  test("a name without version means the stages of all, where none has exactly that name", () => {
    const nodes = ["test:unit[node 20]", "test:unit[node 22]", "install", "install[node 22]", "ship"].map(
      (name) => ({
        name,
        needs: [],
      }),
    )
    const [, , , , ship] = nodes
    if (ship === undefined) throw new Error("there is no such node")
    expect(named(ship, ["test:unit", "install"], nodes).map(({ name }) => name)).toEqual([
      "test:unit[node 20]",
      "test:unit[node 22]",
      "install",
    ])
  })
})

test("with one version of Node.js, no stage is called after it", async () => {
  const names = (await stages("node: [22]")).map(({ name }) => name)
  expect(names).toEqual((await stages("node: 22")).map(({ name }) => name))
  expect(names.filter((name) => name.includes("["))).toEqual([])
})
