// Finds tests that keep the others from running: jest and mocha run `it.only` alone, and pass.
const fs = require("node:fs")
const path = require("node:path")

/** Such a test, and a line that begins with a text or a comment. */
const ONLY = [
  /\b(?:describe|context|suite|it|test|specify)(?:\.\w+)*\.only\b/,
  /(?<![.\w$])f(?:it|describe)\s*\(/,
]
const IN_TEXT = /["'`]|\/\/|\*/

const isOnly = (line) =>
  ONLY.some((pattern) => {
    const found = pattern.exec(line)
    return found !== null && !IN_TEXT.test(line.slice(0, found.index))
  })

/** The place of the first of them in a file; null for none. */
function placeIn(file) {
  const at = fs.readFileSync(file, "utf8").split("\n").findIndex(isOnly)
  return at === -1 ? null : { file, line: at + 1 }
}

/** Writes `only.json` into a folder: where test files of a run have such a test. Nothing where none has. */
exports.writeOnly = (folder, files) => {
  const places = [...new Set(files)].flatMap((file) => (file && fs.existsSync(file) && placeIn(file)) || [])
  if (places.length > 0) fs.writeFileSync(path.join(folder, "only.json"), JSON.stringify(places))
}
