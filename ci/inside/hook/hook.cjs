// Loaded by every Node.js process of a script (NODE_OPTIONS). Where the process is a test runner or a linter, it makes
// it write the reports that Slipway reads. It leaves every other process as it is, and fails none.
const fs = require("node:fs")
const Module = require("node:module")
const path = require("node:path")
const { isMainThread } = require("node:worker_threads")

/** Set in a tool's own process and those that it starts: a test that starts another runner is left alone. */
const RUN = "SLIPWAY_RUN"

/** The program that older releases of nyc and tap start in the place of each: it becomes that one when it is set up. */
const STANDS_IN = /[\\/]\.node-spawn-wrap-[^\\/]+[\\/][^\\/]+$/

if (isMainThread && process.env[RUN] === undefined) {
  if (STANDS_IN.test(process.argv[1] ?? "")) startWithMain()
  else start()
}
// Started again by itself, for a runner that prints TAP, or a program that may call `run()` of node:test.
if (process.env.SLIPWAY_TAP !== undefined) require("./process.cjs").teeTap()
if (process.env.SLIPWAY_NODE_RUN !== undefined) require("./node-run.cjs").reportRuns()

function startWithMain() {
  const { runMain } = Module
  Module.runMain = (...args) => {
    if (process.env[RUN] === undefined) start()
    return runMain.apply(Module, args)
  }
}

function start() {
  try {
    const settings = JSON.parse(fs.readFileSync(path.join(__dirname, "settings.json"), "utf8"))
    const { toolOf } = require("./programs.cjs")
    const tool = toolOf(settings)
    if (tool === null) return
    const folder = path.join(settings.folder, `${process.pid}-${process.hrtime.bigint()}`)
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(path.join(folder, "cwd"), process.cwd())
    process.env[RUN] = folder
    tool({ settings, folder, hook: __dirname })
  } catch (error) {
    if (process.env.SLIPWAY_DEBUG) console.error("slipway:", error)
  }
}
