// A reporter of node:test that writes JUnit.
const path = require("node:path")
const { junit } = require("./junit.cjs")

const said = (error) => {
  const cause = error?.cause ?? error
  return cause?.stack ?? cause?.message ?? String(cause)
}

/** Characters of a file's errors that are kept, for one that does not load. */
const KEPT = 4000

/** The file that an entry stands for: Node.js reports one for each file in which it finds no test. */
const fileOf = ({ name, file, nesting }) => {
  const full = path.resolve(name)
  return nesting === 0 && (full === file || (path.isAbsolute(name) && /\.[cm]?[jt]sx?$/.test(name)))
    ? full
    : null
}

const verdictOf = (type, { skip, todo }) => {
  if (skip !== undefined || todo !== undefined) return "skipped"
  return type === "test:fail" ? "failed" : "passed"
}

function ofTest(type, data, suite, hasTests, errors) {
  const { name, file, details = {} } = data
  const stands = fileOf(data)
  const verdict = verdictOf(type, data)
  const container = details.type === "suite" || hasTests || stands !== null
  if (container && (verdict !== "failed" || details.error?.failureType === "subtestsFailed")) return []
  return [
    {
      suite,
      name: stands === null ? name : path.basename(stands),
      file: stands ?? file,
      seconds: (details.duration_ms ?? 0) / 1000,
      verdict,
      message: verdict === "failed" ? (stands && errors.get(stands)) || said(details.error) : undefined,
    },
  ]
}

/** Collects the tests of events of node:test, and writes their report. */
function collector() {
  const tests = []
  /** The names of the tests around the next one, and whether each has others in it. */
  const around = []
  /** What each file printed to its error output. */
  const errors = new Map()
  return {
    see({ type, data }) {
      if (type === "test:start") {
        around.splice(data.nesting, Infinity, { name: data.name, hasTests: false })
        if (data.nesting > 0) around[data.nesting - 1].hasTests = true
      }
      if (type === "test:stderr") {
        // Node.js 22 and later name the file as it was given, from the working directory.
        const file = path.resolve(data.file)
        errors.set(file, ((errors.get(file) ?? "") + data.message).slice(-KEPT))
      }
      if (type !== "test:pass" && type !== "test:fail") return
      const outer = around.slice(0, data.nesting).map(({ name }) => name)
      tests.push(...ofTest(type, data, outer.join(" › "), around[data.nesting]?.hasTests ?? false, errors))
    },
    report: () => junit(tests),
  }
}

module.exports = async function* report(source) {
  const { see, report } = collector()
  for await (const event of source) see(event)
  yield report()
}
module.exports.collector = collector
