import { describe, expect, test } from "vitest"
import { typesCommand } from "../../../ci/src/quality/types-command.js"

const of = (
  scripts: Readonly<Record<string, string>>,
  dependencies: readonly string[] = [],
  names: readonly string[] = [],
) => typesCommand((words) => `npx ${words}`, { scripts, dependencies }, names)

describe("the types of a package without a script that checks them", () => {
  test.each([
    [{ build: "tsc -p tsconfig.build.json && cp a b" }, "tsc --noEmit -p tsconfig.build.json"],
    [{ build: "tsc --project ./tsconfig.prod.cjs.json" }, "tsc --noEmit -p ./tsconfig.prod.cjs.json"],
    [{ build: "rimraf dist && tsc && tsup" }, "tsc --noEmit"],
    [{ build: "tsc -b && vite build" }, "tsc --build"],
    [{ build: "vue-tsc --build tsconfig.app.json" }, "vue-tsc --build tsconfig.app.json"],
    [{ "build:cjs": "./node_modules/.bin/tsc -p cjs.json" }, "tsc --noEmit -p cjs.json"],
    [{ dev: "tsc -w", prepare: "tsc -p a.json" }, "tsc --noEmit -p a.json"],
  ])("are checked as %j builds it", (scripts, words) => {
    expect(of(scripts)).toEqual({ run: `npx ${words} --pretty false` })
  })

  test("are checked by the configuration of Nest's build", () => {
    const found = of({ build: "nest build" }, ["@nestjs/core"], ["tsconfig.json", "tsconfig.build.json"])
    expect(found).toEqual({ run: "npx tsc --noEmit -p tsconfig.build.json --pretty false" })
  })

  test("are checked by tsconfig.json, with the projects that it refers to", () => {
    expect(of({ test: "vitest run" })).toMatchObject({
      run: expect.stringContaining("else npx tsc --noEmit --pretty false"),
    })
  })

  test.each(["next", "svelte", "vue"])("are not claimed with %s, which has a way of its own", (name) => {
    expect(of({ build: `${name} build` }, [name])).toMatchObject({ reason: expect.stringContaining(name) })
  })
})
