import { expect, test } from "vitest"
import { shippedWith } from "../../../engine/node-release.js"
import { nearest } from "../../../engine/npm.js"

const release = (version: string, ...lines: readonly string[]) =>
  [`## 2025-01-02, Version ${version} 'Jod' (LTS), @someone`, "", ...lines, ""].join("\n")
const upgrade = (program: string, version: string) =>
  `* \\[[\`22b453b619\`](https://example.org/commit/22b453b619)] - **deps**: upgrade ${program} to ${version} (npm team) [#1](https://example.org/1)`

test("finds the npm of a release that does not name one in the release before", () => {
  const changelog = [
    release("22.12.1", "* fixes something of npm 9"),
    release("22.12.0", upgrade("npm", "10.9.1"), upgrade("npm", "10.9.0")),
    release("22.11.0", upgrade("npm", "10.10.0")),
  ].join("\n")
  expect(shippedWith("22.12.1", changelog)?.npm).toBe("10.9.1")
})

test("takes the highest of one release, whatever their order", () => {
  const changelog = release("24.0.0", ...["11.0.0", "11.10.0", "11.2.0"].map((one) => upgrade("npm", one)))
  expect(shippedWith("24.0.0", changelog)?.npm).toBe("11.10.0")
})

test("passes over an upgrade that was taken back", () => {
  const back = `* \\[[\`1\`]] - ***Revert*** "**deps**: upgrade npm to 10.9.2" (someone)`
  const changelog = release("22.13.0", back, upgrade("npm", "10.9.2"), upgrade("npm", "10.9.1"))
  expect(shippedWith("22.13.0", changelog)?.npm).toBe("10.9.1")
})

test("knows which releases have Corepack and Yarn", () => {
  const of = (version: string) =>
    shippedWith(version, release(version, upgrade("npm", "11.0.0"), upgrade("corepack", "0.34.0")))
  expect(of("24.1.0")).toEqual({ npm: "11.0.0", corepack: "0.34.0", yarn: true })
  expect(of("25.1.0")).toEqual({ npm: "11.0.0", corepack: null, yarn: true })
  expect(of("26.1.0")).toEqual({ npm: "11.0.0", corepack: null, yarn: false })
})

test("knows the npm of first releases that name none", () => {
  expect(shippedWith("26.0.0", release("26.0.0"))?.npm).toBe("11.12.1")
  expect(shippedWith("20.0.0", release("20.0.0"))).toBeNull()
})

test("of a Corepack that was never published, the newest before it is taken, else the first", () => {
  const versions = ["0.6.0", "0.14.0", "0.14.2"]
  expect(["0.14.2", "0.14.1", "0.4.0"].map((one) => nearest(one, versions))).toEqual([
    "0.14.2",
    "0.14.0",
    "0.6.0",
  ])
})
