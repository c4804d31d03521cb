import { expect, test } from "vitest"
import { readEslint, readFindings } from "../../../ci/src/quality/findings.js"
import { quality } from "../../../ci/src/quality/quality.js"
import { defaultConfig, parseConfig } from "../../../ci/src/settings.js"
import { projectOf } from "../projects.js"

type Files = Parameters<typeof projectOf>[0]

async function stages(kind: string, files: Files, config = defaultConfig()): Promise<string> {
  const project = await projectOf(files, config)
  const applies = quality.find((one) => one.kind === kind)?.applies(project)
  if (!applies?.applies) return applies?.reason ?? ""
  return applies.stages.map(({ name, because }) => `${name}: ${because}`).join("\n")
}

const manifest = (dependencies: readonly string[], more: object = {}) => ({
  name: "small",
  devDependencies: Object.fromEntries(dependencies.map((name) => [name, "1"])),
  ...more,
})

test.each([
  ["lint", "eslint", "eslint.config.js"],
  ["lint", "@biomejs/biome", "biome.json"],
  ["lint", "oxlint", ".oxlintrc.json"],
  ["format", "prettier", ".prettierrc"],
  ["format", "@biomejs/biome", "biome.jsonc"],
  ["types", "typescript", "tsconfig.json"],
])("%s is done by %s where no script does it", async (kind, dependency, file) => {
  const files = { "package.json": manifest([dependency]), [file]: "" }
  expect(await stages(kind, files)).toBe(`${kind}: ${file}, and no script of package.json`)
})

test.each([
  ["biome check .", "no package.json has a script format:check"],
  ["biome ci", "no package.json has a script format:check"],
  ["biome lint .", "format: biome.json, and no script"],
  ["biome check --formatter-enabled=false .", "format: biome.json, and no script"],
])("formatting is checked once: %s", async (lint, expected) => {
  const files = { "package.json": manifest(["@biomejs/biome"], { scripts: { lint } }), "biome.json": "" }
  expect(await stages("format", files)).toContain(expected)
})

test("a tool that is configured and no dependency is named", async () => {
  expect(await stages("lint", { "package.json": manifest([]), "eslint.config.js": "" })).toBe(
    "no package.json has a script lint or lint:check; eslint.config.js is there, and eslint is no dependency",
  )
})

test("a script comes before the tool, in each workspace by itself", async () => {
  const files = {
    "package.json": manifest(["typescript"], { workspaces: ["a", "b"] }),
    "a/package.json": { name: "@x/a", scripts: { types: "tsc" } },
    "a/tsconfig.json": "{}",
    "b/package.json": { name: "@x/b" },
    "b/tsconfig.json": "{}",
    "tsconfig.json": "{}",
  }
  expect(await stages("types", files)).toBe(
    "types:a: the script types in a/package.json\ntypes:b: b/tsconfig.json, and no script of package.json",
  )
})

test("knip is configured, or looks at dependencies alone, or has nothing to look at", async () => {
  expect(await stages("deadcode", { "package.json": manifest(["x"]), "knip.json": "{}" })).toBe(
    "deadcode: knip.json; dependencies, exports and files",
  )
  expect(await stages("deadcode", { "package.json": manifest(["x"]) })).toContain("dependencies alone")
  expect(await stages("deadcode", { "package.json": manifest([]) })).toContain("names a dependency")
  expect(
    await stages("deadcode", { "package.json": manifest([], { scripts: { depcheck: "depcheck" } }) }),
  ).toBe("deadcode: the script depcheck in package.json")
})

test("tests and what is left out are no source", async () => {
  const files = { "package.json": manifest([]), "src/a.test.ts": "", "dist/a.js": "", "old/b.ts": "" }
  expect(await stages("duplication", files)).toContain("jscpd")
  const config = parseConfig("quality: { exclude: [old/**] }")
  expect(await stages("duplication", files, config)).toContain("no source file")
  expect(await stages("maintainability", files, config)).toContain("no source file")
})

test("a SonarQube server is asked where slipway.yaml names one", async () => {
  const files = { "package.json": manifest([]) }
  expect(await stages("sonar", files)).toContain("no server in `quality.sonar`")
  const config = parseConfig("quality: { sonar: { url: 'https://sonar.example.org', project: a } }")
  expect(await stages("sonar", files, config)).toBe("sonar: https://sonar.example.org, project a")
})

test("annotations of Biome and oxlint are findings", () => {
  const log = `::error title=lint/suspicious/noDoubleEquals,file=src/a%2Cb.ts,line=4,endLine=4,col=3::Use === instead.
::warning file=src/ü x.ts,line=1,endLine=1,col=9,endColumn=10,title=eslint(no-unused-vars)::Variable 'x' is unused.`
  expect(readFindings(log, "/app", "web")).toMatchObject([
    { rule: "lint/suspicious/noDoubleEquals", file: "web/src/a,b.ts", line: 4, message: "Use === instead." },
    { rule: "eslint(no-unused-vars)", file: "web/src/ü x.ts", line: 1, severity: "low" },
  ])
})

test("ESLint's report names every finding, and one that is no JSON names none", () => {
  const messages = [
    { ruleId: "no-var", severity: 2, message: "Unexpected var", line: 3 },
    { ruleId: null, fatal: true, severity: 2, message: "Parsing error", line: 1 },
  ]
  expect(readEslint(JSON.stringify([{ filePath: "/app/src/ö b.js", messages }]), "/app", "")).toMatchObject([
    { rule: "no-var", file: "src/ö b.js", line: 3 },
    { rule: "syntax", line: 1 },
  ])
  expect(readEslint("<html>", "/app", "")).toEqual([])
})

test("a script that only prints is none: the tool runs", async () => {
  const files = {
    "package.json": manifest(["eslint"], { scripts: { lint: "echo later" } }),
    "eslint.config.js": "",
  }
  expect(await stages("lint", files)).toBe("lint: eslint.config.js, and no script of package.json")
})
