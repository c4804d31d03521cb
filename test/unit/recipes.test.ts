import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { build } from "esbuild"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import * as z from "zod/mini"

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url))
const PATCHES = path.join(REPOSITORY, "test/testdata/recipes")

/** The recipes of CONTRIBUTING.md, each done once: its patch, and how many files it may touch. */
const RECIPES = { stage: 4, scanner: 3, vendor: 2 } as const

/** What the sources say with every recipe done. */
const ASKED = `
import { graph } from "./ci/src/run/pipeline.js"
import { detectRepository } from "./ci/src/project/repository.js"
import { scannersOf } from "./ci/src/security/scanners.js"
import { CAUSES, parseConfig } from "./ci/src/settings.js"
import { KINDS } from "./ci/src/stages.js"
import { contextOf, VENDORS } from "./ci/src/vendors/vendors.js"

const manifest = JSON.stringify({ name: "app", scripts: { "docs:links": "check-links" } })
const tree = { files: ["package-lock.json", "package.json"], read: async (file) => (file === "package.json" ? manifest : "{}") }
const repository = await detectRepository(tree, parseConfig("links: { pages: [README.md] }\\nsecurity: { scanners: { infrastructure: [hadolint] } }"))
const { stages } = graph(repository, KINDS)
const links = stages.find(({ name }) => name === "links")
const [scanner] = scannersOf("infrastructure", repository.whole.config.security.scanners.infrastructure)
const context = contextOf({ CI_PIPELINE_FORGE_URL: "https://ci.example.org", CI_COMMIT_SHA: "0f3c" }, { commit: null, branch: null, read: () => undefined })
const wrapper = VENDORS.find(({ name }) => name === context?.vendor)?.wrapper({ mark: "Written", branch: "main", targets: [] })
console.log(JSON.stringify({ wrapper: Object.keys(wrapper ?? {}), inputs: links?.inputs.include, code: CAUSES["dead-link"].code, vendor: context?.vendor, scanner: scanner?.tool }))
`

const answer = z.object({
  inputs: z.array(z.string()),
  code: z.number(),
  vendor: z.string(),
  wrapper: z.array(z.string()),
  scanner: z.string(),
})

const copy = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-recipes-"))
afterAll(() => fs.rmSync(copy, { recursive: true, force: true }))

/** Without blocking: the compiler may take longer than vitest waits for its worker. */
const run = async (program: string, ...args: readonly string[]) =>
  (await promisify(execFile)(program, [...args], { cwd: copy })).stdout

const patchOf = (recipe: string) => fs.readFileSync(path.join(PATCHES, `${recipe}.patch`), "utf8")

/** Does what a recipe's patch says: each of its hunks must stand in its file once. Needs no git. */
function apply(recipe: string): void {
  for (const one of patchOf(recipe)
    .split(/^diff --git .*\n/m)
    .slice(1)) {
    const file = path.join(copy, /^\+\+\+ b\/(.+)$/m.exec(one)?.[1] ?? "")
    const before = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : ""
    const after = one
      .split(/^@@ .*\n/m)
      .slice(1)
      .map((hunk) => hunk.split("\n").filter((line) => /^[-+ ]/.test(line)))
      .reduce((text, lines) => {
        const side = (without: string) =>
          lines.flatMap((line) => (line.startsWith(without) ? [] : `${line.slice(1)}\n`)).join("")
        const parts = text.split(side("+"))
        if (before !== "" && parts.length !== 2) throw new Error(`${recipe}.patch does not fit ${file}`)
        return before === "" ? side("-") : parts.join(side("-"))
      }, before)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, after)
  }
}

beforeAll(() => {
  fs.cpSync(path.join(REPOSITORY, "ci"), path.join(copy, "ci"), {
    recursive: true,
    filter: (file) => !/\/(node_modules|sdk)$/.test(file),
  })
  fs.symlinkSync(path.join(REPOSITORY, "node_modules"), path.join(copy, "node_modules"))
  fs.cpSync(path.join(REPOSITORY, "package.json"), path.join(copy, "package.json"))
  const own: object = JSON.parse(fs.readFileSync(path.join(REPOSITORY, "tsconfig.json"), "utf8"))
  fs.writeFileSync(path.join(copy, "tsconfig.json"), JSON.stringify({ ...own, include: ["ci/src"] }))
  for (const recipe of Object.keys(RECIPES)) apply(recipe)
})

describe("the recipes of CONTRIBUTING.md", () => {
  test.each(Object.entries(RECIPES))("change few files for a new %s: %i", (recipe, most) => {
    expect(patchOf(recipe).match(/^diff --git /gm)?.length).toBeLessThanOrEqual(most)
  })

  test("compile", async () => {
    expect(await run(path.join(REPOSITORY, "node_modules/.bin/tsc"), "--noEmit")).toBe("")
  }, 120_000)

  test("add what they promise: a stage with settings and an exit code, a scanner, a vendor", async () => {
    fs.writeFileSync(path.join(copy, "ask.ts"), ASKED)
    const outfile = path.join(copy, "ask.mjs")
    await build({
      entryPoints: [path.join(copy, "ask.ts")],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      logLevel: "silent",
    })
    expect(answer.parse(JSON.parse(await run(process.execPath, outfile)))).toEqual({
      inputs: ["README.md", "package.json"],
      code: 29,
      vendor: "woodpecker",
      wrapper: [".woodpecker.yml"],
      scanner: "hadolint",
    })
  }, 60_000)
})
