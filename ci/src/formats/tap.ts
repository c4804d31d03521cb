import type { TestCase } from "../run/result.js"

/** An entry: indentation, `ok` or `not ok`, what it says. */
const ENTRY = /^(\s*)(not )?ok\b(?: +\d+)?(?: +-)? *(.*)$/i
/** What an entry says: its name, its directive, its time, the entries in it. */
const SAYS = /^(.*?)(?: *# *(SKIP|TODO)\b.*?)?(?: +# time ?= ?([\d.]+)(m?)s)?(?: *\{)?$/i
/** A comment that names the assertions after it, as tape writes it; none of the totals. */
const COMMENT = /^# (?!(?:tests|pass|fail|skip|todo|ok|time)\b|Subtest|\{)(\S.*)$/
const FILE = /^\S+\.[cm]?[jt]sx?$/

/** Tells whether a text is TAP: it has a version or a plan. */
export const isTap = (text: string): boolean => /^(?:TAP version \d+|1\.\.\d+)\b/m.test(text)

/** The tests of an entry: itself, or those in it. */
interface Entry {
  readonly indent: number
  readonly tests: readonly TestCase[]
}

/**
 * Reads the tests of TAP (version 12 to 14): the entries that have none of their own in them. A test has the name of its entry, and in
 * its suite those of the entries around it. TAP that is cut off has a failed test more.
 */
export function readTap(text: string): readonly TestCase[] {
  let entries: readonly Entry[] = []
  let comment = ""
  const lines = text.replaceAll("\r\n", "\n").split("\n")
  lines.forEach((line, at) => {
    comment = COMMENT.exec(line)?.[1] ?? comment
    const match = ENTRY.exec(line)
    if (!match) return
    const indent = match[1]?.length ?? 0
    const outside = entries.findLastIndex((entry) => entry.indent <= indent) + 1
    const inside = entries.slice(outside).flatMap(({ tests }) => tests)
    const own = testOf(match, indent === 0 ? comment : "", reasonBelow(lines, at))
    const tests =
      inside.length === 0 ? [own] : [...inside.map((test) => within(own.name, test)), ...onlyOwn(own, inside)]
    entries = [...entries.slice(0, outside), { indent, tests }]
  })
  const tests = entries.flatMap(({ tests }) => tests)
  return isCutOff(text) ? [...tests, CUT_OFF] : tests
}

/** Tells whether TAP of version 13 ends without its plan: the process that wrote it has died, or was left. */
const isCutOff = (text: string): boolean => /^TAP version 13\b/m.test(text) && !/^1\.\.\d+/m.test(text)

/** What stands for the tests that did not run. A reporter behind a pipe (`tape a.js | tap-spec`) may end well all the same. */
const CUT_OFF: TestCase = {
  suite: "",
  name: "the plan of the tests",
  file: null,
  seconds: 0,
  verdict: "failed",
  message: "the TAP has no plan (1..N): the process ended before its last test",
}

function testOf(match: RegExpExecArray, suite: string, reason: string): TestCase {
  const [, , not, says = ""] = match
  const [, name = "", directive, time, milli] = SAYS.exec(says) ?? []
  const failed = not !== undefined && directive === undefined
  const done = failed ? "failed" : "passed"
  return {
    suite,
    name,
    file: FILE.test(name) ? name : null,
    seconds: Number(time ?? 0) / (milli === "m" ? 1000 : 1),
    verdict: directive === undefined ? done : "skipped",
    message: failed ? reason || "failed" : null,
  }
}

const within = (name: string, test: TestCase): TestCase => ({
  ...test,
  suite: test.suite === "" ? name : `${name} › ${test.suite}`,
  file: test.file ?? (FILE.test(name) ? name : null),
})

/** A failure of an entry that none in it explains: its plan, or a hook. */
const onlyOwn = (own: TestCase, inside: readonly TestCase[]): readonly TestCase[] =>
  own.verdict === "failed" && inside.every(({ verdict }) => verdict !== "failed") ? [own] : []

/** The block of YAML below an entry. */
function reasonBelow(lines: readonly string[], at: number): string {
  if (lines[at + 1]?.trim() !== "---") return ""
  const rest = lines.slice(at + 2)
  const block = rest.slice(
    0,
    rest.findIndex((line) => line.trim() === "..."),
  )
  const indent = /^\s*/.exec(block[0] ?? "")?.[0].length ?? 0
  return block.map((line) => line.slice(indent)).join("\n")
}
