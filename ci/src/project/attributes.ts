import { escapeGlob, globMatcher, withoutBraces } from "../formats/glob.js"
import type { Attributes, Tree } from "./project.js"

/** A file of attributes: its folder in the project, and its text. */
export interface AttributeFile {
  readonly folder: string
  readonly text: string
}

const NAME = ".gitattributes"
const MODULES = ".gitmodules"

/** What marks a file as none that people of the project maintain, for GitHub and here. */
const NOT_OWN = ["linguist-generated", "linguist-vendored"]

/** Reads what .gitattributes and .gitmodules say of a project's files. */
export async function attributesOf(tree: Tree): Promise<Attributes> {
  const names = tree.files.filter((file) => file === NAME || file.endsWith(`/${NAME}`))
  const read = async (file: string): Promise<AttributeFile> => ({
    folder: file.slice(0, -NAME.length - 1),
    text: await tree.read(file),
  })
  // A folder's own file outranks that of the folder above.
  const files = await Promise.all(names.toSorted((a, b) => depth(a) - depth(b)).map(read))
  const isLarge = globMatcher(patternsFor(files, isLfs))
  const modules = tree.files.includes(MODULES) ? submodules(await tree.read(MODULES)) : []
  return {
    notOwn: NOT_OWN.flatMap((name) => patternsFor(files, (word) => stateOf(word, name))),
    lfs: files.length === 0 ? [] : tree.files.filter(isLarge),
    missing: modules.filter((path) => !tree.files.some((file) => file.startsWith(`${path}/`))),
  }
}

const depth = (path: string): number => path.split("/").length

/** What a word of a line does to an attribute: sets it, takes it back, or nothing. */
type State = boolean | null

/** @see https://git-scm.com/docs/gitattributes#_description */
function stateOf(word: string, name: string): State {
  if (word === name || word === `${name}=true`) return true
  return [`-${name}`, `!${name}`, `${name}=false`].includes(word) ? false : null
}

function isLfs(word: string): State {
  if (word === "filter=lfs") return true
  return /^(?:filter=|[-!]filter$)/.test(word) ? false : null
}

/**
 * Returns the glob patterns of the files that have an attribute; `!` in front of one takes back.
 *
 * @param stateBy what one word of a line does to the attribute.
 */
function patternsFor(files: readonly AttributeFile[], stateBy: (word: string) => State): readonly string[] {
  const lines = files.flatMap(({ folder, text }) =>
    text
      .split(/\r?\n/)
      .map(wordsOf)
      .map(([pattern = "", ...words]) => ({ folder, pattern, words })),
  )
  const macros = new Map(
    lines.flatMap(({ pattern, words }) =>
      pattern.startsWith("[attr]")
        ? [[pattern.slice("[attr]".length), lastState(words, stateBy)] as const]
        : [],
    ),
  )
  return lines.flatMap(({ folder, pattern, words }) => {
    if (pattern === "" || /^(?:#|\[attr\])/.test(pattern)) return []
    const state = lastState(words, (word) => macros.get(word) ?? stateBy(word))
    return state === null ? [] : [`${state ? "" : "!"}${inFolder(folder, pattern)}`]
  })
}

function lastState(words: readonly string[], stateBy: (word: string) => State): State {
  return words.reduce<State>((state, word) => stateBy(word) ?? state, null)
}

/** A pattern without a slash means files of any folder. */
function inFolder(folder: string, pattern: string): string {
  const plain = withoutBraces(pattern)
  const below = /^[^/]+$/.test(plain) ? `**/${plain}` : plain.replace(/^\//, "")
  return folder === "" ? below : `${escapeGlob(folder)}/${below}`
}

/** Splits a line; a pattern with spaces is quoted. */
function wordsOf(line: string): readonly string[] {
  const quoted = /^\s*"((?:\\.|[^"\\])*)"\s*(.*)$/.exec(line)
  const rest = (quoted?.[2] ?? line).trim().split(/\s+/).filter(Boolean)
  return quoted ? [(quoted[1] ?? "").replace(/\\(["\\])/g, "$1"), ...rest] : rest
}

/** The folders of submodules. @see https://git-scm.com/docs/gitmodules */
const submodules = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm)].map(([, path = ""]) =>
    path.replace(/^"(.*)"$/, "$1").replace(/\/+$/, ""),
  )
