// Prints the scripts below the working directory that knip's parser cannot read: knip itself skips them in silence.
const fs = require("node:fs")
const path = require("node:path")
const { createRequire } = require("node:module")

const [knip] = process.argv.slice(2)
const SCRIPT = /\.[cm]?[jt]sx?$/
const LEFT_OUT = ["node_modules", ".git"]

const scripts = (folder) =>
  fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return LEFT_OUT.includes(entry.name) ? [] : scripts(file)
    return entry.isFile() && SCRIPT.test(entry.name) ? [file] : []
  })

/** The parser of knip 6; earlier versions have another, which tells no errors. */
async function parser() {
  try {
    const from = createRequire(path.join(fs.realpathSync(knip), "package.json"))
    const { parseSync } = await import(from.resolve("oxc-parser"))
    return parseSync
  } catch {
    return null
  }
}

function unread(parseSync, file) {
  const text = fs.readFileSync(file, "utf8")
  const { errors, program } = parseSync(file, text)
  if (errors.length === 0 || program.body.length > 0) return []
  const [{ message, labels }] = errors
  const line = labels.length > 0 ? text.slice(0, labels[0].start).split("\n").length : null
  return [{ file, line, message }]
}

parser().then((parseSync) => {
  const all = parseSync === null ? [] : scripts(".").flatMap((file) => unread(parseSync, file))
  console.log(JSON.stringify(all))
})
