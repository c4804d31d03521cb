import { describe, expect, test } from "vitest"
import { neededBuilds } from "../../../ci/src/project/builds.js"
import { type Files, repositoryOf } from "../projects.js"

/** The builds that come before the tools of the project `tools`, inside a library that builds itself to `dist`. */
async function builds(files: Files) {
  const { projects } = await repositoryOf({
    "package.json": { name: "lib", main: "dist/lib.js", scripts: { build: "tsc" } },
    "package-lock.json": "{}",
    "src/lib.ts": "",
    "tools/package.json": { name: "tools", scripts: { build: "rolldown -c" } },
    "tools/package-lock.json": "{}",
    ...files,
  })
  const tools = projects.find(({ path }) => path === "tools")
  if (tools === undefined) throw new Error("no project tools")
  return neededBuilds(tools, tools.root).map(({ stage, because }) => `${stage}: ${because}`)
}

describe("before a project inside another, that one is built", () => {
  test.each([
    [
      "if its settings name what only the build makes",
      { "tools/rolldown.config.js": 'alias: { lib: "../dist/lib.mjs" }' },
      "build:lib: tools/rolldown.config.js leads to dist/lib.mjs, which is not in the repository",
    ],
    [
      "if they name a package of it whose entry is not there, though another one has a file of that name",
      {
        "package.json": { name: "lib", workspaces: ["packages/*"] },
        "packages/core/package.json": { name: "core", main: "dist/lib.js", scripts: { build: "tsc" } },
        "dist/lib.js": "",
        "tools/rolldown.config.js": 'alias: { core: "../packages/core" }',
      },
      "build:core: tools/rolldown.config.js leads to packages/core/dist/lib.js, which is not in the repository",
    ],
    [
      "if it depends on it, and its entry is not there",
      { "tools/package.json": { name: "tools", dependencies: { lib: "file:.." } } },
      "build:lib: tools/package.json leads to dist/lib.js, which is not in the repository",
    ],
  ])("%s", async (_, files, expected) => {
    expect(await builds(files)).toEqual([expected])
  })

  test.each([
    ["reads its sources", { "tools/vite.config.js": 'alias: { lib: "../src/lib" }' }],
    ["writes into its folder", { "tools/vite.config.js": 'build: { outDir: "../dist" }' }],
    ["leads out of the repository", { "tools/tsconfig.json": { extends: "../../base.json" } }],
  ])("but not if it %s", async (_, files) => {
    expect(await builds(files)).toEqual([])
  })
})
