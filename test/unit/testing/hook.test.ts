import { execFileSync, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, test } from "vitest"
import { readCoverage } from "../../../ci/src/formats/coverage-reader.js"
import { readJunit } from "../../../ci/src/formats/junit.js"
import { focused } from "../../../ci/src/testing/only.js"

const MODULE = fileURLToPath(new URL("../../..", import.meta.url))
const made: string[] = []

afterAll(() => {
  for (const folder of made) fs.rmSync(folder, { recursive: true, force: true })
})

const PRICE = `export const price = (amount, member) => {
  if (member) return amount * 0.9
  return amount
}
`

const files = (imports: string) => ({
  "package.json": JSON.stringify({ name: "shop", type: "module" }),
  "price.js": PRICE,
  "price.test.js": `${imports}
import assert from "node:assert"
import { price } from "./price.js"
describe("members", () => {
  it("pay less", () => assert.equal(price(100, true), 90))
  it("pay too much", () => assert.equal(price(100, true), 100))
  it.skip("pay later", () => {})
})
`,
})

/** Runs a command in a folder with some files, with the hook, and returns what it left. */
function run(content: Readonly<Record<string, string>>, args: readonly string[], settings: object = {}) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "slipway-hook-")))
  made.push(folder)
  const hook = path.join(folder, "hook")
  fs.cpSync(path.join(MODULE, "ci/inside/hook"), hook, { recursive: true })
  const runs = path.join(folder, "runs")
  const app = path.join(folder, "app")
  const defaults = { lints: false, coverage: true, files: [], shard: null, list: null }
  fs.writeFileSync(
    path.join(hook, "settings.json"),
    JSON.stringify({ ...defaults, ...settings, folder: runs, root: app }),
  )
  fs.mkdirSync(app)
  fs.symlinkSync(path.join(MODULE, "node_modules"), path.join(app, "node_modules"))
  for (const [name, text] of Object.entries(content)) {
    fs.mkdirSync(path.dirname(path.join(app, name)), { recursive: true })
    fs.writeFileSync(path.join(app, name), text)
  }
  // These tests may themselves run under a hook, whose marks would have the inner one keep still.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:SLIPWAY_|NODE_|VITEST|TEST$)/.test(name)),
  )
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: app,
    encoding: "utf8",
    env: { ...env, CI: "true", NODE_OPTIONS: `--require=${hook}/hook.cjs` },
    timeout: 60_000,
  })
  const started = fs.existsSync(runs) ? fs.readdirSync(runs) : []
  const read = (name: string) => {
    const file = started.map((one) => path.join(runs, one, name)).find((one) => fs.existsSync(one))
    return file === undefined ? "" : fs.readFileSync(file, "utf8")
  }
  return { status, output: stdout + stderr, app, runs: started, read }
}

const VITEST = "node_modules/vitest/vitest.mjs"

describe.each([
  ["node:test", 'import { describe, it } from "node:test"', ["--test", "--watch"]],
  ["a file of node:test", 'import { describe, it } from "node:test"', ["price.test.js"]],
  ["vitest", 'import { describe, it } from "vitest"', [VITEST, "--watch"]],
])("%s", (_runner, imports, args) => {
  const { status, output, app, runs, read } = run(files(imports), args)

  test("runs once, and leaves its tests", () => {
    expect(status, output).toBe(1)
    expect(runs).toHaveLength(1)
    const tests = readJunit(read("junit.xml"))
    expect(tests.map(({ name, verdict }) => `${verdict}: ${name.split(" > ").at(-1)}`)).toEqual([
      "passed: pay less",
      "failed: pay too much",
      "skipped: pay later",
    ])
    expect(tests[1]?.message).toMatch(/90 == 100/)
  })

  test("leaves the lines that ran", () => {
    const hits = readCoverage(read("coverage/lcov.info"), { root: app, folder: "" })
    expect([...hits.keys()]).toEqual(["price.js"])
    const lines = hits.get("price.js")
    expect([lines?.get(2), lines?.get(3)]).toEqual([2, 0])
  })
})

test.each([
  ["is a package", ["tools/uvu/bin.js", "price.test.js"], "export const run = (test) => test()"],
  ["is imported", ["price.test.js"], "export const run = (test) => test()"],
])("a runner that prints a count alone leaves the lines that ran, where it %s", (_how, args, uvu) => {
  const { status, output, app, read } = run(
    {
      "package.json": JSON.stringify({ name: "shop", type: "module" }),
      "tools/uvu/package.json": JSON.stringify({ name: "uvu", type: "module" }),
      "tools/uvu/index.js": uvu,
      "tools/uvu/bin.js": 'await import("../../price.test.js")',
      "price.js": PRICE,
      "price.test.js": `// from "uvu"
import { run } from "./tools/uvu/index.js"
import { price } from "./price.js"
run(() => price(100, true))
`,
    },
    args,
  )
  expect(status, output).toBe(0)
  const hits = readCoverage(read("coverage/lcov.info"), { root: app, folder: "" })
  expect([hits.get("price.js")?.get(2), hits.get("price.js")?.get(3)]).toEqual([1, 0])
})

