/** Which line of a command's log tells why it failed. */
import { cleanLog, oneLine } from "../formats/clean.js"
import { anyOf } from "../formats/pattern.js"

/** Says nothing of the failure: usage, notices, frames of a stack, what a package manager adds below a script's own error. */
const NOISE = anyOf([
  /^\s*$/,
  /^\s+at /,
  /^npm (?:notice|warn)\b/,
  /^npm (?:error|ERR!)\s*$/,
  /^npm (?:error|ERR!) (?:code|path|workspace|location|command|errno|syscall) /,
  /^npm (?:error|ERR!) (?:Lifecycle script|A complete log|Run "npm help|Clean install|Usage:|Options:|aliases:)/,
  /^npm (?:error|ERR!) (?:npm |\[|\s+|404\s*$)/,
  /^\(node:\d+\) |^\(Use `node --trace/,
  /^Node\.js v\d/,
  /^> /,
  /^slipway: attempt \d+ of/,
  /^(?:info|warning) /,
  // What TAP says of tests that passed, of plans and counts.
  /^\s*(?:ok \d|1\.\.\d|# |TAP version \d)/,
  /^(?!E ).*DeprecationWarning/,
  /^[➤·\s]*YN0000:/,
  /^\[(?:warn|error)\]\s+(?:>?\s*\d*\s*\||Code style issues)/,
])

interface Sign {
  readonly pattern: RegExp
  /** The line with what stands around it, where it says too little by itself. @param at its index. */
  readonly say?: (lines: readonly string[], at: number) => string
}

/** The first line below one that fits. */
const below = (lines: readonly string[], at: number, pattern = /\S/): string =>
  lines.slice(at + 1).find((line) => pattern.test(line)) ?? ""

/** The last line above one that fits. */
const above = (lines: readonly string[], at: number, pattern: RegExp): string =>
  lines.slice(0, at).findLast((line) => pattern.test(line)) ?? ""

const joined = (...texts: readonly string[]): string => texts.map((text) => text.trim()).join(": ")

const withNext: Sign["say"] = (lines, at) => joined(lines[at] ?? "", below(lines, at))

/** What ends a traceback: the first line below it that is not indented. The last traceback is the one that was raised. */
const raised: Sign["say"] = (lines) => {
  const start = lines.findLastIndex((line) => TRACEBACK.test(line))
  return below(lines, start, /^\S/)
}
const TRACEBACK = /^Traceback \(most recent call last\):/

/**
 * How tools name an error. The first sign that fits a line counts, and of it the first line: those of a tool come before
 * those that any program's output may have.
 */
const SIGNS: readonly Sign[] = [
  // Package managers.
  { pattern: /^npm (?:error|ERR!) (?:Missing|Invalid): .* lock file/ },
  {
    pattern: /^npm (?:error|ERR!) Could not resolve dependency:$/,
    say: (lines, at) => unresolved(lines, at),
  },
  {
    pattern:
      /^npm (?:error|ERR!) (?:[45]\d\d\b \S|[45]\d\d \w|network |notarget |could not resolve|Could not)/i,
  },
  { pattern: /\bERR_PNPM_\w+/ },
  { pattern: /^➤ YN0028: . The lockfile/ },
  { pattern: /^➤ YN(?!0000|0085|0087)\d{4}: .*\b(?:error|fail|can't|cannot|not found|couldn't)/i },
  // uv names what it could not do first, and why last; older releases draw a tree.
  {
    pattern: /^ {2}cause: \S/,
    say: (lines, at) => joined(above(lines, at, /^error: /), ...causes(lines, at)),
  },
  { pattern: /^\s*╰─▶ /, say: (lines, at) => uv(above(lines, at, /^\s*× /), lines[at] ?? "") },
  // Compilers, linters and formatters.
  { pattern: /^\S+\(\d+,\d+\): error TS\d+: |^\S+:\d+:\d+ - error TS\d+: |^error TS\d+: / },
  {
    pattern: /^\s+\d+:\d+\s+error\s+\S/,
    say: (lines, at) => `${above(lines, at, /^\S/)}:${(lines[at] ?? "").trim()}`,
  },
  { pattern: /^ESLint (?:couldn't|can't|cannot) \S/ },
  { pattern: /^\S+:\d+:\d+ \w+\/\S+.*━/, say: withNext },
  { pattern: /^\S+ (?:format|organizeImports|assist\/\S+) ━/, say: withNext },
  { pattern: /^\[error\] \S+: / },
  { pattern: /^\[warn\] \S*[./]\S*$/ },
  // Test runners.
  { pattern: /^\s*● (?!Console|Deprecat)\S.* › \S|^\s*● Test suite failed to run/, say: withNext },
  { pattern: /^ ?FAIL {1,2}\S.* > \S/, say: withNext },
  { pattern: /^ ?FAIL {1,2}\S+ \[ /, say: withNext },
  { pattern: /^Failed tests:$/, say: (lines, at) => below(lines, at).trim().replace(/:$/, "") },
  { pattern: /^\s+1\) \S.*:?$/, say: (lines, at) => mocha(lines, at) },
  {
    pattern: /^\s*not ok \d+ - /,
    say: (lines, at) => joined(lines[at] ?? "", below(lines, at, /^\s+error: /)),
  },
  { pattern: /^\s*✖ .*\(\d[\d.]*ms\)$/, say: withNext },
  { pattern: /^FAILED \S+::\S+/ },
  // pytest, of what it could not collect.
  { pattern: /^E {3,}\S/, say: (lines, at) => (lines[at] ?? "").slice(1).trim() },
  // Programs in Python that do not know an option say so below their usage.
  { pattern: /^\S+: error: (?:unrecognized arguments|argument |the following arguments|ambiguous option)/ },
  // Other programs.
  { pattern: /^│?\s*Error: \S.*(?<!:)$/, say: (lines, at) => terraform(lines, at) },
  { pattern: TRACEBACK, say: raised },
  { pattern: /^ERROR: (?:failed to (?:build|solve)|process)\b/ },
  { pattern: /^(?:psql:.*? )?(?:ERROR|FATAL): {1,2}\S|^psql: error: / },
  { pattern: /^fatal: / },
  { pattern: /^(?:\S*sh|\S*bash): (?:line )?(?:\d+: )?.*(?:not found|No such file|Permission denied)$/ },
  // A line that ends with a colon only announces what is wrong.
  { pattern: /(?:^|[\s[(])(?:[\w.]*Error|[\w.]*Exception)(?: \[\w+\])?: \S.*(?<!:)$/ },
  { pattern: /^\s*(?:error|fatal error|panic)(?:\[\w+\])?:? \S.*(?<!:)$/i },
  { pattern: /(?:^|[\s[(])(?:error|fatal|panic)\]?: \S.*(?<!:)$/i },
]

/** The first and the last of uv's causes, without what a sentence goes on with in a third line. */
function causes(lines: readonly string[], first: number): readonly string[] {
  const end = lines.findIndex((line, i) => i > first && !/^(?: {2}cause: | {9}\S)/.test(line))
  const block = lines.slice(first, end === -1 ? undefined : end)
  const starts = block.flatMap((line, i) => (line.startsWith("  cause: ") ? [i] : []))
  const ends = [...new Set([starts.at(0) ?? 0, starts.at(-1) ?? 0])]
  return ends.map((i) =>
    block
      .slice(i, i + 2)
      .filter((line, j) => j === 0 || !line.startsWith("  cause: "))
      .map((line) => line.replace(/^ {2}cause: /, "").trim())
      .join(" "),
  )
}

const uv = (what: string, why: string): string =>
  joined(...[what, why].map((line) => line.replace(/^[\s×╰─▶]+|:\s*$/g, "")))

/** npm names what it found first, and below its words what asks for something else. */
function unresolved(lines: readonly string[], at: number): string {
  const plain = (line: string) => line.replace(/^npm (?:error|ERR!) /, "").trim()
  const found = above(lines, at, /^npm (?:error|ERR!) Found: /)
  return joined(
    lines[at]?.replace(/:$/, "") ?? "",
    [plain(below(lines, at)), plain(found)].filter(Boolean).join(". "),
  )
}

/** Mocha numbers a failure in its list first, and tells the reason at the end. */
function mocha(lines: readonly string[], first: number): string {
  const at = Math.max(
    first,
    lines.findLastIndex((line) => /^\s+1\) \S/.test(line)),
  )
  const rest = lines.slice(at).filter((line) => line.trim() !== "")
  const reason = rest.findIndex((line) => /^\s+\S*(?:Error|Exception)\b.*: /.test(line))
  const names = rest.slice(0, Math.max(1, reason)).map((line) => line.replace(/^\s+1\) |:$/g, "").trim())
  return joined(names.join(" "), ...(reason === -1 ? [] : [rest[reason] ?? ""]))
}

/** Terraform puts what is wrong, where, and why into paragraphs. */
function terraform(lines: readonly string[], at: number): string {
  const plain = (line: string) => line.replace(/^[│╷╵\s]+/, "")
  const place = lines.slice(at + 1, at + 5).find((line) => /^[│\s]+on .+ line \d+/.test(line))
  return joined(plain(lines[at] ?? ""), ...(place === undefined ? [] : [plain(place).replace(/:$/, "")]))
}

/** The longest cause: a line of a log can be as long as a file. */
const LONGEST = 300

interface Told {
  readonly text: string
  /** The index of its line. */
  readonly at: number
}

function told(lines: readonly string[]): Told | null {
  for (const { pattern, say } of SIGNS) {
    const at = lines.findIndex((line) => pattern.test(line) && !NOISE.test(line))
    if (at !== -1) return { text: say ? say(lines, at) : (lines[at] ?? ""), at }
  }
  const last = lines.findLastIndex((line) => !NOISE.test(line))
  return last === -1 ? null : { text: lines[last] ?? "", at: last }
}

const linesOf = (log: string): readonly string[] => cleanLog(log).trimEnd().split("\n")

/**
 * The line of a log that tells why a command failed: the first that names an error as its tool does, else the last that
 * says anything; null for a log that says nothing. Without colours, and 300 characters long at most.
 */
export function causeLine(log: string): string | null {
  const found = told(linesOf(log))
  return found && oneLine(found.text, LONGEST)
}

/** So many lines of a log, from the one that tells the cause; the last ones where no more than those follow it. */
export function excerpt(log: string, count: number): readonly string[] {
  const lines = linesOf(log)
  const from = Math.min(told(lines)?.at ?? lines.length, lines.length - count)
  const kept = lines.slice(Math.max(0, from)).slice(0, count)
  return kept.length === 1 && kept[0] === "" ? [] : kept
}
