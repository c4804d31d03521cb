import { expect, test } from "vitest"
import { managedVersions } from "../../../ci/src/project/version-managers.js"
import { type Files, treeOf } from "../projects.js"

const found = (files: Files, ...names: readonly string[]) => managedVersions(treeOf(files), names)

test.each<[string, Files, string, string]>([
  ["a line of .tool-versions", { ".tool-versions": "python 3.12.1\nuv 0.7.22 # pinned\n" }, "uv", "0.7.22"],
  ["a number", { "mise.toml": "[tools]\nnode = 22\n" }, "node", "22"],
  ["the first of several", { ".mise.toml": '[tools]\npython = ["3.12", "3.13"]\n' }, "python", "3.12"],
  ["a table", { "mise.toml": '[tools.poetry]\nversion = "1.8"\n' }, "poetry", "1.8"],
  ["a tool of another backend", { "mise.toml": '[tools]\n"pipx:pdm" = "2.20"\n' }, "pdm", "2.20"],
  ["a tool with its repository", { ".config/mise.toml": '[tools]\n"aqua:pnpm/pnpm" = "9"\n' }, "pnpm", "9"],
  ["a line of .prototools", { ".prototools": 'node = "20.11.0"\n\n[plugins]\nx = "y"\n' }, "node", "20.11.0"],
  [
    "the lock file of mise, for what is no exact version",
    { "mise.toml": '[tools]\nuv = "latest"\n', "mise.lock": '[[tools.uv]]\nversion = "0.12.5"\n' },
    "uv",
    "0.12.5",
  ],
  [
    "mise.toml, where the lock file lacks the tool",
    { "mise.toml": '[tools]\nuv = "latest"\n', "mise.lock": '[[tools.go]]\nversion = "1.25"\n' },
    "uv",
    "latest",
  ],
])("a version is read from %s", async (_what, files, name, version) => {
  expect((await found(files, name)).map((one) => one.version)).toEqual([version])
})

test("versions are in the order in which their files count, and none is made up", async () => {
  const files = { "mise.toml": '[tools]\nnodejs = "20"\n', ".tool-versions": "nodejs 22.1.0\nnodejs-x 1\n" }
  expect(await found(files, "node", "nodejs")).toEqual([
    { file: ".tool-versions", version: "22.1.0" },
    { file: "mise.toml", version: "20" },
  ])
  expect(await found(files, "bun")).toEqual([])
})
