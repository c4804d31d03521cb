import { either } from "../../formats/pattern.js"
import { APART } from "../folders.js"
import { folderOf, INSTALLED, upwards } from "../manifest.js"
import { baseName, joinPath } from "../paths.js"

/** A file that is a Dockerfile by its name. */
export interface NamedDockerfile {
  readonly file: string
  /** The folder that it is for: its own, or the one around a folder such as `docker` or `deploy`. */
  readonly home: string
  /** What its name or its folder says besides: `api` of `api.Dockerfile`, `Dockerfile.api`, `docker/api/Dockerfile`. */
  readonly word: string | null
}

const PLAIN = /^(?:Dockerfile|Containerfile)$/i
const BEFORE = /^(?<word>.+)\.(?:Dockerfile|Containerfile)$/i
const AFTER = /^(?:Dockerfile|Containerfile)[._-](?<word>.+)$/i

/** Endings of files about a Dockerfile. */
const ENDINGS = either(`
  dockerignore md txt tsx? [cm]?jsx? json ya?ml toml sh py go rs rb java lock snap html? css bak orig old swp diff patch log
`)
const ABOUT = new RegExp(String.raw`^(?:.*\.)?(?:${ENDINGS})$`, "i")

/** Folders for what builds and runs a program, beside its sources. */
const PURPOSES = either(String.raw`
  \.?docker dockerfiles? \.?deploy(?:ments?)? build infra(?:structure)? ops devops \.?ci \.devcontainer
`)
const INFRASTRUCTURE = new RegExp(`^(?:${PURPOSES})$`, "i")

/** Returns the files that are Dockerfiles by their names. */
export function namedDockerfiles(
  files: readonly string[],
  packages: readonly string[],
): readonly NamedDockerfile[] {
  return files.flatMap((file) => {
    const name = baseName(file)
    const named = PLAIN.test(name) ? null : (BEFORE.exec(name) ?? AFTER.exec(name))?.groups?.word
    if (named === undefined || INSTALLED.test(file) || (named !== null && ABOUT.test(named))) return []
    const { home, inside } = placeOf(folderOf(file), packages)
    const word = [...inside, ...(named === null ? [] : [named])].join("-")
    return [{ file, home, word: word === "" ? null : word }]
  })
}

/** True for a file that is a Dockerfile by its name. */
export const isDockerfile = (file: string): boolean => namedDockerfiles([file], []).length > 0

/** Returns a file that is a Dockerfile for what builds it, and not by its name. */
export function builtFile(file: string, packages: readonly string[]): NamedDockerfile {
  const { home, inside } = placeOf(folderOf(file), packages)
  return { file, home, word: [...inside, baseName(file).replace(/\..*/, "")].join("-") || null }
}

/** Splits a folder at its first part that is for infrastructure: what it is for, and what is named inside. */
function placeOf(folder: string, packages: readonly string[]): { home: string; inside: readonly string[] } {
  const parts = folder === "" ? [] : folder.split("/")
  const at = parts.findIndex(
    (part, index) => INFRASTRUCTURE.test(part) && !packages.includes(parts.slice(0, index + 1).join("/")),
  )
  if (at === -1 || packages.includes(folder)) return { home: folder, inside: [] }
  return {
    home: parts.slice(0, at).join("/"),
    inside: parts.slice(at + 1).filter((part) => !INFRASTRUCTURE.test(part)),
  }
}

const part = (words: readonly string[]): RegExp =>
  new RegExp(`(?:^|[._-])(?:${words.join("|")})(?:$|[._-])`, "i")

/** The word of a Dockerfile that makes what is released. */
export const RELEASED = /^(?:prod|production|release|deploy|main|app)$/i

/** Variants that are not what is released, and why they are not built. */
const VARIANTS: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: part([
      "template",
      "tmpl",
      "tpl",
      "j2",
      "jinja2?",
      "erb",
      "ejs",
      "hbs",
      "mustache",
      "in",
      "sample",
      "example",
      "dist",
    ]),
    reason: "a template",
  },
  {
    pattern: part([
      "dev",
      "devel",
      "develop",
      "development",
      "local",
      "debug",
      "devcontainer",
      "hot",
      "watch",
      "gitpod",
    ]),
    reason: "a development variant",
  },
  {
    pattern: part([
      "tests?",
      "testing",
      "ci",
      "e2e",
      "integration",
      "cypress",
      "playwright",
      "lint",
      "bench(?:mark)?",
    ]),
    reason: "a variant for tests",
  },
  {
    pattern: part([
      "win(?:dows)?\\d*",
      "nanoserver",
      "servercore",
      "arm",
      "arm32\\w*",
      "arm64\\w*",
      "armv\\d\\w*",
      "armhf",
      "aarch64",
      "ppc64le",
      "s390x",
      "riscv64",
      "i386",
    ]),
    reason: "a variant for another platform",
  },
]

/** Returns why a Dockerfile is not built where slipway.yaml does not name it; null for one that is. */
export function variantOf({ file, word }: NamedDockerfile): string | null {
  if (/(?:^|\/)\.devcontainer\//.test(file)) return "a development variant"
  return VARIANTS.find(({ pattern }) => pattern.test(word ?? ""))?.reason ?? null
}

/** True for the name of a stage that is for development or tests. */
export const isVariant = (name: string): boolean => VARIANTS.some(({ pattern }) => pattern.test(name))

/** True for a Dockerfile in a folder of tests, examples, templates, benchmarks or documentation. */
export const isApart = ({ file }: NamedDockerfile): boolean => APART.test(folderOf(file))

/**
 * Returns the folders that a Dockerfile may be built in, the likeliest first: its home, those around it, its own. Its
 * own comes first where it is a folder in `docker/` that holds other files as well.
 */
export function foldersAround(
  { file, home, word }: NamedDockerfile,
  files: readonly string[],
): readonly string[] {
  const own = folderOf(file)
  const nested = word !== null && PLAIN.test(baseName(file))
  const filled = files.some((other) => other !== file && folderOf(other) === own)
  return nested && filled ? [own, ...upwards(home)] : [...upwards(home), own]
}

/** Returns where Docker looks for the Dockerfile of a build that names none. */
export const defaultFile = (context: string): string => joinPath(context, "Dockerfile")
