// Reports the tests that a program runs by `run()` of node:test, whose events no reporter of the command line gets.
const fs = require("node:fs")
const Module = require("node:module")
const path = require("node:path")
const { collector } = require("./node-reporter.cjs")

const EVENTS = ["test:start", "test:stderr", "test:pass", "test:fail"]

exports.reportRuns = () => {
  const folder = process.env.SLIPWAY_NODE_RUN
  delete process.env.SLIPWAY_NODE_RUN
  const nodeTest = require("node:test")
  const { run } = nodeTest
  if (typeof run !== "function") return
  const runs = []
  nodeTest.run = (...args) => {
    const stream = run(...args)
    const { see, report } = collector()
    // Its own events, and not its data: the program reads those.
    for (const type of EVENTS) stream.on(type, (data) => see({ type, data }))
    if (runs.length === 0) process.on("exit", () => write(folder, runs))
    runs.push(report)
    return stream
  }
  Module.syncBuiltinESMExports()
}

function write(folder, runs) {
  runs.forEach((report, i) => {
    const own = `${folder}${i}`
    fs.mkdirSync(own, { recursive: true })
    fs.writeFileSync(path.join(own, "cwd"), process.cwd())
    fs.writeFileSync(path.join(own, "junit.xml"), report())
  })
}
