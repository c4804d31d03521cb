import * as fs from "node:fs"
import * as path from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { dagger, workspace } from "./modules.js"
import { packageTests } from "./package-tests.js"

describe("a module", { timeout: 300_000 }, () => {
  let folder = ""
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

  packageTests("fast")

  it("sees nothing outside its source folder", async () => {
    folder = workspace(["outside"])
    const called = await dagger(folder, ["call", "-m", "outside", "hello"])
    expect(called.code).not.toBe(0)
    expect(called.stdout).not.toContain("beside")
    expect(called.stderr).toContain("../../beside/word")
  })

  it("is refused with the introspector's words when a type is unknown", async () => {
    folder = workspace(["broken"])
    const called = await dagger(folder, ["functions", "-m", "broken"])
    expect(called.code).not.toBe(0)
    expect(called.stderr).toContain("could not resolve type reference for Missing")
  })

  it("is called anew after an edit", async () => {
    folder = workspace(["features"])
    const file = path.join(folder, "features/src/shared/words.ts")
    const call = async () =>
      (await dagger(folder, ["call", "-m", "features", "greet", "--name", "you"])).stdout
    expect(await call()).toBe("hello you")
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace('"hello"', '"good day"'))
    expect(await call()).toBe("good day you")
  })

  it("can be made, and edited, from nothing", async () => {
    folder = workspace([])
    expect(await dagger(folder, ["init", "--sdk=typescript", "--name=brand-new", "new"])).toMatchObject({
      code: 0,
    })
    const files = fs.readdirSync(path.join(folder, "new"), { recursive: true })
    for (const file of [
      "dagger.json",
      "package.json",
      "tsconfig.json",
      "src/index.ts",
      "sdk/client.gen.ts",
      "sdk/index.ts",
    ])
      expect(files).toContain(file)
    const { stdout } = await dagger(folder, ["functions", "-m", "new"])
    expect(stdout).toContain("container-echo")
  })
})
