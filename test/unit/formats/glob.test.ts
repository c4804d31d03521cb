import { describe, expect, test } from "vitest"
import { escapeGlob, filesBelow, globMatcher } from "../../../ci/src/formats/glob.js"
import { PATHS } from "../../globs.js"

describe("a list of patterns", () => {
  test.each<[globs: readonly string[], path: string, selects: boolean]>([
    [["**/*.yml"], ".github/workflows/ci.yml", true],
    [["*.yml"], ".github/workflows/ci.yml", false],
    [["*"], ".env", true],
    [["src"], "src/deep/a.ts", true],
    [["src/"], "src/deep/a.ts", true],
    [["src/*"], "src/deep/a.ts", true],
    [["src/*.ts"], "src/deep/a.ts", false],
    [["src/**/*.ts"], "src/a.ts", true],
    [["src/**"], "src", false],
    [["**.ts"], "src/deep/a.ts", true],
    [["?.ts"], "a.ts", true],
    [["[!a].ts"], "a.ts", false],
    [["[!a].ts"], "b.ts", true],
    [["src[!x]a.ts"], "src/a.ts", false],
    [["app/{i,auth}/*"], "app/auth/a.ts", true],
    [["app/(auth)/*"], "app/auth/a.ts", false],
    [["app/(auth)/*"], "app/(auth)/a.ts", true],
    [["**", "!docs"], "docs/a.md", false],
    [["**", "!docs", "docs/a.md"], "docs/a.md", true],
    [["[z-a].ts"], "[z-a].ts", true],
    [[], "a", false],
    [[""], "a", false],
    [["!"], "a", false],
  ])("%j selects %s: %s", (globs, path, selects) => {
    expect(globMatcher(globs)(path)).toBe(selects)
  })
})

describe("a path that is used as a pattern", () => {
  test.each(PATHS)("%j is that path and no other", (path) => {
    expect(PATHS.filter(globMatcher([escapeGlob(path)]))).toEqual([path])
  })

  test.each(["", "app/[id]", "Über uns", "!not", " lead", "x+y"])("%j means all below it", (folder) => {
    const within = PATHS.filter((path) => folder === "" || path.startsWith(`${folder}/`))
    expect(PATHS.filter(globMatcher([filesBelow(folder)]))).toEqual(within)
  })
})
