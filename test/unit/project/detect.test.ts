import { describe, expect, test } from "vitest"
import type { Config } from "../../../ci/src/config/config.js"
import { detect } from "../../../ci/src/project/detect.js"
import type { Project, Tree, Workspace } from "../../../ci/src/project/project.js"
import { Fault } from "../../../ci/src/run/fault.js"
import { defaultConfig, parseConfig } from "../../../ci/src/settings.js"

type Files = Readonly<Record<string, string | object>>

/** A tree in memory, which notes what is read. Objects are files that hold JSON. */
function memory(files: Files): Tree & { readonly reads: string[] } {
  const reads: string[] = []
  return {
    files: Object.keys(files).sort(),
    reads,
    read(path) {
      reads.push(path)
      const content = files[path]
      if (content === undefined) return Promise.reject(new Error(`read of a file that is not there: ${path}`))
      return Promise.resolve(typeof content === "string" ? content : JSON.stringify(content))
    },
  }
}

function project(files: Files, config: Config = defaultConfig()): Promise<Project> {
  return detect(memory(files), config)
}

async function faultOf(files: Files, config: Config = defaultConfig()): Promise<Fault> {
  const outcome = await project(files, config).catch((error: unknown) => error)
  if (outcome instanceof Fault) return outcome
  throw new Error("no fault")
}

async function workspaceAt(path: string, files: Files): Promise<Workspace | undefined> {
  return (await project(files)).workspaces.find((workspace) => workspace.path === path)
}

const paths = ({ workspaces }: Project) => workspaces.map(({ path }) => path)
const named = (name: string, dependencies: readonly string[] = []) => ({
  name,
  dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, "*"])),
})

const MEDFLOW: Files = {
  "package.json": {
    name: "@clinic/medflow",
    workspaces: ["backend", "frontend"],
    scripts: { lint: "eslint ." },
  },
  "package-lock.json": {},
  ".nvmrc": "v20.11.1\n",
  "eslint.config.js": "",
  "backend/package.json": { name: "@clinic/backend", scripts: { test: "vitest" }, dependencies: { pg: "8" } },
  "backend/Dockerfile":
    "FROM node\nCOPY package.json package-lock.json ./\nCOPY backend/package.json backend/\n",
  "backend/src/index.ts": "",
  "frontend/package.json": { name: "@clinic/frontend", devDependencies: { "@clinic/backend": "*" } },
  "frontend/src/App.tsx": "",
}

const NO_ORDER = { needed: null, own: null, unmade: null, references: [] }

describe("a project of npm workspaces", () => {
  test("is detected without configuration", async () => {
    const { config, files, ...found } = await project(MEDFLOW)
    expect(config).toBe(defaultConfig())
    expect(files).toEqual(Object.keys(MEDFLOW).sort())
    expect(found).toMatchObject({
      name: "medflow",
      path: "",
      language: "node",
      packageManager: expect.objectContaining({ name: "npm", version: null, packages: [] }),
      lockFile: "package-lock.json",
      installs: [],
      node: "20.11.1",
      nodeBy: ".nvmrc",
      nodeDisagreements: [],
      declared: { compose: {}, env: {}, schemas: {}, jobs: [], setups: [], unreadable: [] },
      root: {
        name: "medflow",
        packageName: "@clinic/medflow",
        path: "",
        scripts: { lint: "eslint ." },
        dependencies: [],
        needs: [],
        order: NO_ORDER,
      },
      workspaces: [
        {
          name: "backend",
          packageName: "@clinic/backend",
          path: "backend",
          scripts: { test: "vitest" },
          dependencies: ["pg"],
          needs: [],
          order: NO_ORDER,
        },
        {
          name: "frontend",
          packageName: "@clinic/frontend",
          path: "frontend",
          scripts: {},
          dependencies: ["@clinic/backend"],
          needs: ["backend"],
          order: NO_ORDER,
        },
      ],
      rootFiles: [".nvmrc", "eslint.config.js", "package-lock.json", "package.json"],
    })
  })

  test("is named as slipway.yaml says", async () => {
    const { name, root } = await project(MEDFLOW, parseConfig("project: MedFlow Praxis"))
    expect([name, root.name, root.packageName]).toEqual([
      "MedFlow Praxis",
      "MedFlow Praxis",
      "@clinic/medflow",
    ])
  })

  test("costs reading only what counts", async () => {
    const tree = memory({
      ...MEDFLOW,
      ".node-version": "18",
      Dockerfile: "FROM node",
      "examples/other/package.json": named("other"),
      "examples/other/Dockerfile": "FROM node",
      "docker/Dockerfile.unknown": "FROM node",
      "node_modules/pg/package.json": named("pg"),
    })
    await detect(tree, defaultConfig())
    expect([...new Set(tree.reads)].sort()).toEqual([
      ".node-version",
      ".nvmrc",
      "Dockerfile",
      "backend/Dockerfile",
      "backend/package.json",
      "docker/Dockerfile.unknown",
      // Scripts name compose files.
      "examples/other/package.json",
      "frontend/package.json",
      "package.json",
    ])
  })
})

