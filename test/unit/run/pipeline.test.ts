import { describe, expect, test } from "vitest"
import { Fault } from "../../../ci/src/run/fault.js"
import { check, graph } from "../../../ci/src/run/pipeline.js"
import { planText } from "../../../ci/src/run/plan-text.js"
import { select } from "../../../ci/src/run/run.js"
import type { Stage, StageKind } from "../../../ci/src/run/stage.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { repositoryOf } from "../projects.js"

const NEEDS: Readonly<Record<string, readonly string[]>> = { e2e: ["image"], shop: ["e2e"] }

function stage(name: string, needs: readonly string[] = [], kind = name.split(":")[0] ?? ""): Stage {
  return {
    name,
    kind,
    needs,
    because: `because of ${name}`,
    inputs: { include: ["**"], exclude: [] },
    run: () => Promise.reject(new Error("not to be run")),
  }
}

describe("a graph", () => {
  test.each([
    ["names a stage twice", [stage("lint"), stage("lint")], "two stages are called lint"],
    [
      "needs what is not there",
      [stage("lint"), stage("docs", ["lnit"])],
      "docs needs lnit, which is no stage; did you mean lint?",
    ],
    [
      "turns in a circle",
      [stage("a", ["b"]), stage("b", ["a"])],
      "stages need each other in a circle: a → b → a",
    ],
    ["needs itself", [stage("a", ["a"])], "a needs itself"],
  ])("that %s is refused", (_what, stages, message) => {
    const refused = () => check(stages)
    expect(refused).toThrow(Fault)
    expect(refused).toThrow(message)
    expect(refused).toThrow("slipway.yaml")
  })

  test("may need stages by what stands before the colon", () => {
    expect(() => check([stage("test:unit:a"), stage("test:unit:b"), stage("ship", ["test"])])).not.toThrow()
  })

  test("is cut to some kinds and what they need", () => {
    const stages = [stage("install"), stage("lint:a", ["install"]), stage("docs"), stage("ship", ["lint"])]
    const names = (...kinds: string[]) => select(stages, kinds).map(({ name }) => name)
    expect(names("ship")).toEqual(["install", "lint:a", "ship"])
    expect(names("docs")).toEqual(["docs"])
    expect(names("nothing")).toEqual([])
  })
})

describe("a stage that is turned off", () => {
  const kindOf = (stage: Stage): StageKind => ({
    kind: stage.kind,
    applies: () => ({ applies: true, stages: [stage] }),
  })
  const kinds = ["image", "e2e", "shop", "lint"].map((name) => kindOf(stage(name, NEEDS[name])))

  test("takes with it what needs it, and that says why; what does not need it runs", async () => {
    const repository = await repositoryOf(
      { "package.json": {} },
      parseConfig("stages: { image: { enabled: false } }"),
    )
    const { stages, left } = graph(repository, kinds)
    expect(stages.map(({ name }) => name)).toEqual(["lint"])
    expect(left).toEqual([
      { kind: "image", reason: "slipway.yaml turns it off" },
      { kind: "e2e", reason: "needs image, which does not run: slipway.yaml turns it off" },
      { kind: "shop", reason: "needs e2e, which does not run: slipway.yaml turns it off" },
    ])
  })
})

/** True for what scripts and files of a kind ask for; the others look at any project. */
const isOfScript = (name: string) =>
  !/^(scan:|deadcode|duplication|maintainability|privacy|dast|bundle|sbom)/.test(name)

describe("a plan", () => {
  test("says what runs and why in the order of its needs, then what is left out and why", async () => {
    const repository = await repositoryOf({ "package.json": { name: "app" }, "package-lock.json": {} })
    const text = planText({
      repository,
      stages: [stage("ship", ["lint"]), stage("lint", ["install"]), stage("install")],
      left: [{ kind: "image", reason: "there is no Dockerfile" }],
    })
    const lines = text.split("\n")
    expect(lines[0]).toBe("app: Node.js 22, npm, no workspaces")
    expect(lines.filter((line) => line.startsWith("  ")).map((line) => line.trim().split(/\s+/)[0])).toEqual([
      "install",
      "lint",
      "ship",
      "image",
    ])
    expect(text).toMatch(/ship\s+because of ship; after lint/)
    expect(text).toMatch(/left out:\n\s+image\s+there is no Dockerfile/)
  })

  test("of a repository with workspaces has a stage for each script, migrations and Dockerfile", async () => {
    const repository = await repositoryOf({
      "package.json": {
        name: "app",
        workspaces: ["api", "web"],
        scripts: { "format:check": "prettier -c ." },
      },
      "package-lock.json": {},
      "api/package.json": {
        name: "api",
        scripts: {
          lint: "eslint .",
          "test:unit": "vitest",
          "test:integration": "vitest",
          "db:migrate": "migrate up",
        },
      },
      "api/Dockerfile": "FROM node:22\n",
      "web/package.json": { name: "web", scripts: { lint: "eslint ." } },
    })
    const { stages } = graph(repository, KINDS)
    expect(stages.map(({ name }) => name).filter(isOfScript)).toEqual([
      "install",
      "lint:api",
      "lint:web",
      "format",
      "test:unit:api",
      "test:integration:api",
      "image:api",
      "test:a11y",
      "test:load:smoke",
      "test:load:load",
      "test:load:stress",
      "test:load:spike",
      "coverage",
    ])
    expect(stages.filter(({ onlyWhenNamed }) => onlyWhenNamed).map(({ kind }) => kind)).toEqual(
      Array(4).fill("load"),
    )
    expect(stages.find(({ name }) => name === "test:integration:api")?.because).toContain("after db:migrate")
    expect(() => check(stages)).not.toThrow()
  })

  test("of Terraform files alone names no package manager", async () => {
    const repository = await repositoryOf({ "main.tf": "" })
    const [head] = planText({ repository, ...graph(repository, KINDS) }).split("\n")
    expect(head).toBe("project: no package.json")
  })

  test("of a folder without package.json has what slipway.yaml describes alone", async () => {
    const yaml = "custom:\n  py:\n    image: python:3.13-slim\n    commands: [pytest]\n"
    const repository = await repositoryOf({ "slipway.yaml": yaml }, parseConfig(yaml))
    const names = graph(repository, KINDS).stages.map(({ name }) => name)
    expect(names.filter(isOfScript)).toEqual(["py"])
  })
})
