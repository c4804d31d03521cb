import { execFileSync } from "node:child_process"
import { beforeAll, describe, expect, test } from "vitest"
import { edit, folderOf, onlyStages, report } from "./support.js"

const PRICE = `exports.price = (amount, member) => {
  if (member) return amount * 0.9
  return amount
}
`

const WORDS = `exports.shout = (text) => {
  if (text === "") return "!"
  return text.toUpperCase()
}
`

/** A test file of a runner that has `describe` and `test` or `it` as globals. */
const tests = (module: string, what: string, name: string, call: string, expected: string) =>
  `const assert = require("node:assert")
const tested = require("./${module}")
describe("${what}", () => {
  it("${name}", () => assert.deepStrictEqual(tested.${call}, ${expected}))
})
`

const workspace = (name: string, script: string, devDependencies: object) => ({
  name,
  version: "1.0.0",
  private: true,
  scripts: { test: script },
  devDependencies,
})

describe("a project with jest in one package and mocha in another", () => {
  const folder = folderOf({
    "package.json": { name: "two", version: "1.0.0", private: true, workspaces: ["prices", "words"] },
    "slipway.yaml": `${onlyStages()}tests: { retries: 0 }\ncoverage: { lines: 75 }\n`,
    "prices/package.json": workspace("prices", "jest", { jest: "29.7.0" }),
    "prices/price.js": PRICE,
    "prices/price.test.js": tests("price", "members", "pay less", "price(100, true)", "90"),
    "words/package.json": workspace("words", "c8 mocha '*.spec.js'", {
      c8: "10.1.3",
      mocha: "10.8.2",
    }),
    "words/words.js": WORDS,
    "words/words.spec.js": tests("words", "a shout", "is loud", 'shout("ahoy")', '"AHOY"'),
  })
  // A lock file of theirs has 4000 lines: npm makes it.
  beforeAll(() => {
    execFileSync("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit"], { cwd: folder })
  })

  test("has their tests counted, and their coverage put together", async () => {
    const { record, stage } = await report(folder)
    expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({ exitCode: 0 })
    expect(stage("test:unit:prices").tests).toMatchObject([
      { name: expect.stringContaining("pay less"), file: "prices/price.test.js", verdict: "passed" },
    ])
    expect(stage("test:unit:words").tests).toMatchObject([
      { suite: "a shout", name: "is loud", file: "words/words.spec.js", verdict: "passed" },
    ])
    expect(stage("coverage").coverage).toMatchObject([
      { file: "prices/price.js", lines: 3, covered: 2, missed: "3" },
      { file: "words/words.js", lines: 4, covered: 4 },
    ])
  })

  test("has a test that fails named, whichever runs it", async () => {
    edit(folder, "prices/price.js", (text) => text.replace("0.9", "0.8"))
    edit(folder, "words/words.js", (text) => text.replace("Upper", "Lower"))
    const { record, stage } = await report(folder)
    expect(record).toMatchObject({ verdict: "failed", exitCode: 10 })
    const said = (name: string) => {
      const { summary, tests } = stage(name)
      return [summary, ...tests.map(({ verdict, message }) => `${verdict}: ${message}`)]
    }
    const summary = "1 of 1 test failed"
    expect(said("test:unit:prices")).toEqual([summary, expect.stringMatching(/^failed: .*90.*80/s)])
    expect(said("test:unit:words")).toEqual([summary, expect.stringMatching(/^failed: .*'ahoy' !== 'AHOY'/s)])
  })
})

describe("a project with a native addon, whose tests call git", () => {
  const folder = folderOf({
    "package.json": {
      name: "native",
      version: "1.0.0",
      private: true,
      scripts: { install: "node-gyp rebuild", test: "node --test" },
    },
    "slipway.yaml": onlyStages(),
    "binding.gyp": '{ "targets": [{ "target_name": "seven", "sources": ["seven.c"] }] }\n',
    "seven.c": `#include <node_api.h>

NAPI_MODULE_INIT() {
  napi_value seven;
  napi_create_int32(env, 7, &seven);
  return seven;
}
`,
    "seven.test.js": `const assert = require("node:assert")
const { execFileSync } = require("node:child_process")
const { test } = require("node:test")

test("the addon is built", () => assert.strictEqual(require("./build/Release/seven.node"), 7))
test("the files are in git", () => {
  const git = (...args) => execFileSync("git", args).toString()
  assert.match(git("ls-files"), /^seven\\.c$/m)
  assert.strictEqual(git("status", "--porcelain", "--", "seven.c"), "")
})
test("what nobody may read is refused", () => {
  const fs = require("node:fs")
  fs.writeFileSync("secret", "", { mode: 0 })
  fs.chmodSync("secret", 0)
  assert.throws(() => fs.readFileSync("secret"), { code: "EACCES" })
})
`,
  })

  test("is built without the internet, and tested", async () => {
    const { record, stage } = await report(folder)
    expect(record, record.stages.map(({ summary }) => summary).join("\n")).toMatchObject({ exitCode: 0 })
    const { tests, summary } = stage("test:unit")
    expect(tests.map(({ verdict }) => verdict)).toEqual(["passed", "passed", "passed"])
    expect(summary).toBe("3 tests; without root's rights over files")
  })
})
