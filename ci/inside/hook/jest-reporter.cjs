// A reporter of jest that writes JUnit.
const fs = require("node:fs")
const path = require("node:path")
const { junit } = require("./junit.cjs")
const { writeOnly } = require("./only.cjs")

const VERDICTS = { passed: "passed", failed: "failed" }

const ofTest = (file, { ancestorTitles, title, status, duration, failureMessages, retryReasons = [] }) => ({
  suite: ancestorTitles.join(" › "),
  name: title,
  file,
  seconds: (duration ?? 0) / 1000,
  verdict: status === "passed" && retryReasons.length > 0 ? "flaky" : (VERDICTS[status] ?? "skipped"),
  message: [...failureMessages, ...retryReasons].join("\n"),
})

/** A file that does not load has no test to fail. */
const ofFile = ({ testFilePath, testExecError, failureMessage, testResults }) =>
  testExecError || (failureMessage && testResults.every(({ status }) => status !== "failed"))
    ? [
        {
          suite: "",
          name: path.basename(testFilePath),
          file: testFilePath,
          seconds: 0,
          verdict: "failed",
          message: failureMessage ?? testExecError.message,
        },
      ]
    : []

module.exports = class {
  onRunComplete(_contexts, { testResults }) {
    const tests = testResults.flatMap((file) => [
      ...ofFile(file),
      ...file.testResults.map((test) => ofTest(file.testFilePath, test)),
    ])
    const folder = process.env.SLIPWAY_RUN
    fs.writeFileSync(path.join(folder, "junit.xml"), junit(tests))
    // Of a file with such a test, the others count as skipped.
    const files = tests.filter(({ verdict }) => verdict === "skipped").map(({ file }) => file)
    writeOnly(folder, files)
  }
}
