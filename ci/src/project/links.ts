import { escapeGlob, filesBelow, globMatcher } from "../formats/glob.js"
import type { Inputs } from "../run/stage.js"
import type { Link, LinkText } from "./project.js"

/** As many links as Linux follows (path_resolution(7)). */
const DEPTH = 40

/**
 * Returns the links that lead to a file or folder of the project. Left out are those that lead nowhere, in a circle, or
 * out of the project.
 *
 * @param files every file's path, links among them.
 */
export function resolveLinks(files: readonly string[], links: readonly LinkText[]): readonly Link[] {
  if (links.length === 0) return []
  const texts = new Map(links.map(({ path, target }) => [path, target]))
  const plain = new Set(files.filter((file) => !texts.has(file)))
  const folders = new Set(["", ...files.flatMap(parents)])
  const kindOf = (path: string): Link["kind"] | null => {
    if (plain.has(path)) return "file"
    return folders.has(path) ? "folder" : null
  }
  return links.flatMap(({ path }) => {
    const end = follow(path, texts)
    if (end === null) return []
    const kind = kindOf(end.to)
    return kind === null
      ? []
      : [{ path, to: end.to, kind, through: end.through.filter((one) => one !== path) }]
  })
}

const parents = (file: string): readonly string[] =>
  file.split("/").map((_, i, steps) => steps.slice(0, i).join("/"))

/** Walks a path step by step; null where it leaves the project or does not end. */
function follow(
  path: string,
  texts: ReadonlyMap<string, string>,
): { readonly to: string; readonly through: readonly string[] } | null {
  const through: string[] = []
  const ahead = path.split("/")
  const done: string[] = []
  for (let step = ahead.shift(); step !== undefined; step = ahead.shift()) {
    if (step === "" || step === ".") continue
    if (step === "..") {
      if (done.pop() === undefined) return null
      continue
    }
    const here = [...done, step].join("/")
    const target = texts.get(here)
    if (target === undefined) done.push(step)
    else if (target.startsWith("/") || through.push(here) > DEPTH) return null
    else ahead.unshift(...target.split("/"))
  }
  return { to: done.join("/"), through }
}

/** Returns inputs that also have what their symbolic links lead to, and what those links lead to. */
export function withTargets(inputs: Inputs, links: readonly Link[], files: readonly string[]): Inputs {
  if (inputs.exact || links.length === 0) return inputs
  const selects = selector(inputs)
  const missing = links
    .filter(({ path }) => selects(path))
    .flatMap((link) => [
      ...link.through.filter((path) => !selects(path)).map(escapeGlob),
      ...targetOf(link, files, selects),
    ])
  const taken =
    inputs.exclude.length === 0 ? [] : missing.filter((one) => one !== "**").map((one) => `!${one}`)
  const added = {
    include: missing.filter((one) => !inputs.include.includes(one)),
    exclude: taken.filter((one) => !inputs.exclude.includes(one)),
  }
  if (added.include.length === 0 && added.exclude.length === 0) return inputs
  const grown = {
    include: [...inputs.include, ...new Set(added.include)],
    exclude: [...inputs.exclude, ...new Set(added.exclude)],
  }
  return withTargets(grown, links, files)
}

function selector({ include, exclude }: Inputs): (path: string) => boolean {
  const [wanted, unwanted] = [globMatcher(include), globMatcher(exclude)]
  return (path) => wanted(path) && !unwanted(path)
}

/** The pattern of a link's target; none where the inputs have all of it. */
function targetOf(
  { to, kind }: Link,
  files: readonly string[],
  selects: (path: string) => boolean,
): readonly string[] {
  const below = kind === "file" ? [to] : files.filter((file) => to === "" || file.startsWith(`${to}/`))
  if (below.every(selects)) return []
  return [kind === "file" ? escapeGlob(to) : filesBelow(to)]
}
