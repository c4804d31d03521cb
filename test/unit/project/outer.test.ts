import { describe, expect, test } from "vitest"
import { neededBuilds } from "../../../ci/src/project/builds.js"
import { type Files, repositoryOf } from "../projects.js"

/** The builds that come before the tools of the project `bench`, inside a library that builds itself to `dist`. */
async function builds(files: Files) {
  const { projects } = await repositoryOf({
    "package.json": { name: "lib", main: "dist/lib.js", scripts: { build: "tsc" } },
    "package-lock.json": "{}",
    "src/lib.ts": "",
    "bench/package.json": { name: "bench", scripts: { build: "rolldown -c" } },
    "bench/package-lock.json": "{}",
    ...files,
  })
  const bench = projects.find(({ path }) => path === "bench")
  if (bench === undefined) throw new Error("no project bench")
  return neededBuilds(bench, bench.root).map(({ stage, because }) => `${stage}: ${because}`)
}

describe("before a project inside another, that one is built", () => {
  test.each([
    [
      "if its settings name what only the build makes",
      { "bench/rolldown.config.js": 'alias: { lib: "../dist/lib.mjs" }' },
      "build:lib: bench/rolldown.config.js leads to dist/lib.mjs, which is not in the repository",
    ],
    [
      "if it depends on it, and its entry is not there",
      { "bench/package.json": { name: "bench", dependencies: { lib: "file:.." } } },
      "build:lib: bench/package.json leads to dist/lib.js, which is not in the repository",
    ],
  ])("%s", async (_, files, expected) => {
    expect(await builds(files)).toEqual([expected])
  })

  test.each([
    ["reads its sources", { "bench/vite.config.js": 'alias: { lib: "../src/lib" }' }],
    ["writes into its folder", { "bench/vite.config.js": 'build: { outDir: "../dist" }' }],
    ["leads out of the repository", { "bench/tsconfig.json": { extends: "../../base.json" } }],
  ])("but not if it %s", async (_, files) => {
    expect(await builds(files)).toEqual([])
  })
})
