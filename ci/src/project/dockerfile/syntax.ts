/** An instruction of a Dockerfile. */
export interface Instruction {
  /** In upper case: `FROM`. */
  readonly name: string
  /** `--from=build`, in the order given. */
  readonly flags: readonly string[]
  /** What follows the flags, on one line; here-documents are left out. */
  readonly text: string
  /** 1-based line of its first word. */
  readonly line: number
}

const HEREDOC = /(?<!<)<<-?(["']?)([A-Za-z_]\w*)\1/g
const COMMENT = /^[ \t]*#/
const isBlank = (line = ""): boolean => COMMENT.test(line) || line.trim() === ""
const DIRECTIVE = /^#[ \t]*(\w+)[ \t]*=[ \t]*(\S+)/

/** Returns the sign that continues a line: a backslash, or what `# escape=` names. */
function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const [, name, value] = DIRECTIVE.exec(line) ?? []
    if (name === undefined) return "\\"
    if (name.toLowerCase() === "escape" && value === "`") return "`"
  }
  return "\\"
}

/**
 * Reads the instructions of a Dockerfile: continued lines are joined, comments and here-documents left out. An ONBUILD
 * is left out as well: it runs in builds on top of this one.
 *
 * @see https://docs.docker.com/reference/dockerfile/
 */
export function instructionsOf(dockerfile: string): readonly Instruction[] {
  const lines = dockerfile
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n")
    .split("\n")
  const continues = escapeOf(lines)
  const found: Instruction[] = []
  let at = 0
  while (at < lines.length) {
    const line = at + 1
    if (isBlank(lines[at])) {
      at++
      continue
    }
    const words: string[] = []
    let joined = (lines[at] ?? "").trimEnd()
    while (joined.endsWith(continues) && at + 1 < lines.length) {
      words.push(joined.slice(0, -1))
      // Comments and empty lines inside of an instruction do not end it.
      do at++
      while (at + 1 < lines.length && isBlank(lines[at]))
      joined = (lines[at] ?? "").trimEnd()
    }
    const text = [...words, joined].join(" ").trim()
    found.push(...instruction(text, line))
    at = afterHeredocs(text, lines, at) + 1
  }
  return found
}

function instruction(text: string, line: number): readonly Instruction[] {
  const [, name = "", flags = "", rest = ""] = /^([A-Za-z]+)\s*((?:--\S+\s+)*)([\s\S]*)$/.exec(text) ?? []
  const upper = name.toUpperCase()
  if (upper === "" || upper === "ONBUILD") return []
  return [{ name: upper, flags: flags.split(/\s+/).filter(Boolean), text: rest.trim(), line }]
}

/** Instructions that may have here-documents. */
const WITH_HEREDOCS = /^(?:RUN|COPY|ADD)\b/i

/** Returns the last line of the here-documents of an instruction that ends in a line. */
function afterHeredocs(text: string, lines: readonly string[], at: number): number {
  if (!WITH_HEREDOCS.test(text)) return at
  return [...text.matchAll(HEREDOC)].reduce((last, [, , word]) => {
    const end = lines.findIndex((line, index) => index > last && line.trim() === word)
    return end === -1 ? last : end
  }, at)
}

/** Splits arguments in either form: `a b` or `["a", "b"]`. */
export function wordsOf(text: string): readonly string[] {
  if (!text.startsWith("[")) return text.split(/\s+/)
  try {
    const words: unknown = JSON.parse(text)
    return Array.isArray(words) ? words.map(String) : text.split(/\s+/)
  } catch {
    return text.split(/\s+/)
  }
}

/** Returns the value of a flag: `build` of `--from=build`; null without it. */
export const flagOf = ({ flags }: Instruction, name: string): string | null =>
  flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3) ?? null
