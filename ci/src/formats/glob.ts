/**
 * Glob patterns, with one meaning for the engine and for Slipway's own code. It is that of `.dockerignore`, by which
 * the engine filters directories: `*` and `?` stay in one folder, `**` stands for any number of folders, `[…]` for a
 * character, `\` takes a character as it is, dot files are files as any other, a pattern that names a folder means all
 * below it, and of a list the last one that matches counts, where `!` takes back. On top of that, `{a,b}` stands for
 * several patterns.
 *
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
import picomatch from "picomatch"

/** What patterns select from a directory. */
export interface Selection {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
}

/** Returns a selection as the arguments of the engine's `Directory.filter`. */
export const engineFilter = ({ include = [], exclude = [] }: Selection) => ({
  include: include.flatMap(plainPatterns),
  exclude: exclude.flatMap(plainPatterns),
})

/** Returns a predicate that is true for the paths of files that a list of patterns selects. */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.flatMap(plainPatterns).map((plain) => {
    const takesBack = plain.startsWith("!")
    return { takesBack, matches: matcherOf(takesBack ? plain.slice(1) : plain) }
  })
  return (path) =>
    patterns.reduce(
      (selected, { takesBack, matches }) => (selected === takesBack && matches(path) ? !takesBack : selected),
      false,
    )
}

/** Tells whether a pattern matches a file, or is its path: as a pattern, `app/[id]/page.tsx` does not match that file. */
export const selects = (pattern: string, file: string): boolean =>
  file === pattern || globMatcher([pattern])(file)

/** Returns the pattern that matches exactly one path, whatever characters it has. */
export const escapeGlob = (path: string): string =>
  path
    .replace(/[\\*?[\]{}]/g, "\\$&")
    .replace(/^!/, "\\!")
    // At the ends of a pattern, spaces do not count.
    .replace(/^\s|\s$/g, "[$&]")

/** Returns the pattern that matches all files in a folder, "" being the project's own. */
export const filesBelow = (folder: string): string => (folder === "" ? "**" : `${escapeGlob(folder)}/**`)

/** Takes the braces of a pattern as they are, for patterns of Docker, which has no alternatives. */
export const withoutBraces = (pattern: string): string => pattern.replace(/(?<!\\)[{}]/g, "\\$&")

const OPTIONS: picomatch.PicomatchOptions = {
  dot: true,
  literalBrackets: false,
  nobrace: true,
  noextglob: true,
  nonegate: true,
  windows: false,
}

/** What stands before the first character that stands for others. */
const START = /^(?:\\.|[^\\*?[])*/su

function matcherOf(plain: string): (path: string) => boolean {
  // To picomatch, a folder is among what `folder/**` matches; to the engine, it is not.
  const files = plain.replace(/(^|\/)\*\*$/, "$1**/*")
  // Not its matcher, to which a pattern matches itself: a file called `[id]` is no match of `[id]`.
  const expressions = [files, `${files}/**/*`].map((pattern) => picomatch.makeRe(pattern, OPTIONS))
  // Tools write thousands of patterns, most of them for one folder.
  const start = (START.exec(plain)?.[0] ?? "").replace(/\\(.)/gsu, "$1")
  return (path) => path.startsWith(start) && expressions.some((expression) => expression.test(path))
}

/**
 * Returns a pattern as several that mean the same to the engine and to picomatch: without alternatives, and with all
 * characters escaped that mean something to one of them alone. None for a pattern that matches nothing.
 */
function plainPatterns(glob: string): readonly string[] {
  return alternatives(glob.trim()).flatMap((one) => {
    const takesBack = one.startsWith("!")
    const steps = (takesBack ? one.slice(1) : one).split("/").filter((step) => step !== "" && step !== ".")
    const plain = steps.join("/").replace(TOKEN, plainToken)
    return plain === "" ? [] : [takesBack ? `!${plain}` : plain]
  })
}

const ALTERNATIVES = /^((?:\\.|[^\\])*?)\{((?:\\.|[^\\{},])*(?:,(?:\\.|[^\\{},])*)+)\}(.*)$/su

/** `a{b,c}` → `ab`, `ac`; the innermost braces first. */
function alternatives(glob: string): readonly string[] {
  const [, before, inside, after] = ALTERNATIVES.exec(glob) ?? []
  if (inside === undefined) return [glob]
  return inside.split(/(?<!\\),/).flatMap((one) => alternatives(`${before}${one}${after}`))
}

/** Stars, a set of characters, or one character. */
const TOKEN = /\*+|\[[!^]?(?:\\.|[^\\\]/])+\]|\\.|./gsu

function plainToken(token: string, offset: number, text: string): string {
  if (token === "?" || token === "/") return token
  if (token.startsWith("*")) return stars(token, text[offset - 1] ?? "/", text[offset + token.length] ?? "/")
  return (token.length > 2 ? set(token) : null) ?? [...token.replace(/^\\(?=.)/su, "")].map(literal).join("")
}

/** `**` is one only as a whole step; before a name, it means the name in any folder. */
function stars(token: string, before: string, after: string): string {
  if (token === "*" || before !== "/") return "*"
  return after === "/" ? "**" : "**/*"
}

/** `[!a-c]` → `[^/a-c]`, or null for a set that is none, such as `[z-a]`. */
function set(token: string): string | null {
  const [, not, inside = ""] = /^\[([!^]?)(.+)\]$/su.exec(token) ?? []
  const parts = inside.match(/(?:\\.|[^\\])-(?:\\.|[^\\])|\\.|[^\\]/gsu) ?? []
  const ends = parts.map((part) => [...part.replace(/\\(.)/gsu, "$1")])
  if (ends.some(([low = "", dash, high]) => dash && high && low > high)) return null
  const item = (character: string) => (character === "-" ? "\\-" : literal(character))
  const items = ends.map(([low = "", dash, high]) =>
    dash && high ? `${item(low)}-${item(high)}` : item(low),
  )
  return `[${not ? "^/" : ""}${items.join("")}]`
}

/** Characters that are themselves everywhere, or else escaped. */
const literal = (character: string): string =>
  /[\w\s./-]|[^\0-\x7f]/u.test(character) ? character : `\\${character}`
