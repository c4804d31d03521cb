import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { edited } from "../../../engine/dagger-source.js"
import { compiled, packagesToCompile } from "../../../engine/go-build.js"

describe("the progress of a Go build", () => {
  it("reads the packages that a build compiles", () => {
    const output = [
      "mkdir -p $WORK/b001/",
      "",
      "#\n# internal/abi\n#",
      "",
      "mkdir -p $WORK/b007/",
      "# not a heading",
      "packagefile bytes=/go-build/bf-d",
      "#\n# example.org/a/v2\n#",
    ].join("\n")
    expect([...packagesToCompile(output)]).toEqual(["internal/abi", "example.org/a/v2"])
  })

  it("never decreases and never exceeds the total", () => {
    const wanted = Array.from({ length: 200 }, (_, index) => `example.org/p${index}`)
    const count = compiled(new Set(wanted))
    const noise = ["go: downloading example.org/x v1.0.0", "", "# example.org/p1", "example.org/other"]
    const states = [...wanted, ...wanted, ...noise].map(count).filter((state) => state !== null)
    expect(states).toEqual(wanted.map((_, index) => `${index + 1} of 200 packages`))
  })
})

describe("the changes to Dagger's sources", () => {
  it("replace text that occurs once", () => {
    expect(edited("a b c", { file: "x.go", from: "b", to: "d" })).toBe("a d c")
  })

  it.each([
    ["missing", "a c"],
    ["ambiguous", "b b"],
  ])("fail on text that is %s", (_, text) => {
    expect(() => edited(text, { file: "x.go", from: "b", to: "d" })).toThrow("x.go")
  })

  it("name files that exist", () => {
    const sources = path.resolve("engine/go")
    const { add } = JSON.parse(fs.readFileSync(path.join(sources, "changes.json"), "utf8"))
    for (const file of Object.values<string>(add)) expect(fs.existsSync(path.join(sources, file))).toBe(true)
  })
})
