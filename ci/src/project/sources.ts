import { type Directory, dag } from "@dagger.io/dagger"
import { engineFilter, escapeGlob } from "../formats/glob.js"
import { parseJson, recordOf } from "../formats/json.js"
import { type ImageSource, imageReference, NODE } from "../run/images.js"
import type { Request } from "../run/request.js"
import { hasHistory } from "./history.js"
import { CHOSEN } from "./ignore.js"
import type { LinkText } from "./project.js"

/**
 * Returns the files that are looked at: those that the command line chose by git, or else what git tracks and what it
 * neither tracks nor ignores. Without a history, all files.
 */
export async function chosenSources(
  source: Directory,
  history: Directory,
): Promise<Pick<Request, "source" | "links">> {
  if ((await source.glob(CHOSEN)).length > 0) {
    const chosen = source.directory(CHOSEN)
    return { source: chosen.directory("files"), links: () => linksOf(chosen) }
  }
  const kept = (await hasHistory(history)) ? await withoutIgnored(source, history) : source
  return { source: kept, links: (images) => findLinks(kept, images) }
}

/** Reads what the command line wrote beside the files that it chose. */
async function linksOf(chosen: Directory): Promise<readonly LinkText[]> {
  const { links } = recordOf(parseJson(await chosen.file("facts.json").contents()))
  return linkTexts(links)
}

function linkTexts(value: unknown): readonly LinkText[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((pair: unknown) => {
    const [path, target]: readonly unknown[] = Array.isArray(pair) ? pair : []
    return typeof path === "string" && typeof target === "string" ? [{ path, target }] : []
  })
}

/** Leaves out what .gitignore names and the last commit does not have. */
async function withoutIgnored(source: Directory, history: Directory): Promise<Directory> {
  const kept = source.filter({ gitignore: true })
  const tracked = await trackedFiles(history)
  const [all, left] = await Promise.all([source.glob("**/*"), kept.glob("**/*")])
  // The history of another folder than the sources' own says nothing about them.
  if (!all.some((file) => tracked.has(file))) return source
  const remaining = new Set(left)
  const lost = all.filter((file) => tracked.has(file) && !remaining.has(file))
  if (lost.length === 0) return kept
  return kept.withDirectory("/", source, engineFilter({ include: lost.map(escapeGlob) }))
}

/** The files of the last commit; none before the first one. */
async function trackedFiles(history: Directory): Promise<ReadonlySet<string>> {
  const files = await history
    .asGit()
    .head()
    .tree({ discardGitDir: true })
    .glob("**/*")
    .catch(() => [])
  return new Set(files.filter((file) => !file.endsWith("/")))
}

/** Prints each symbolic link and what it says, as JSON. */
const FIND = `const { readdirSync, readlinkSync } = require("node:fs")
const links = readdirSync(".", { recursive: true, withFileTypes: true }).filter((entry) => entry.isSymbolicLink())
const paths = links.map(({ parentPath, path, name }) => (parentPath ?? path) + "/" + name)
console.log(JSON.stringify(paths.map((path) => [path.replace(/^\\.\\//, ""), readlinkSync(path)])))`

/** Asks a container, since the engine's own interface shows no link's target. Without its image, no link is known. */
const findLinks = async (source: Directory, images: ImageSource): Promise<readonly LinkText[]> =>
  linkTexts(
    parseJson(
      await dag
        .container()
        .from(imageReference(NODE, images))
        .withDirectory("/sources", source)
        .withWorkdir("/sources")
        .withExec(["node", "-e", FIND])
        .stdout()
        .catch(() => "[]"),
    ),
  )
