// Compares the project's files with what they were, and prints as JSON what a script changed in them.
const fs = require("node:fs")
const path = require("node:path")

const [before, after] = process.argv.slice(2)

const filesOf = (folder) =>
  fs.readdirSync(path.join(before, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesOf(file)
    return entry.isFile() ? [file] : []
  })

const read = (folder, file) => {
  try {
    return fs.readFileSync(path.join(folder, file))
  } catch {
    return null
  }
}

/** The lines that differ: those between the first and the last that do. */
function difference(from, to) {
  const [a, b] = [from, to].map((text) => text.toString("utf8").split("\n"))
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let [endA, endB] = [a.length, b.length]
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) [endA, endB] = [endA - 1, endB - 1]
  return { line: start + 1, removed: a.slice(start, endA), added: b.slice(start, endB) }
}

const changes = filesOf("").flatMap((file) => {
  const [from, to] = [read(before, file), read(after, file)]
  if (from === null || (to !== null && from.equals(to))) return []
  return [{ file, ...(to === null ? { line: null, removed: [], added: null } : difference(from, to)) }]
})

const SHOWN = 1000
process.stdout.write(JSON.stringify(changes.slice(0, SHOWN)))
