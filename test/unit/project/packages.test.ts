import { describe, expect, test } from "vitest"
import { globMatcher } from "../../../ci/src/formats/glob.js"
import { hasManifest, workspaceFiles } from "../../../ci/src/project/packages.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { projectOf, workspaceOf } from "../projects.js"

const monorepo = () =>
  projectOf({
    "package.json": { name: "app", workspaces: ["api", "web", "shared"] },
    "package-lock.json": {},
    ".npmrc": "",
    ".dockerignore": "",
    "README.md": "",
    LICENSE: "",
    "dagger.json": {},
    "slipway.yaml": "",
    "docker-compose.yml": "",
    "eslint.config.js": "",
    "tsconfig.base.json": {},
    "api/package.json": { name: "api", dependencies: { shared: "*" } },
    "web/package.json": { name: "web" },
    "shared/package.json": { name: "shared" },
  })

describe("the files of a workspace", () => {
  test("are those of its folder, whatever characters its name has", async () => {
    const folder = "apps/[web] {a,b}"
    const project = await projectOf(
      {
        "package.json": { name: "app" },
        "[shared].config.js": "",
        "slipway.yaml": "",
        [`${folder}/package.json`]: { name: "web" },
      },
      parseConfig(`workspaces: ["${folder}"]`),
    )
    const selects = globMatcher(workspaceFiles(project, workspaceOf(project, folder)))
    expect(selects(`${folder}/src/a.ts`)).toBe(true)
    expect(selects("[shared].config.js")).toBe(true)
    expect(selects("apps/w a/src/a.ts")).toBe(false)
  })

  test("are its own, those it uses, shared configuration and what installing reads", async () => {
    const project = await monorepo()
    const files = workspaceFiles(project, workspaceOf(project, "api"))
    expect(files).toEqual(
      expect.arrayContaining([
        "api/**",
        "shared/**",
        "eslint.config.js",
        "tsconfig.base.json",
        "web/package.json",
        "package-lock.json",
      ]),
    )
    expect(files).not.toContain("web/**")
  })

  test.each([
    "README.md",
    "LICENSE",
    "dagger.json",
    "slipway.yaml",
    "docker-compose.yml",
    ".dockerignore",
  ])("are not %s, which no tool of it reads", async (file) => {
    const project = await monorepo()
    for (const workspace of project.workspaces) expect(workspaceFiles(project, workspace)).not.toContain(file)
  })

  test("are those as well that no package holds, for its tests may read them", async () => {
    const project = await projectOf({
      "package.json": { name: "app", workspaces: ["packages/*"] },
      "packages/api/package.json": { name: "api" },
      "packages/web/package.json": { name: "web" },
      "packages/setup.js": "",
      "testdata/a/package.json": {},
      "tools/b.js": "",
      "docs/c.js": "",
      ".github/d.js": "",
      "e2e/e.spec.ts": "",
      "infra/f.tf": "",
      "service/pyproject.toml": "",
      "service/g.py": "",
      "notes/h.md": "",
    })
    const files = workspaceFiles(project, workspaceOf(project, "packages/api"))
    const expected = ["packages/api/**", "packages/setup.js", "testdata/**", "tools/**"]
    expect(
      files.filter(
        (file) =>
          file.includes("/") && !file.startsWith(".") && !/package.json|npmrc|lock|patches/.test(file),
      ),
    ).toEqual(expected)
  })

  test("of the root are all", async () => {
    const project = await monorepo()
    expect(workspaceFiles(project, project.root)).toEqual(["**"])
  })
})

test("there is something to install where there is a package.json", async () => {
  expect(hasManifest(await monorepo())).toBe(true)
})
