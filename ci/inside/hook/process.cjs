// What the hook does to the process that it is in.
const fs = require("node:fs")
const path = require("node:path")
const { spawnSync } = require("node:child_process")

/**
 * Arguments without some of them.
 *
 * @param flags those without a value, or with one after `=`; `true` and `false` may be the next argument.
 * @param values those with a value, after `=` or as the next argument.
 * @param optional those that may have a value.
 */
exports.without = (args, { flags = [], values = [], optional = [] }) => {
  const kinds = [
    { names: flags, isValue: (next) => /^(?:true|false)$/.test(next) },
    { names: values, isValue: () => true },
    { names: optional, isValue: (next) => !next.startsWith("-") },
  ]
  const left = []
  const rest = [...args]
  while (rest.length > 0) {
    const arg = rest.shift()
    const kind = kinds.find(({ names }) => names.includes(arg.split("=")[0]))
    if (kind === undefined) left.push(arg)
    else if (!arg.includes("=") && rest.length > 0 && kind.isValue(rest[0])) rest.shift()
  }
  return left
}

const EMPTY = '<?xml version="1.0"?><testsuites/>\n'

/** Leaves a report of no tests where the runner ends without one: it found none. */
exports.lacksReport = (folder) => {
  process.on("exit", () => {
    const report = path.join(folder, "junit.xml")
    if (!fs.existsSync(report)) fs.writeFileSync(report, EMPTY)
  })
}

/** Copies what the process prints into a file. */
exports.tee = (file) => {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (chunk, ...rest) => {
    fs.appendFileSync(file, chunk)
    return write(chunk, ...rest)
  }
}

/** Names the file into which the next process copies what it prints. */
const TAP = "SLIPWAY_TAP"

/** Has the next process copy what it prints, which is TAP. */
exports.keepsTap = (folder) => ({ [TAP]: path.join(folder, "output.tap") })

exports.teeTap = () => {
  exports.tee(process.env[TAP])
  delete process.env[TAP]
}

/**
 * Starts this process again with other arguments, waits for it, and ends as it does: the options of Node.js itself can
 * be changed in no other way.
 *
 * @param env more variables, for the hook in it.
 */
exports.again = ({ settings, folder, execArgv = process.execArgv, args, env = {} }) => {
  const collects = settings.coverage && process.env.NYC_CONFIG === undefined
  const hits = collects ? (process.env.NODE_V8_COVERAGE ?? path.join(folder, "v8")) : null
  const { status, signal } = spawnSync(process.execPath, [...execArgv, ...args], {
    stdio: "inherit",
    env: {
      ...process.env,
      ...(hits === null ? {} : { NODE_V8_COVERAGE: hits }),
      ...env,
    },
  })
  if (hits !== null) require("./coverage.cjs").write(hits, path.join(folder, "coverage"), settings.root)
  // A pipe behind it, or `|| true`, may hide how it ended.
  if (status !== 0) fs.writeFileSync(path.join(folder, "exit"), signal ?? String(status))
  if (signal) process.kill(process.pid, signal)
  process.exit(status ?? 1)
}
