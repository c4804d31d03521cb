import { describe, expect, test } from "vitest"
import { detect } from "../../../ci/src/project/detect.js"
import { resolveLinks, withTargets } from "../../../ci/src/project/links.js"
import type { LinkText } from "../../../ci/src/project/project.js"
import { defaultConfig } from "../../../ci/src/settings.js"

const FILES = [
  "Dockerfile.api",
  "packages/api/Dockerfile",
  "packages/api/src/price.js",
  "packages/api/src/shared",
  "packages/worker/src/shared",
  "shared/[id].js",
  "shared/money.js",
  "shared/more",
  "tools/dangling",
  "tools/loop",
]

const TEXTS: readonly LinkText[] = [
  { path: "Dockerfile.api", target: "packages/api/Dockerfile" },
  { path: "packages/api/src/shared", target: "../../../shared" },
  { path: "packages/worker/src/shared", target: "../../api/src/shared" },
  { path: "shared/more", target: "./[id].js" },
  { path: "tools/dangling", target: "/does/not/exist" },
  { path: "tools/loop", target: "." },
  { path: "tools/round", target: "round" },
  { path: "tools/out", target: "../../elsewhere" },
]

const links = resolveLinks(FILES, TEXTS)
const linkOf = (path: string) => links.find((link) => link.path === path)

describe("resolves a link", () => {
  test("to a file", () => {
    expect(linkOf("Dockerfile.api")).toMatchObject({ to: "packages/api/Dockerfile", kind: "file" })
  })

  test("to a folder, through another link", () => {
    expect(linkOf("packages/worker/src/shared")).toEqual({
      path: "packages/worker/src/shared",
      to: "shared",
      kind: "folder",
      through: ["packages/api/src/shared"],
    })
  })

  test("to its own folder", () => {
    expect(linkOf("tools/loop")).toMatchObject({ to: "tools", kind: "folder" })
  })

  test.each([
    "tools/dangling",
    "tools/round",
    "tools/out",
  ])("of none that leads out or nowhere: %s", (path) => {
    expect(linkOf(path)).toBeUndefined()
  })
})

describe("adds to a stage's inputs", () => {
  const grown = (include: readonly string[], exclude: readonly string[] = []) =>
    withTargets({ include, exclude }, links, FILES)

  test("the folder that a link leads to", () => {
    expect(grown(["packages/api/**"]).include).toEqual(["packages/api/**", "shared/**"])
  })

  test("the folder, also where patterns are named twice", () => {
    expect(grown(["packages/api/**", "packages/api/**", "package.json"]).include).toContain("shared/**")
  })

  test("the links on the way", () => {
    expect(grown(["packages/worker/**"]).include).toEqual([
      "packages/worker/**",
      "packages/api/src/shared",
      "shared/**",
    ])
  })

  test("a file, by a pattern that matches it alone", () => {
    expect(grown(["shared/more"]).include).toEqual(["shared/more", "shared/\\[id\\].js"])
  })

  test("what the stage leaves out otherwise", () => {
    expect(grown(["**"], ["shared/**"]).exclude).toEqual(["shared/**", "!shared/**"])
  })

  test("nothing where it has all already, or wants no more", () => {
    const whole = { include: ["**"], exclude: [] }
    expect(withTargets(whole, links, FILES)).toBe(whole)
    const exact = { include: ["packages/api/**"], exclude: [], exact: true } as const
    expect(withTargets(exact, links, FILES)).toBe(exact)
  })
})

test("a workspace that is a link is the package that it leads to, and its install has the link", async () => {
  const texts: Readonly<Record<string, string>> = {
    "package.json": '{ "workspaces": ["packages/*"] }',
    "packages/app/package.json": '{ "name": "app", "dependencies": { "lib": "1" } }',
    "vendor/lib/package.json": '{ "name": "lib" }',
    "vendor/lib/lib.test.js": "",
  }
  const files = [...Object.keys(texts), "packages/lib"]
  const link = { path: "packages/lib", to: "vendor/lib", kind: "folder", through: [] } as const
  const tree = { files, links: [link], read: async (file: string) => texts[file] ?? "" }
  const { workspaces, installs } = await detect(tree, defaultConfig())
  expect(workspaces.map(({ path }) => path)).toEqual(["packages/app", "vendor/lib"])
  expect(workspaces[0]?.needs).toEqual(["vendor/lib"])
  expect(installs).toEqual(["packages/lib"])
})