describe("workspaces", () => {
  const files = {
    "packages/a/package.json": named("a"),
    "packages/b/package.json": named("b"),
    "packages/b/nested/package.json": named("nested"),
    "packages/b/node_modules/x/package.json": named("x"),
    "packages/no-manifest/index.js": "",
    "examples/demo/package.json": named("demo"),
    "Über uns/package.json": named("ueber-uns"),
    "packages/a/.next/package.json": named("made"),
  }
  test.each([
    ["a folder with a dot, where it is named", ["packages/a/.next"], ["packages/a/.next"]],
    ["a folder", ["packages/a"], ["packages/a"]],
    ["folders written with dots and slashes", ["./packages/a/"], ["packages/a"]],
    ["all of a folder", ["packages/*"], ["packages/a", "packages/b"]],
    ["all below a folder", ["packages/**"], ["packages/a", "packages/b", "packages/b/nested"]],
    ["all but some", ["packages/*", "!packages/b"], ["packages/a"]],
    ["alternatives", ["packages/{a,b}"], ["packages/a", "packages/b"]],
    ["a set of letters", ["packages/[!a]"], ["packages/b"]],
    ["a placeholder for a letter", ["packages/?"], ["packages/a", "packages/b"]],
    ["spaces and umlauts", ["Über uns"], ["Über uns"]],
    [
      "everything, installed packages never",
      ["**"],
      ["examples/demo", "packages/a", "packages/b", "packages/b/nested", "Über uns"],
    ],
    ["all but some that stand first", ["!packages/b", "packages/*"], ["packages/a"]],
    ["a folder that is not there", ["packages/z"], []],
    ["a pattern that makes no sense", ["packages/[z-a]"], []],
    ["the root itself", ["."], []],
    ["a pattern with a regular expression's characters", ["packages/(a|b)+"], []],
  ])("may be %s", async (_, workspaces, expected) => {
    expect(paths(await project({ "package.json": { workspaces }, ...files }))).toEqual(expected)
  })

  test("may be given as an object, as yarn has it", async () => {
    const manifest = { workspaces: { packages: ["packages/*"] } }
    expect(paths(await project({ "package.json": manifest, ...files }))).toEqual(["packages/a", "packages/b"])
  })

  test("are read from pnpm-workspace.yaml for pnpm, and only from there", async () => {
    const found = await project({
      "package.json": { workspaces: ["examples/*"] },
      "pnpm-workspace.yaml": "packages:\n  - packages/**\n  - '!**/nested'\n",
      ...files,
    })
    expect(found.packageManager.name).toBe("pnpm")
    expect(paths(found)).toEqual(["packages/a", "packages/b"])
  })

  test("are empty if pnpm-workspace.yaml holds only settings", async () => {
    expect(
      paths(await project({ "package.json": {}, "pnpm-workspace.yaml": "catalog:\n  zod: 4\n", ...files })),
    ).toEqual([])
  })

  test("do not come from a nested project that nobody lists", async () => {
    expect(paths(await project({ "package.json": {}, ...files }))).toEqual([])
  })

  test.each([
    ["workspaces: []", []],
    ["workspaces: [.]", []],
    ["workspaces: [examples/demo, ./examples/demo/]", ["examples/demo"]],
  ])("are those of slipway.yaml where it has %s", async (yaml, expected) => {
    const manifest = { workspaces: ["packages/*"] }
    expect(paths(await project({ "package.json": manifest, ...files }, parseConfig(yaml)))).toEqual(expected)
  })

  test("that slipway.yaml names and that do not exist are a fault with the nearest folder", async () => {
    const fault = await faultOf({ "package.json": {}, ...files }, parseConfig("workspaces: [pakages/a]"))
    expect(fault).toMatchObject({
      code: "configuration",
      where: "slipway.yaml",
      what: 'workspaces names the folder "pakages/a", which has no package.json; did you mean "packages/a"?',
    })
  })
})

describe("a workspace's name", () => {
  const names = async (folders: readonly string[], name = "app") => {
    const manifests = folders.map((path) => [`${path}/package.json`, {}] as const)
    const found = await project({
      "package.json": { name, workspaces: ["**"] },
      ...Object.fromEntries(manifests),
    })
    return Object.fromEntries(found.workspaces.map((workspace) => [workspace.path, workspace.name]))
  }

  test("is its folder's", async () => {
    expect(await names(["packages/api", "Über uns"])).toEqual({
      "packages/api": "api",
      "Über uns": "Über uns",
    })
  })

  test("is its whole path where two folders are called the same", async () => {
    expect(await names(["a/api", "b/api"])).toEqual({ "a/api": "a-api", "b/api": "b-api" })
  })

  test("is not the project's", async () => {
    expect(await names(["packages/app"])).toEqual({ "packages/app": "packages-app" })
    expect(await names(["app"])).toEqual({ app: "app-2" })
  })

  test("is unique even where paths with dashes are the same", async () => {
    expect(Object.values(await names(["a-b/c", "a/b-c", "x/c", "x/b-c"]))).toEqual([
      "a-b-c",
      "a-b-c-2",
      "x-b-c",
      "x-c",
    ])
  })
})

