import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { edit, folderOf, nothingBut, report } from "./support.js"

const BUILD = `const fs = require("node:fs")
fs.mkdirSync("dist", { recursive: true })
fs.copyFileSync("src/answer.js", "dist/answer.js")
`

const TEST = `const assert = require("node:assert")
const test = require("node:test")
const { answer } = require("library")
test("an answer on Node.js " + process.versions.node.split(".")[0], () => assert.equal(answer, 42))
`

/** An app that uses a library, which is there only when it is built. No other run of this test has its results. */
const folder = () =>
  folderOf({
    "package.json": {
      name: "two",
      private: true,
      workspaces: ["library", "web"],
      scripts: { test: "npm test --workspaces --if-present" },
    },
    "slipway.yaml": `node: [20, 22]\n${nothingBut("unit", "build", "types")}`,
    ".gitignore": "node_modules\ndist\n",
    "library/package.json": {
      name: "library",
      version: "1.0.0",
      main: "dist/answer.js",
      scripts: { build: "node build.js" },
    },
    "library/build.js": BUILD,
    "library/src/answer.js": `exports.answer = 42 // ${randomUUID()}\n`,
    "web/package.json": {
      name: "web",
      version: "1.0.0",
      dependencies: { library: "*" },
      scripts: { test: "node --test", typecheck: "node -e \"require('library')\"" },
    },
    "web/web.test.js": TEST,
  })

test("a library is built before what uses it, once for each version of Node.js that tests run on", async () => {
  const project = folder()
  const { record, stage } = await report(project)
  expect(record, record.stages.map(({ name, summary }) => `${name}: ${summary}`).join("\n")).toMatchObject({
    exitCode: 0,
  })
  expect(record.stages.map(({ name }) => name)).toEqual([
    "install",
    "install[node 22]",
    "build:library",
    "build:library[node 22]",
    "types:web",
    "test:unit:web[node 20]",
    "test:unit:web[node 22]",
  ])
  for (const node of ["20", "22"])
    expect(stage(`test:unit:web[node ${node}]`).tests).toMatchObject([
      { name: `an answer on Node.js ${node}`, verdict: "passed" },
    ])

  edit(project, "web/web.test.js", (text) => text.replace("an answer", "the answer"))
  const second = await report(project)
  expect(second.stage("build:library").cached).toBe(true)
  expect(second.stage("test:unit:web[node 22]").cached).toBe(false)

  edit(project, "library/src/answer.js", (text) => text.replace("= 42", "= 41"))
  const third = await report(project)
  expect(third.stage("build:library").cached).toBe(false)
  expect(third.stage("test:unit:web[node 22]").verdict).toBe("failed")

  edit(project, "library/build.js", () => "throw new Error('no compiler')\n")
  const { stage: broken } = await report(project)
  expect(broken("build:library")).toMatchObject({
    verdict: "failed",
    summary: expect.stringContaining("no compiler"),
  })
  expect(broken("types:web")).toMatchObject({
    verdict: "skipped",
    summary: expect.stringContaining("build:library"),
  })
})
