import * as fs from "node:fs"
import * as path from "node:path"
import ignore from "ignore"

/** Where CODEOWNERS may be, in the order of GitHub's and GitLab's search. */
const PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"]

/** Returns the owners of a file of the repository; empty without any. */
export type Owners = (file: string) => readonly string[]

/** Reads the CODEOWNERS of an app, or of the repository that it is a folder of. */
export function ownersOf(app: string, repository: string | null): Owners {
  const root = repository ?? app
  const found = PLACES.map((place) => path.join(root, place)).find((file) => fs.existsSync(file))
  if (found === undefined) return () => []
  const owners = parseOwners(fs.readFileSync(found, "utf8"))
  const prefix = path.relative(root, app)
  return (file) => owners(path.posix.join(prefix.split(path.sep).join("/"), file))
}

interface Rule {
  readonly matches: (file: string) => boolean
  readonly owners: readonly string[]
}

/** The head of a section, as GitLab has them: `[Docs]`, `^[Docs][2] @team`. */
const SECTION = /^\^?\[[^\]]+\](?:\[\d+\])?(.*)$/

/**
 * Reads a CODEOWNERS file: patterns as .gitignore has them, of which the last that matches counts. Of GitLab's
 * sections, each counts by itself, and gives its own owners to patterns that name none.
 *
 * @see https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 * @see https://docs.gitlab.com/user/project/codeowners/reference/
 */
export function parseOwners(text: string): Owners {
  const sections: { readonly usual: readonly string[]; readonly rules: Rule[] }[] = [{ usual: [], rules: [] }]
  for (const line of text.split(/\r?\n/)) {
    const plain = line.replace(/(^|\s)#.*$/, "").trim()
    if (plain === "") continue
    const head = SECTION.exec(plain)
    if (head) {
      sections.push({ usual: words(head[1] ?? ""), rules: [] })
      continue
    }
    const [pattern = "", ...owners] = words(plain)
    const last = sections.at(-1)
    const usual = last?.usual ?? []
    last?.rules.push({ matches: matcher(pattern), owners: owners.length > 0 ? owners : usual })
  }
  return (file) => [
    ...new Set(sections.flatMap(({ rules }) => rules.findLast(({ matches }) => matches(file))?.owners ?? [])),
  ]
}

/** Words of a line; `\ ` is a space in a pattern. */
const words = (line: string): readonly string[] => line.match(/(?:\\.|\S)+/g) ?? []

/** `docs/*` are the files in `docs`; to .gitignore, all below it too. */
function matcher(pattern: string): (file: string) => boolean {
  const rules = ignore().add(pattern)
  const isOwn = (file: string) => file !== "." && rules.ignores(file)
  const flat = pattern.endsWith("/*")
  return (file) => isOwn(file) && !(flat && isOwn(path.posix.dirname(file)))
}