describe("what a workspace needs", () => {
  const needs = async (dependencies: Readonly<Record<string, readonly string[]>>) => {
    const manifests = Object.entries(dependencies).map(
      ([path, names]) => [`${path}/package.json`, named(`@x/${path}`, names)] as const,
    )
    const root = { name: "root", workspaces: ["*"], devDependencies: { "@x/a": "*" } }
    const found = await project({ "package.json": root, ...Object.fromEntries(manifests) })
    return Object.fromEntries([found.root, ...found.workspaces].map(({ path, needs }) => [path, needs]))
  }

  test("includes what its dependencies need", async () => {
    expect(await needs({ a: ["@x/b", "pg"], b: ["@x/c"], c: [], d: ["@x/c"] })).toEqual({
      "": ["a", "b", "c"],
      a: ["b", "c"],
      b: ["c"],
      c: [],
      d: ["c"],
    })
  })

  test("does not include itself, even in a circle", async () => {
    expect(await needs({ a: ["@x/b"], b: ["@x/a", "root"] })).toEqual({ "": ["a", "b"], a: ["b"], b: ["a"] })
  })

  test.each([
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "optionalDependencies",
  ])("counts %s", async (kind) => {
    const files = {
      "package.json": { workspaces: ["a", "b"] },
      "a/package.json": { [kind]: { b: "workspace:*" } },
      "b/package.json": {},
    }
    expect((await workspaceAt("a", files))?.needs).toEqual(["b"])
  })
})

describe("the package manager and its lock file", () => {
  test.each([
    [[], undefined, "npm", null],
    [["package-lock.json"], undefined, "npm", "package-lock.json"],
    [["npm-shrinkwrap.json", "package-lock.json"], undefined, "npm", "npm-shrinkwrap.json"],
    [["pnpm-lock.yaml"], undefined, "pnpm", "pnpm-lock.yaml"],
    [["yarn.lock"], undefined, "yarn", "yarn.lock"],
    [["yarn.lock", "pnpm-lock.yaml", "package-lock.json"], undefined, "pnpm", "pnpm-lock.yaml"],
    [["yarn.lock", "pnpm-lock.yaml"], undefined, "pnpm", "pnpm-lock.yaml"],
    [["yarn.lock", "package-lock.json"], "yarn@4.5.0+sha224.abc", "yarn", "yarn.lock"],
    [["package-lock.json"], "pnpm@9.0.0", "pnpm", null],
    [["package-lock.json"], "bun@1.2.0", "bun", null],
    [["bun.lock", "package-lock.json"], undefined, "bun", "bun.lock"],
    [["package-lock.json"], "deno@2.0.0", "npm", "package-lock.json"],
    [["app/yarn.lock"], undefined, "npm", null],
  ])("of %j with packageManager %s are %s and %s", async (locks, packageManager, manager, lockFile) => {
    const files = Object.fromEntries(locks.map((lock) => [lock, ""]))
    const found = await project({ "package.json": { packageManager }, ...files })
    expect([found.packageManager.name, found.lockFile]).toEqual([manager, lockFile])
  })
})

describe("without a lock file, the package manager is the one", () => {
  const job = (...runs: readonly string[]) => ({
    "runs-on": "ubuntu-latest",
    steps: [...runs, "npm test"].map((run) => ({ run })),
  })
  const setUp = { uses: "pnpm/action-setup@v4", with: { version: 11 } }

  test.each([
    ["npm", { unit: job("npm install --ignore-scripts"), types: job("npm ci") }],
    ["yarn", { unit: job("yarn install"), lint: job("yarn install") }],
    ["pnpm", { unit: job("pnpm i") }],
    ["pnpm", {}],
  ])("by which most jobs install: %s", async (name, jobs) => {
    const other = { ...job("pnpm install"), steps: [setUp, ...job("pnpm install").steps] }
    const workflow = { jobs: { ...jobs, other } }
    const found = await project({ "package.json": {}, ".github/workflows/ci.yml": workflow })
    expect(found.packageManager.name).toBe(name)
  })
})

describe("a folder without package.json", () => {
  test("is a project without scripts or dependencies", async () => {
    const found = await project({ "setup.py": "", "src/a.py": "", Dockerfile: "FROM python" })
    expect(found).toMatchObject({
      name: "project",
      lockFile: null,
      root: { path: "", scripts: {}, dependencies: [] },
      workspaces: [],
      rootFiles: ["Dockerfile", "setup.py"],
    })
  })
})
