// A reporter of mocha that prints as its own does, and writes JUnit.
const fs = require("node:fs")
const path = require("node:path")
const { createRequire } = require("node:module")
const { junit } = require("./junit.cjs")
const { writeOnly } = require("./only.cjs")

const { reporters } = createRequire(fs.realpathSync(process.argv[1]))("mocha")

const titles = (suite) => {
  if (!suite) return []
  const above = titles(suite.parent)
  return suite.title ? [...above, suite.title] : above
}

const fileOf = (node) => node?.file ?? (node?.parent ? fileOf(node.parent) : null)

const ofTest = (test, verdict, error) => ({
  suite: titles(test.parent).join(" › "),
  name: test.title,
  file: fileOf(test),
  seconds: (test.duration ?? 0) / 1000,
  verdict,
  message: error?.stack ?? error?.message ?? String(error),
})

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    const tests = []
    const isFocused = runner.suite.hasOnly?.() ?? false
    const retried = new Map()
    runner.on("retry", (test, error) => retried.set(test.fullTitle(), error))
    runner.on("pass", (test) => {
      const error = retried.get(test.fullTitle())
      tests.push(ofTest(test, error === undefined ? "passed" : "flaky", error))
    })
    runner.on("fail", (test, error) => tests.push(ofTest(test, "failed", error)))
    runner.on("pending", (test) => tests.push(ofTest(test, "skipped")))
    runner.once("end", () => {
      const folder = process.env.SLIPWAY_RUN
      fs.writeFileSync(path.join(folder, "junit.xml"), junit(tests))
      const files = tests.map(({ file }) => file)
      if (isFocused) writeOnly(folder, files)
    })
  }
}
