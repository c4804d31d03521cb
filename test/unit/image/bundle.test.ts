import { describe, expect, test } from "vitest"
import { bytes } from "../../../ci/src/formats/figures.js"
import { bundle, bundleFolders, judge } from "../../../ci/src/image/bundle.js"
import { type Asset, assetsOf, DEFAULT_TOTAL, weigh, withoutHash } from "../../../ci/src/image/sizes.js"
import type { RunRecord } from "../../../ci/src/run/result.js"
import { defaultConfig, parseConfig } from "../../../ci/src/settings.js"
import { projectOf } from "../projects.js"

describe("an asset's name", () => {
  test.each([
    ["assets/index-BYAwAIYt.js", "assets/index.js"],
    ["assets/vendor-component-B4oAj9m6.css", "assets/vendor-component.css"],
    ["assets/index--a_C4x9z.js", "assets/index.js"],
    ["static/js/main.1a2b3c4d.chunk.js", "static/js/main.chunk.js"],
    ["main.0123456789abcdef0123.js", "main.js"],
    ["chunks/main-d3f09ab1c2e45678.js", "chunks/main.js"],
  ])("%s without its hash is %s", (path, name) => expect(withoutHash(path)).toBe(name))

  test.each([
    "index.html",
    "assets/app-settings.js",
    "my-Component.js",
    "robots.txt",
    "a-1.2.3.js",
  ])("%s has none", (path) => expect(withoutHash(path)).toBe(path))
})

const asset = (name: string, raw: number): Asset => ({ name, raw, gzip: raw / 2, brotli: raw / 4 })
const settings = { size: "gzip", budget: {}, growth: 10 } as const

describe("a bundle", () => {
  test("is weighed in three ways; assets of one name are one", () => {
    const assets = assetsOf([asset("a-AAAAAAA1.js", 100), asset("a-AAAAAAA2.js", 300), asset("b.css", 40)])
    expect(assets.map(({ name, raw }) => [name, raw])).toEqual([
      ["a.js", 400],
      ["b.css", 40],
    ])
    const { total, over, measures } = weigh(assets, settings, new Map())
    expect(total).toEqual({ raw: 440, gzip: 220, brotli: 110 })
    expect(over).toEqual([])
    expect(measures.map(({ name }) => name)).toEqual([
      "total (raw)",
      "total (gzip)",
      "total (brotli)",
      "a.js (gzip)",
      "b.css (gzip)",
    ])
  })

  test("has a budget where slipway.yaml names none", () => {
    const over = (raw: number) => weigh([asset("a.js", raw)], settings, new Map()).over
    expect(over(2 * DEFAULT_TOTAL)).toEqual([])
    expect(over(2 * DEFAULT_TOTAL + 2000)).toEqual([
      "total has 1.0 MB (gzip), 1.0 kB over its budget of 1.0 MB",
    ])
  })

  test("is over the budget of its total, of its assets, and by what it grew", () => {
    const { budget } = parseConfig(
      'bundle: { budget: { total: 300kB, "assets/*.js": 1.5KiB }, size: raw }',
    ).bundle
    const assets = [asset("assets/a.js", 310_000), asset("assets/b.js", 1536), asset("index.html", 90_000)]
    const { over, measures } = weigh(
      assets,
      { ...settings, size: "raw", budget },
      new Map([["total (raw)", 350_000]]),
    )
    expect(over).toEqual([
      "total has 401.5 kB (raw), 101.5 kB over its budget of 300.0 kB",
      "total grew from 350.0 kB to 401.5 kB (raw), more than the 10 % that bundle.growth allows",
      "assets/a.js has 310.0 kB (raw), 308.5 kB over its budget of 1.5 kB",
    ])
    expect(measures.filter(({ limit }) => limit !== null).map(({ name, limit }) => [name, limit])).toEqual([
      ["total (raw)", 300_000],
      ["assets/a.js (raw)", 1536],
      ["assets/b.js (raw)", 1536],
    ])
  })

  test("is not within a budget that is for nothing", () => {
    expect(weigh([asset("a.js", 1)], { ...settings, budget: { "asset/*": 1 } }, new Map()).over).toEqual([
      "the budget for asset/* matches no asset. Correct the pattern in slipway.yaml",
    ])
  })
})

test.each([
  [999, "999 B"],
  [72_720, "72.7 kB"],
  [1_234_567, "1.2 MB"],
])("%i bytes read as %s", (size, text) => expect(bytes(size)).toBe(text))

describe("a stage", () => {
  test("is there for each workspace whose build makes a bundle for browsers", async () => {
    const project = await projectOf({
      "package.json": { name: "app", workspaces: ["api", "web"], scripts: { build: "npm run build -ws" } },
      "package-lock.json": {},
      "api/package.json": { name: "api", scripts: { build: "tsc -p ." } },
      "web/package.json": { name: "web", scripts: { build: "tsc && vite build" } },
    })
    const found = bundle.applies(project)
    expect(found.applies && found.stages.map(({ name }) => name)).toEqual(["bundle:web"])
  })

  test("is not there for a program of Node.js", () => {
    expect(bundleFolders("esbuild src/main.ts --bundle --platform=node --outdir=dist")).toBeNull()
    expect(bundleFolders("esbuild src/main.ts --bundle --outdir=dist")).toContain("dist")
    expect(bundleFolders("node tools/vitest.mjs")).toBeNull()
  })
})

describe("the outcome", () => {
  const built = {
    verdict: "passed",
    cause: null,
    summary: "",
    findings: [],
    tests: [],
    steps: [],
    log: { text: "built\n", lines: 1 },
  } as const
  const outcome = async (files: readonly Asset[], yaml = "", base: RunRecord | null = null) => {
    const project = await projectOf({ "package.json": {} }, yaml === "" ? defaultConfig() : parseConfig(yaml))
    return judge(built, { base, project }, "bundle:web", files)
  }

  test("of a bundle within its budget names its sizes and leaves a table", async () => {
    const result = await outcome([asset("a.js", 4000), asset("a.js.map", 9_000_000)])
    expect(result).toMatchObject({
      verdict: "passed",
      summary: "1 asset, 4.0 kB, 2.0 kB gzip, 1.0 kB brotli",
    })
    expect(Object.keys(result.files ?? {})).toEqual(["bundle/web.json"])
  })

  test("of a larger one fails by its budget, with all lines in the log", async () => {
    const result = await outcome([asset("a.js", 4000)], "bundle: { budget: { total: 1kB, a.js: 10B } }")
    expect(result).toMatchObject({
      verdict: "failed",
      cause: "budget",
      summary: "total has 2.0 kB (gzip), 1.0 kB over its budget of 1.0 kB, and 1 more",
    })
    expect(result.log.text).toContain("a.js has 2.0 kB (gzip)")
  })

  test("of a build that left nothing is no pass", async () => {
    expect(await outcome([])).toMatchObject({ verdict: "errored" })
  })
})
