import { describe, expect, test } from "vitest"
import { type Files, projectOf, workspaceOf } from "../projects.js"

/** What the package `packages/app` reads outside its folder, with some files beside a repository's usual ones. */
async function reads(files: Files, dependencies: Readonly<Record<string, string>> = {}) {
  const project = await projectOf({
    "package.json": { name: "all", workspaces: ["packages/*", "web"] },
    "packages/app/package.json": { name: "app", dependencies },
    "packages/rules/package.json": { name: "rules" },
    "web/package.json": { name: "web" },
    "web/biome.json": "{}",
    "config/tsconfig.json": "{}",
    "packages/tsconfig.base.json": "{}",
    ...files,
  })
  return workspaceOf(project, "packages/app").reads
}

describe("a package's tools read", () => {
  test.each([
    ["another package, whose file is extended", "biome.json", { extends: ["../../web/biome.json"] }, ["web"]],
    ["a folder without packages", "tsconfig.json", { extends: "../../config/tsconfig.json" }, ["config"]],
    [
      "a file beside packages",
      "tsconfig.json",
      { extends: "../tsconfig.base" },
      ["packages/tsconfig.base.json"],
    ],
    [
      "what a script names",
      "package.json",
      { scripts: { lint: "biome ci --config-path=../../web ." } },
      ["web"],
    ],
    ["what a pattern matches", "tailwind.config.ts", 'content: ["../*/src/**/*.tsx"]', ["packages/rules"]],
  ])("%s", async (_, name, content, expected) => {
    expect(await reads({ [`packages/app/${name}`]: content })).toEqual(expected)
  })

  test("what the settings of packages lead on to", async () => {
    const files = {
      "packages/rules/eslint.config.js": 'import "../../web/rules.js"',
      "web/vite.config.ts": 'alias: "../config"',
    }
    expect(await reads(files, { rules: "workspace:*" })).toEqual(["config", "web"])
  })

  test.each([
    ["the root, whose files they have", "vite.config.ts", 'root: path.join(__dirname, "../..")'],
    ["what is not there", "tsconfig.json", { extends: "../../gone/tsconfig.json" }],
    ["a folder of packages as such", "vite.config.ts", 'envDir: "../"'],
    ["places outside the repository", "tsconfig.json", { extends: "../../../x.json" }],
  ])("not %s", async (_, name, content) => {
    expect(await reads({ [`packages/app/${name}`]: content })).toEqual([])
  })
})