test("a runner that crashes leaves how it ended", () => {
  const tape = 'console.log("TAP version 13\\nok 1 - a\\n1..1"); process.exitCode = 3 // from "tape"\n'
  expect(run({ "package.json": "{}", "a.js": tape }, ["a.js"]).read("exit")).toBe("3")
  const fine = run({ "package.json": "{}", "a.js": tape.replace("3 //", "0 //") }, ["a.js"])
  expect(fine.read("exit")).toBe("")
})

test("a runner is known behind the program that older releases of nyc start in its place", () => {
  const STAND_IN = `process.argv.splice(1, 1)
process.argv[1] = require("node:path").resolve(process.argv[1])
require("node:module").runMain()
`
  const folder = ".node-spawn-wrap-1-a"
  const content = {
    ...files('import { describe, it } from "node:test"'),
    [`${folder}/package.json`]: "{}",
    [`${folder}/node`]: STAND_IN,
  }
  expect(readJunit(run(content, [`${folder}/node`, "price.test.js"]).read("junit.xml"))).toHaveLength(3)
})

test("vitest gets coverage from a module among packages, which vitest 1 loads for browsers' tests too", () => {
  const { read } = run(files('import { describe, it } from "vitest"'), [VITEST, "run"])
  expect(read("node_modules/slipway/coverage.mjs")).toMatch(/^export \{ default \} from "file:/)
})

describe("a run without tests", () => {
  test.each([
    ["a file without one", "", ["--test"], 0],
    ["a pattern that matches nothing", "", [VITEST, "run", "nothing", "--passWithNoTests"], 0],
    ["a pattern that matches nothing, and fails", "", [VITEST, "run", "nothing"], 1],
  ])("leaves a report of none: %s", (_what, text, args, code) => {
    const { status, output, read } = run({ "package.json": "{}", "empty.test.js": text }, args)
    expect(status, output).toBe(code)
    expect(readJunit(read("junit.xml"))).toEqual([])
  })
})

test("a file that does not load fails with its error", () => {
  const { read } = run({ "package.json": "{}", "bad.test.js": "throw new Error('no such table')" }, [
    "--test",
  ])
  expect(readJunit(read("junit.xml"))).toMatchObject([
    { name: "bad.test.js", verdict: "failed", message: expect.stringContaining("no such table") },
  ])
})

test("a file that does not load fails with its error where Node.js names it from the working directory", async () => {
  const report: (events: readonly object[]) => AsyncIterable<string> = createRequire(import.meta.url)(
    "../../../ci/inside/hook/node-reporter.cjs",
  )
  const file = path.resolve("bad.test.js")
  const error = { failureType: "testCodeFailure", cause: "test failed" }
  let xml = ""
  for await (const text of report([
    { type: "test:stderr", data: { file: "bad.test.js", message: "Error: no such table\n" } },
    { type: "test:start", data: { name: "bad.test.js", nesting: 0, file } },
    { type: "test:fail", data: { name: "bad.test.js", nesting: 0, file, details: { error } } },
  ]))
    xml += text
  expect(readJunit(xml)).toMatchObject([{ message: expect.stringContaining("no such table") }])
})

test("reporters of a script's own stay", () => {
  const content = files('import { describe, it } from "node:test"')
  const { output, read } = run(content, ["--test", "--test-reporter=tap"])
  expect(output).toContain("TAP version")
  expect(readJunit(read("junit.xml"))).toHaveLength(3)
})

describe("a program", () => {
  const tests = files('import { describe, it } from "node:test"')
  const OWN = `import { run } from "node:test"
run({ files: [import.meta.dirname + "/price.test.js"] }).on("data", () => {})
`

  test.each([
    ["that calls run() of node:test", OWN, 0],
    ["that only imports test files", 'import "./price.test.js"\n', 1],
  ])("%s leaves the tests, whatever its exit code", (_what, text, code) => {
    const { status, output, read } = run({ ...tests, "test.mjs": text }, ["test.mjs"])
    expect(status, output).toBe(code)
    const verdicts = readJunit(read("junit.xml")).map(({ verdict }) => verdict)
    expect(verdicts).toEqual(["passed", "failed", "skipped"])
    expect(read("coverage/lcov.info")).toContain("price.js")
  })

  test("that imports a runner which prints TAP leaves that", () => {
    const zora = 'export const test = () => console.log("TAP version 13\\nok 1 - a\\n1..1")\n'
    const content = {
      "package.json": JSON.stringify({ type: "module", imports: { "#zora": "./zora.js" } }),
      "zora.js": zora,
      "a.js": 'import { test } from "#zora" // from "zora"\ntest()\n',
      "index.js": 'import "./a.js"\n',
    }
    expect(run(content, ["index.js"]).read("output.tap")).toContain("ok 1 - a")
  })
})

test("only some files run where it is told to, and the others are listed", () => {
  const content = { ...files('import { describe, it } from "vitest"'), "other.test.js": "throw new Error()" }
  const { read } = run(content, [VITEST, "run"], { files: ["price.test.js"], coverage: false })
  expect(readJunit(read("junit.xml"))).toHaveLength(3)
})

describe("options of a script that the hook takes away", () => {
  const { without } = createRequire(import.meta.url)(path.join(MODULE, "ci/inside/hook/process.cjs"))
  const options = { flags: ["--watch", "-o"], values: ["--changedSince"], optional: ["--changed"] }

  test.each([
    [["--watch", "a"], ["a"]],
    [["--watch", "false", "a"], ["a"]],
    [["--watch=true", "a"], ["a"]],
    [["--changedSince", "main", "a"], ["a"]],
    [["--changed", "HEAD~1", "--silent"], ["--silent"]],
    [["--changed", "--silent", "-o"], ["--silent"]],
  ])("%j", (args, left) => {
    expect(without(args, options)).toEqual(left)
  })
})

test("a test that keeps others from running is found, and no word of it", () => {
  const { writeOnly } = createRequire(import.meta.url)(path.join(MODULE, "ci/inside/hook/only.cjs"))
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-only-"))
  made.push(folder)
  const file = (name: string, text: string) => {
    fs.writeFileSync(path.join(folder, name), text)
    return path.join(folder, name)
  }
  writeOnly(folder, [
    file("a.js", "describe('a', () => {\n  it.only('one', () => {})\n})\n"),
    file("b.js", "// it.only('one')\nit('says it.only(', () => model.fit(1))\n"),
    file("c.ts", "test.concurrent.only.each([1])('%s', () => {})\n"),
    path.join(folder, "gone.js"),
  ])
  const text = fs.readFileSync(path.join(folder, "only.json"), "utf8")
  expect(JSON.parse(text)).toEqual([
    { file: path.join(folder, "a.js"), line: 2 },
    { file: path.join(folder, "c.ts"), line: 1 },
  ])
  expect(focused({ "/slipway/runs/1-1/only.json": text.replaceAll(folder, "/src") })[0]?.what).toMatch(
    /a\.js:2$/,
  )
})

test("bun's tests run once, and leave a report and coverage", () => {
  const { bunArgs } = createRequire(import.meta.url)(path.join(MODULE, "ci/inside/hook/bun.cjs"))
  const settings = { coverage: true, files: ["/app/a.test.ts"] }
  expect(bunArgs({ settings, folder: "/runs/1", args: ["test", "--watch", "--timeout", "5"] })).toEqual([
    "test",
    "--reporter=junit",
    "--reporter-outfile=/runs/1/junit.xml",
    "--coverage",
    "--coverage-reporter=text",
    "--coverage-reporter=lcov",
    "--coverage-dir=/runs/1/coverage",
    "--timeout",
    "5",
    "/app/a.test.ts",
  ])
})

test("a program that is no tool is left as it is", () => {
  const { output, runs } = run({ "package.json": "{}", "a.js": "console.log(process.argv.length)" }, ["a.js"])
  expect({ output, runs }).toEqual({ output: "2\n", runs: [] })
})

test("the node before others keeps what a script sets, and watches nothing", () => {
  const node = path.join(MODULE, "ci/inside/hook/bin/node")
  const text = fs.readFileSync(node, "utf8").replace("exec /slipway/hook/node", "echo $NODE_OPTIONS")
  const sh = (...args: string[]) =>
    execFileSync("sh", ["-c", text, "node", ...args], {
      encoding: "utf8",
      env: { NODE_OPTIONS: "--experimental-vm-modules" },
    }).trim()
  const head = "--require=/slipway/hook/hook.cjs --experimental-vm-modules"
  expect(sh("--watch", "-r", "a b", "--watch-path=src", "check.js", "--watch")).toBe(
    `${head} -r a b check.js --watch`,
  )
})
