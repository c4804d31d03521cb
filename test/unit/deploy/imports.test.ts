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
