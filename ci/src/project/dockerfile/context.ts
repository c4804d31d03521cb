import { globMatcher, withoutBraces } from "../../formats/glob.js"
import type { Tree } from "../project.js"
import { copySources, filesRun, isMade } from "./copied.js"

/** A folder as a build context: what of the Dockerfile's sources it holds, and what it lacks. */
interface Candidate {
  readonly folder: string
  readonly present: number
  readonly lacks: readonly string[]
}

/** A build context, or why none can be told. */
export type Context = { readonly folder: string } | { readonly reason: string }

/** What tells the context of a Dockerfile. */
export interface Clues {
  /** Folders to try, the likeliest first. */
  readonly folders: readonly string[]
  /** Contexts that the team's own files name; they outrank all others. */
  readonly declared: readonly string[]
  /** True for a Dockerfile that is built by its place, whatever it copies. */
  readonly certain: boolean
}

/**
 * Tells the build context of a Dockerfile: the folder that has most of the files that the Dockerfile copies, and of
 * several the first.
 */
export function contextFor(files: readonly string[], text: string, clues: Clues): Context {
  const { folders, declared, certain } = clues
  const sources = copySources(text)
  const around = declared.length > 0 ? declared : folders
  const candidates = [...new Set(around)].map((folder) => candidate(files, folder, sources, text))
  const best = candidates.reduce<Candidate | undefined>(
    (most, one) => (most === undefined || one.present > most.present ? one : most),
    undefined,
  )
  if (best === undefined) return { reason: "no folder for it" }
  const made = best.lacks.filter(isMade)
  if (made.length > 0 && made.length === best.lacks.length) return { reason: copiesMade(made) }
  if (declared.length > 0 || certain || best.lacks.length < sources.length || sources.length === 0)
    return { folder: best.folder }
  return { reason: `its build context is unknown: no folder around it has \`${best.lacks[0]}\`` }
}

const copiesMade = (made: readonly string[]): string =>
  `it copies \`${made.join("`, `")}\`, which the repository does not hold: a build outside of the Dockerfile makes it`

function candidate(
  files: readonly string[],
  folder: string,
  sources: readonly string[],
  text: string,
): Candidate {
  const inside = folder === "" ? files : below(files, folder)
  const has = (source: string) => {
    const copied = globMatcher([withoutBraces(source)])
    return inside.some((file) => copied(file))
  }
  const lacks = sources.filter((source) => !has(source))
  const run = filesRun(text).filter((some) => some.some((file) => inside.includes(file)))
  return { folder, present: sources.length - lacks.length + run.length, lacks }
}

const below = (files: readonly string[], folder: string): readonly string[] =>
  files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1))

/**
 * Returns the patterns of a build's .dockerignore. A file named after the Dockerfile takes precedence.
 *
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export async function ignoredBy(tree: Tree, dockerfile: string, context: string): Promise<readonly string[]> {
  const places = [
    `${dockerfile}.dockerignore`,
    ...[".dockerignore", ".containerignore"].map((name) => (context === "" ? name : `${context}/${name}`)),
  ]
  const file = places.find((place) => tree.files.includes(place))
  if (file === undefined) return []
  return (await tree.read(file))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => withoutBraces(line.replace(/^(!?)\/+/, "$1")))
}
