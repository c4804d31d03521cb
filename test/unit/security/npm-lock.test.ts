import { expect, test } from "vitest"
import { installedAlone } from "../../../ci/src/security/tools/npm-lock.js"

test("a lock file for Dependency-Check has what is installed, without ranges, workspaces and links", () => {
  const lock = {
    name: "shop",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: {
      "": { name: "shop", dependencies: { a: "^1.0.0" } },
      backend: { version: "1.0.0", dependencies: { b: "*" } },
      "node_modules/backend": { resolved: "backend", link: true },
      "node_modules/a": { version: "1.2.3", dependencies: { b: "^2.0.0" } },
      "node_modules/a/node_modules/b": { version: "2.1.0", optional: true },
      "node_modules/c": { version: "3.0.0", dev: true },
    },
  }
  expect(JSON.parse(installedAlone(JSON.stringify(lock)))).toEqual({
    name: "shop",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: {
      "node_modules/a": { version: "1.2.3" },
      "node_modules/a/node_modules/b": { version: "2.1.0" },
      "node_modules/c": { version: "3.0.0", dev: true },
    },
  })
})

test("a lock file of another shape stays as it is", () => {
  for (const text of ["", "{", '{"lockfileVersion":1,"dependencies":{}}'])
    expect(installedAlone(text)).toBe(text)
})
