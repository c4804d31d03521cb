import { describe, expect, test } from "vitest"
import { app, call, folderOf, QUIET, report } from "./support.js"

/** The first lines of what a person reads. */
const first = (said: string) => said.split("\n").slice(0, 3).join("\n")

describe("a slipway.yaml", () => {
  test.each([
    ["with a wrong type", "concurrency: many\n", /slipway\.yaml:1:14: .*whole number/],
    ["with an unknown key", "project: a\nstages:\n  unti: {}\n", /slipway\.yaml:3:3: .*"unti".*"unit"/],
    ["with a tab", "stages:\n\tunit: {}\n", /slipway\.yaml:2:1/],
    [
      "whose stages need each other",
      "custom:\n  a: {image: debian, commands: [x], needs: [b]}\n  b: {image: debian, commands: [x], needs: [a]}\n",
      /circle: a → b → a/,
    ],
  ])("%s is refused where it is wrong", async (_what, yaml, message) => {
    const { code, said } = await call(app({ "slipway.yaml": yaml }), "ci")
    expect(first(said)).toMatch(message)
    expect(said).toContain("To fix it:")
    expect(code).toBe(20)
  })
})

describe("a folder", () => {
  test("that is no project is refused with what to do", async () => {
    const { code, said } = await call(folderOf({ "notes.txt": "nothing here" }), "ci")
    expect(said).toContain("To fix it:")
    expect(code).toBe(21)
  })

  test("whose package.json has no script to run is not green", async () => {
    const { code, said } = await call(app({}), "ci")
    expect(first(said)).toContain("there is nothing to check")
    expect(code).toBe(21)
  })

  test("whose submodule is not checked out is not judged by the tests that fail without it", async () => {
    const folder = app(
      {
        ".gitmodules": '[submodule "shared"]\n\tpath = shared\n\turl = ../shared\n',
        "a.test.mjs": 'import "./shared/index.js"\n',
      },
      { test: "node --test" },
    )
    const { code, said } = await call(folder, "ci")
    expect(said).toContain("1 submodule not checked out: shared. Run `git submodule update")
    expect(said).toMatch(/✗ test:unit/)
    expect(said).toContain("! small errored")
    expect(code).toBe(11)
  })

  test("with nothing to do for what is asked says so", async () => {
    const { code, said } = await call(app({}), "build")
    expect(first(said)).toContain("no Dockerfile")
    expect(code).toBe(21)
  })
})

describe("dependencies", () => {
  test("out of step with their lock file are told, and installed not at all", async () => {
    const folder = app({
      "package.json": {
        name: "small",
        version: "1.0.0",
        dependencies: { "left-pad": "1.3.0" },
        scripts: { lint: "node --version" },
      },
    })
    const { code, said } = await call(folder, "lint")
    expect(first(said)).toContain("package-lock.json and package.json disagree: run npm install")
    expect(said).toMatch(/lint\s+needs install, which did not pass/)
    expect(code).toBe(13)
  })

  test("without a lock file are installed, and it is told", async () => {
    const folder = folderOf({
      "package.json": {
        name: "small",
        version: "1.0.0",
        dependencies: { "left-pad": "1.3.0" },
        scripts: { lint: "node -e \"require('left-pad')\" && test ! -e package-lock.json" },
      },
      "slipway.yaml": QUIET,
    })
    const { stage } = await report(folder)
    expect(stage("install").findings).toMatchObject([{ rule: "no-lock-file", file: "package.json" }])
    expect([stage("install").verdict, stage("lint").verdict]).toEqual(["passed", "passed"])
  })
})

describe("tests", () => {
  test("that hang are ended in their time", async () => {
    const folder = app(
      {
        "slipway.yaml": "stages:\n  unit:\n    timeout: 5s\n",
        "hang.sh": `# ${Date.now()}: never remembered\ntrap '' TERM\nsleep 600 &\necho waiting\nwait\nsleep 600\n`,
      },
      { "test:unit": "sh hang.sh" },
    )
    const { code, said } = await call(folder, "test", "unit")
    expect(first(said)).toContain("timed out after")
    expect(said).toContain("│ waiting")
    expect(code).toBe(12)
  })

  test("that none ran are no pass", async () => {
    const folder = app(
      { "a.test.mjs": "import test from 'node:test'; test.skip('later')\n" },
      { test: "node --test" },
    )
    const { code, said } = await call(folder, "test", "unit")
    expect(first(said)).toContain("no test ran")
    expect(code).toBe(10)
  })

  test("that write what they like leave a report that holds", async () => {
    const folder = app(
      {
        "loud.mjs":
          "process.stdout.write(Buffer.alloc(3_000_000, 'a line\\n')); process.stdout.write(Buffer.from([255, 254, 0, 30, 27, 10])); process.exitCode = 3\n",
      },
      { test: "node loud.mjs" },
    )
    const { record, stage } = await report(folder)
    expect(record).toMatchObject({ schema: 1, verdict: "failed", exitCode: 10 })
    expect(stage("test:unit").log.lines).toBeGreaterThan(400_000)
    expect(stage("test:unit").summary).toMatch(/^tests exited with code 3/)
  })
})

describe("a database", () => {
  const scripts = { "test:integration": "node --test" }
  const files = { "a.test.mjs": "import test from 'node:test'; test('runs')\n" }

  test("of a version that is not to be had is told, with the way out", async () => {
    const folder = app({ ...files, "slipway.yaml": 'postgres:\n  version: "99"\n' }, scripts)
    const { code, said } = await call(folder, "test", "integration")
    expect(first(said)).toMatch(/errored: needs PostgreSQL 99 .*cannot pull `\S*postgres:99-alpine`/)
    expect(code).toBe(15)
  })

  test("that does not start is told with its last words", async () => {
    const folder = app(
      {
        ...files,
        "slipway.yaml":
          'postgres: { version: "15" }\nimages:\n  overrides:\n    postgres: node:22-bookworm-slim\n',
      },
      scripts,
    )
    const { code, said } = await call(folder, "test", "integration")
    expect(first(said)).toMatch(/errored: the service postgres did not start: .*postgres/)
    expect(code).toBe(15)
  })
})

describe("a Dockerfile", () => {
  test("on an image that is not to be had is no fault of the code", async () => {
    const { code, said } = await call(app({ Dockerfile: "FROM nothing-like-it:1\nRUN true\n" }), "build")
    expect(first(said)).toContain("image errored: cannot pull `nothing-like-it:1`")
    expect(code).toBe(17)
  })

  test("that copies what is not there names it", async () => {
    const { code, said } = await call(
      app({ Dockerfile: "FROM node:22-bookworm-slim\nCOPY gone.txt /\n" }),
      "build",
    )
    expect(first(said)).toMatch(/image failed: Dockerfile: .*gone\.txt/)
    expect(code).toBe(14)
  })
})

test("a mirror of images that does not answer is told, with the way out", async () => {
  const folder = app({ "slipway.yaml": "images:\n  prefix: 127.0.0.1:9\n" }, { lint: "node --version" })
  const { code, said } = await call(folder, "lint")
  expect(first(said)).toMatch(/errored: cannot pull `127\.0\.0\.1:9\/node\S+`/)
  expect(code).toBe(17)
})
