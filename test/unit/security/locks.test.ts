import { describe, expect, test } from "vitest"
import { globMatcher } from "../../../ci/src/formats/glob.js"
import { isLock, LOCK_FILES, namesPackages } from "../../../ci/src/security/locks.js"
import { developmentOnly, projectAlone } from "../../../ci/src/security/tools/pnpm-lock.js"

describe("a lock file", () => {
  test.each([
    ["package-lock.json", '{"packages":{"":{},"node_modules/ms":{"version":"2.1.3"}}}'],
    ["package-lock.json", '{"lockfileVersion":1,"dependencies":{"ms":{"version":"2.1.3"}}}'],
    ["pnpm-lock.yaml", "lockfileVersion: '9.0'\n\npackages:\n\n  ms@2.1.3:\n    resolution: {}\n"],
    ["yarn.lock", '# yarn lockfile v1\n\nms@^2:\n  version "2.1.3"\n'],
    [
      "yarn.lock",
      '__metadata:\n  version: 8\n\n"ms@npm:^2":\n  version: 2.1.3\n  resolution: "ms@npm:2.1.3"\n',
    ],
    ["bun.lock", '{ "packages": {\n    "ms": ["ms@2.1.3"] } }'],
    ["bun.lockb", ""],
    ["uv.lock", '[[package]]\nname = "idna"\nsource = { registry = "https://pypi.org/simple" }\n'],
    ["poetry.lock", '[[package]]\nname = "idna"\n'],
    ["requirements-dev.txt", "# tests\npytest>=8\n"],
    ["requirements/base.txt", "flask==3.0.0\n"],
    ["go.mod", "module a.example/b\n\nrequire (\n\tgolang.org/x/text v0.3.0\n)\n"],
    ["Gemfile.lock", "GEM\n  specs:\n    rack (2.0.0)\n"],
  ])("%s names packages: %j", (file, text) => {
    expect(namesPackages(`apps/a b/${file}`, text)).toBe(true)
    expect(globMatcher(LOCK_FILES)(`apps/a b/${file}`)).toBe(true)
  })

  test.each([
    ["package-lock.json", '{"packages":{"":{},"web":{},"node_modules/web":{"resolved":"web","link":true}}}'],
    ["pnpm-lock.yaml", "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n"],
    ["yarn.lock", '"a@workspace:.":\n  version: 0.0.0\n  resolution: "a@workspace:."\n'],
    ["bun.lock", '{ "workspaces": {}, "packages": {} }'],
    ["uv.lock", '[[package]]\nname = "app"\nsource = { virtual = "." }\n'],
    ["requirements.txt", "# nothing yet\n--index-url https://example.org\n"],
  ])("%s names none: %j", (file, text) => {
    expect(namesPackages(file, text)).toBe(false)
  })

  test.each([
    "package.json",
    "my-requirements.md",
    "yarn.lock.bak",
    "docs/requirements",
  ])("is not %s", (file) => {
    expect(isLock(file)).toBe(false)
  })
})

describe("pnpm's lock file of several documents", () => {
  const own = `---
lockfileVersion: '9.0'
importers:
  .:
    packageManagerDependencies:
      pnpm: { specifier: 12.1.0, version: 12.1.0 }
packages:
  pnpm@12.1.0: {}
snapshots:
  pnpm@12.1.0: {}
`
  const project = `---
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: { specifier: ^1, version: 1.0.0 }
packages:
  a@1.0.0: {}
  b@1.0.0: {}
snapshots:
  a@1.0.0: {}
  b@1.0.0: {}
`

  test.each([
    ["pnpm's own and the project's", own + project, "\n".repeat(own.split("\n").length - 1) + project],
    ["Windows' line ends", `${own}${project}`.replaceAll("\n", "\r\n"), null],
    ["the project's alone", project, project],
    ["one without a mark", project.replace("---\n", ""), project.replace("---\n", "")],
  ])("is read as the project's: %s", (_what, text, alone) => {
    const read = projectAlone(text)
    if (alone !== null) expect(read).toBe(alone)
    expect(read.split("\n")).toHaveLength(text.split("\n").length)
    expect([...developmentOnly(read)]).toEqual(["b@1.0.0"])
  })

  test("names no package where the project has none", () => {
    const empty = "---\nlockfileVersion: '9.0'\nimporters:\n  .: {}\n"
    expect(namesPackages("pnpm-lock.yaml", projectAlone(own + empty))).toBe(false)
  })
})

describe("pnpm's lock file tells what only development needs", () => {
  const lock = `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: { specifier: ^1, version: 1.0.0(peer@3.0.0) }
    devDependencies:
      jest: { specifier: ^1, version: 1.0.0 }
  web:
    optionalDependencies:
      other: { specifier: 'npm:real@2', version: real@2.0.0 }
packages:
  a@1.0.0: {}
  b@1.0.0: {}
  jest@1.0.0: {}
  '@x/only@1.0.0': {}
  peer@3.0.0: {}
  real@2.0.0: {}
snapshots:
  a@1.0.0(peer@3.0.0):
    dependencies: { b: 1.0.0, peer: 3.0.0 }
  b@1.0.0: {}
  jest@1.0.0:
    dependencies: { '@x/only': 1.0.0, b: 1.0.0 }
  '@x/only@1.0.0': {}
  peer@3.0.0: {}
  real@2.0.0: {}
`

  test("by what its projects depend on, from version 9 on", () => {
    expect([...developmentOnly(lock)].sort()).toEqual(["@x/only@1.0.0", "jest@1.0.0"])
  })

  test.each([
    ["6", "/@x/only@1.0.0", "/a@1.0.0(peer@3.0.0)", "version: 1.0.0(peer@3.0.0)"],
    ["5.4", "/@x/only/1.0.0", "/a/1.0.0_peer@3.0.0", "version: 1.0.0_peer@3.0.0"],
  ])("by the same in a file of version %s", (_version, only, a, version) => {
    const text = `dependencies:
  a: { specifier: ^1, ${version} }
devDependencies:
  '@x/only': { specifier: ^1, version: 1.0.0 }
packages:
  ${a}: { dev: false }
  '${only}': { dev: true }
`
    expect([...developmentOnly(text)]).toEqual(["@x/only@1.0.0"])
  })
})
