import { describe, expect, test } from "vitest"
import { UNMADE, withoutGenerated } from "../../../ci/src/project/generated.js"
import { generatorsBeside } from "../../../ci/src/project/generators.js"
import { NO_WORK } from "../../../ci/src/run/outcome.js"
import type { StageResult } from "../../../ci/src/run/stage.js"
import { projectOf } from "../projects.js"

async function generators(manifest: object, script: string | null = null, files: object = {}) {
  const project = await projectOf({ "package.json": { name: "a", ...manifest }, ...files })
  return generatorsBeside(project, project.root, script)
}

describe("generators of code", () => {
  test.each<[string, object, string | null, readonly string[]]>([
    [
      "before the script of another",
      { pretest: "prisma generate --schema=db/s.prisma && npm run tsc", test: "vitest", tsc: "tsc --noEmit" },
      "tsc",
      ["prisma generate --schema=db/s.prisma"],
    ],
    ["in a script of their own", { typegen: "react-router typegen" }, null, ["react-router typegen"]],
    ["once", { a: "prisma generate", b: "npx prisma generate && next dev" }, null, ["prisma generate"]],
    ["not those that the script starts", { types: "react-router typegen && tsc" }, "types", []],
    ["not those that watch", { dev: "graphql-codegen --watch" }, null, []],
    ["not other commands of the same program", { db: "prisma migrate deploy", dev: "next dev" }, null, []],
  ])("are found: %s", async (_what, scripts, script, expected) => {
    expect(await generators({ scripts }, script)).toEqual(expected)
  })

  test("are not those that the install runs", async () => {
    expect(await generators({ scripts: { postinstall: "prisma generate", x: "prisma generate" } })).toEqual(
      [],
    )
  })

  test("are Prisma's, whose client writes it in an install that has the schema", async () => {
    const dependencies = { "@prisma/client": "6", prisma: "6" }
    const schema = { "prisma/schema.prisma": 'datasource db { provider = "sqlite" }' }
    expect(await generators({ dependencies }, null, schema)).toEqual(["prisma generate"])
    expect(await generators({ dependencies })).toEqual([])
    const scripts = { db: "prisma generate --schema=prisma/schema.prisma" }
    expect(await generators({ dependencies, scripts }, null, schema)).toEqual([scripts.db])
  })
})

describe("files that the team's CI copies into place", () => {
  const steps = (run: string) => ({
    ".github/workflows/ci.yml": `jobs: { a: { steps: [{ run: npm i }, { run: ${run} }, { run: npm test }] } }`,
    "src/config.ts.example": "",
    "src/index.ts": "",
    ".env.ci": "",
    "api/package.json": { name: "api" },
  })

  test.each<[run: string, script: string | null, expected: readonly string[]]>([
    [
      "cp src/config.ts.example src/config.ts",
      "test",
      ["cp -n /app/src/config.ts.example /app/src/config.ts"],
    ],
    [
      "cd src && cp -f config.ts.example config.ts",
      null,
      ["cp -n /app/src/config.ts.example /app/src/config.ts"],
    ],
    ["cp .env.ci .env", "test", ["cp -n /app/.env.ci /app/.env"]],
    ["mv .env.ci .env", "test", ["cp -n /app/.env.ci /app/.env"]],
    ["cat .env.ci > .env", "test", ["cp -n /app/.env.ci /app/.env"]],
    ["cp .env.ci .env", null, []],
    ["echo A=1 > src/a", "test", ["[ -e /app/src/a ] || { true; printf %s 'A=1\n'; } >/app/src/a"]],
    ["touch src/a", "test", ["[ -e /app/src/a ] || { true; } >/app/src/a"]],
    ["touch src/a", null, []],
    ["cp .env.ci src/index.ts", "test", []],
    ["cp .env.ci api", "test", ["cp -n /app/.env.ci /app/api/.env.ci"]],
    ["cp dist/a.js src/a.js", "test", []],
    ["cp src/index.ts out/index.ts", "test", []],
  ])("%s, for the script %s", async (run, script, expected) => {
    expect(await generators({ scripts: { test: "vitest" } }, script, steps(run))).toEqual(expected)
  })
})

describe("a tool without the code that a generator writes", () => {
  const red = (log: string): StageResult => ({
    ...NO_WORK,
    verdict: "failed",
    cause: "failed",
    summary: "6 findings",
    log: { text: log, lines: 1 },
  })
  const AWAY = "Error: getaddrinfo ENOTFOUND binaries.example.com"
  const UNWRITTEN = { reports: { [UNMADE]: "prisma generate\n" } }

  test("is errored where a host was not reachable", () => {
    expect(withoutGenerated(red(AWAY), UNWRITTEN)).toMatchObject({
      verdict: "errored",
      summary:
        "cannot look without the code that `prisma generate` writes: binaries.example.com is not reachable here",
    })
  })

  test("is red by itself where the generator failed otherwise, or wrote it", () => {
    expect(withoutGenerated(red("Schema is invalid"), UNWRITTEN).verdict).toBe("failed")
    expect(withoutGenerated(red(AWAY), { reports: {} }).verdict).toBe("failed")
  })
})
