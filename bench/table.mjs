import * as fs from "node:fs"
import * as path from "node:path"

const FILE = path.resolve(import.meta.dirname, "../docs/repositories.md")

/** Returns the lines of a table in docs/repositories.md. */
export const linesOf = (name) => partsOf(name)[1].trim().split("\n")

/** Replaces a table in docs/repositories.md. */
export function write(name, lines) {
  const [head, , tail] = partsOf(name)
  fs.writeFileSync(FILE, `${head}<!-- table: ${name} -->\n${lines.join("\n")}\n<!-- end -->\n${tail}`)
}

function partsOf(name) {
  const text = fs.readFileSync(FILE, "utf8")
  const [head, rest] = text.split(`<!-- table: ${name} -->\n`)
  if (rest === undefined) throw new Error(`${FILE} has no table ${name}`)
  const at = rest.indexOf("<!-- end -->\n")
  return [head, rest.slice(0, at), rest.slice(at + "<!-- end -->\n".length)]
}
