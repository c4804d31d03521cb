import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { circleIn, importsBelow } from "./imports.ts"

describe.each(["modules/deploy", "modules/aws-simulator"])("%s", (folder) => {
  it("has no circle of imports", () => {
    const imports = importsBelow(folder)
    expect(imports.size).toBeGreaterThan(20)
    expect(circleIn(imports)).toBeNull()
  })
})

it("names the files of a circle", () => {
  const imports = new Map([
    ["a.ts", ["b.ts"]],
    ["b.ts", ["c.ts"]],
    ["c.ts", ["b.ts"]],
  ])
  expect(circleIn(imports)).toEqual(["b.ts", "c.ts", "b.ts"])
})

/** What each folder of the deployer may import, besides itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: ["environment.ts", "environment/people.ts", "environment/statement.ts"],
  aws: ["core", "environment.ts", "ecs/service-seen.ts", "ecs/migration-progress.ts", "ecs/render.ts"],
  ecs: ["core", "aws", "environment.ts"],
  environment: [],
}

describe("the deployer's layers", () => {
  const PROGRAM = "program/"
  const imports = importsBelow("modules/deploy")
  it.each(Object.entries(LAYERS))("%s imports nothing above it", (layer, below) => {
    const allowed = [layer, ...below].map((name) => `${PROGRAM}${name}`)
    const own = [...imports].filter(([file]) => file.startsWith(`${PROGRAM}${layer}/`))
    expect(own.length).toBeGreaterThan(1)
    const wrong = own.flatMap(([file, targets]) =>
      targets
        .filter((target) => !allowed.some((one) => target === one || target.startsWith(`${one}/`)))
        .map((target) => `${file} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it("core knows no cloud's library", () => {
    const folder = "modules/deploy/program/core"
    const named = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts") && readFileSync(`${folder}/${file}`, "utf8").includes("@aws-sdk"),
    )
    expect(named).toEqual([])
  })
})
