import { normalizeFolder } from "../config/parts.js"
import { globMatcher, withoutBraces } from "../formats/glob.js"
import { textsOf } from "../formats/json.js"
import type { Tree } from "./project.js"

export function dockerfileOf(tree: Tree, path: string, name: string): string | null {
  const inFolder = path === "" ? "Dockerfile" : `${path}/Dockerfile`
  const places = [inFolder, `docker/Dockerfile.${name}`, `Dockerfile.${name}`]
  return places.find((file) => tree.files.includes(file)) ?? null
}

/**
 * Returns the build context of a workspace's Dockerfile: its own folder or the project's, whichever has more of the
 * files that the Dockerfile copies. If both have as many, the folder of the Dockerfile.
 */
export function buildContext(
  files: readonly string[],
  folder: string,
  dockerfile: string,
  text: string,
): string {
  const sources = copySources(text)
  const present = (context: string) => sources.filter((source) => has(files, context, source)).length
  const lead = present(`${folder}/`) - present("")
  return lead > 0 || (lead === 0 && dockerfile.startsWith(`${folder}/`)) ? folder : ""
}

function has(files: readonly string[], context: string, source: string): boolean {
  const copied = globMatcher([withoutBraces(source)])
  return files.some((file) => file.startsWith(context) && copied(file.slice(context.length)))
}

/**
 * Returns the patterns of a build's .dockerignore. A file named after the Dockerfile takes precedence.
 *
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export async function ignoredBy(tree: Tree, dockerfile: string, context: string): Promise<readonly string[]> {
  const places = [`${dockerfile}.dockerignore`, context === "" ? ".dockerignore" : `${context}/.dockerignore`]
  const file = places.find((place) => tree.files.includes(place))
  if (file === undefined) return []
  return (await tree.read(file))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => withoutBraces(line.replace(/^(!?)\/+/, "$1")))
}

/**
 * Returns what a Dockerfile copies from its build context, as relative patterns. Omits what tells nothing about the
 * context: all of it (`.`), other stages, URLs, here-documents, and paths with build arguments.
 *
 * @see https://docs.docker.com/reference/dockerfile/#copy
 */
export function copySources(dockerfile: string): readonly string[] {
  return dockerfile
    .replace(/\r\n/g, "\n")
    .replace(/(?<!<)<<-?(["']?)(\w+)\1([^\n]*)\n(?:[\s\S]*?\n)??[ \t]*\2(?=\n|$)/g, "<<$3")
    .replace(/^[ \t]*#.*\n?/gm, "")
    .replace(/\\[ \t]*\n/g, " ")
    .split("\n")
    .map((line) => COPY.exec(line)?.groups ?? {})
    .filter(({ flags = "" }) => !flags.includes("--from="))
    .flatMap(({ paths = "" }) => words(paths).slice(0, -1))
    .filter((source) => !/\$|<<|^[a-z]+:\/\/|^git@/.test(source))
    .map(normalizeFolder)
    .filter((source) => source !== "" && !source.startsWith(".."))
}

const COPY = /^\s*(?:COPY|ADD)\s+(?<flags>(?:--\S+\s+)*)(?<paths>.*\S)/i

/** Splits arguments in either form: `a b` or `["a", "b"]`. */
function words(text: string): readonly string[] {
  try {
    return textsOf(JSON.parse(text))
  } catch {
    return text.split(/\s+/)
  }
}
