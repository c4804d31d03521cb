// Writes JUnit reports.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;" }

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write them
const UNFIT = /\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g

const escaped = (text) =>
  String(text)
    .replace(UNFIT, "")
    .replace(/[&<>"\n\t]/g, (character) => ESCAPES[character])

const RESULTS = {
  passed: () => "",
  skipped: () => "<skipped/>",
  failed: (message) => `<failure>${escaped(message)}</failure>`,
  flaky: (message) => `<flakyFailure>${escaped(message)}</flakyFailure>`,
}

/** A report of tests: `{ suite, name, file, seconds, verdict, message }`. */
exports.junit = (tests) => {
  const cases = tests.map(({ suite, name, file, seconds, verdict, message }) => {
    const place = file ? ` file="${escaped(file)}"` : ""
    const head = `classname="${escaped(suite)}" name="${escaped(name)}"${place} time="${seconds}"`
    return `<testcase ${head}>${RESULTS[verdict](message ?? "failed")}</testcase>\n`
  })
  return `<?xml version="1.0"?>\n<testsuites><testsuite>\n${cases.join("")}</testsuite></testsuites>\n`
}
