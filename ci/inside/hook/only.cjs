// Finds tests that keep the others from running: jest and mocha run `it.only` alone, and pass.
const fs = require("node:fs")
const path = require("node:path")

const ONLY =
  /^[^"'`/*\n]*?(?:\b(?:describe|context|suite|it|test|specify)(?:\.\w+)*\.only\b|(?<![.\w$])f(?:it|describe)\s*\()/m

/** The place of the first of them in a file; null for none. */
function placeIn(file) {
  const text = fs.readFileSync(file, "utf8")
  const found = ONLY.exec(text)
  return found && { file, line: text.slice(0, found.index + found[0].length).split("\n").length }
}

/** Writes `only.json` into a folder: where test files of a run have such a test. Nothing where none has. */
exports.writeOnly = (folder, files) => {
  const places = [...new Set(files)].flatMap((file) => (file && fs.existsSync(file) && placeIn(file)) || [])
  if (places.length > 0) fs.writeFileSync(path.join(folder, "only.json"), JSON.stringify(places))
}
