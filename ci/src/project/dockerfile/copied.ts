import { normalizeFolder } from "../../config/parts.js"
import { anyOf } from "../../formats/pattern.js"
import { flagOf, type Instruction, instructionsOf, wordsOf } from "./syntax.js"

const COPIES = ["COPY", "ADD"]

/**
 * Returns what a Dockerfile copies and mounts from its build context, as relative patterns; `""` is all of it. Omits
 * other stages, URLs, here-documents, and paths with build arguments.
 *
 * @see https://docs.docker.com/reference/dockerfile/#copy
 */
const sourcesOf = (dockerfile: string): readonly string[] =>
  instructionsOf(dockerfile)
    .flatMap((one) => (COPIES.includes(one.name) ? copied(one) : mounted(one)))
    .filter((source) => !/<<|^[a-z]+:\/\/|^git@/.test(source))
    .map(normalizeFolder)

const copied = (one: Instruction): readonly string[] =>
  flagOf(one, "from") === null ? wordsOf(one.text).slice(0, -1) : []

const mounted = ({ flags }: Instruction): readonly string[] =>
  flags
    .filter((flag) => flag.startsWith("--mount=") && !/\bfrom=|\btype=(?!bind)/.test(flag))
    .map((flag) => /\b(?:source|src)=([^,]+)/.exec(flag)?.[1] ?? "")

/** Returns the sources that tell about the build context: neither all of it nor what an argument decides. */
export const copySources = (dockerfile: string): readonly string[] =>
  sourcesOf(dockerfile).filter((source) => source !== "" && !source.startsWith("..") && !source.includes("$"))

/** Returns all that a Dockerfile reads of its context, as patterns; null where it may be any of it. */
export function contextReads(dockerfile: string): readonly string[] | null {
  const sources = sourcesOf(dockerfile)
  return sources.some((source) => source === "" || source.includes("$")) ? null : sources
}

/** Lock files without which an install by lock file fails, by the command that installs. */
const LOCKED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bnpm (?:ci|clean-install)\b/, ["package-lock.json", "npm-shrinkwrap.json"]],
  [/\bpnpm (?:i|install)\b.*--frozen-lockfile/, ["pnpm-lock.yaml"]],
  [/\byarn\b.*--(?:frozen-lockfile|immutable)/, ["yarn.lock"]],
]

/** Returns the files, one of each list, that commands of a Dockerfile read and no COPY names. */
export const filesRun = (dockerfile: string): readonly (readonly string[])[] => {
  const commands = instructionsOf(dockerfile).filter(({ name }) => name === "RUN")
  return LOCKED.flatMap(([command, files]) =>
    commands.some(({ text }) => command.test(text)) ? [files] : [],
  )
}

/** Folders and files that a build makes, which a repository does not hold. */
const MADE = anyOf([
  /(?:^|\/)(?:dist|build|out|target|output|bin|release|publish|_build|coverage|node_modules|vendor|\.next|\.nuxt|\.output|\.svelte-kit|artifacts)(?:\/|$)/,
  /\.(?:jar|war|whl|tgz|deb|rpm|exe)$/,
])

/** True for a path that a build outside of the Dockerfile makes: `dist`, `target/app.jar`. */
export const isMade = (source: string): boolean => MADE.test(source)
