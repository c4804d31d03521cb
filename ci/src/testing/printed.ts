import { clean } from "../formats/clean.js"
import { plural } from "../formats/figures.js"

/** The tests of runners that write no report, as the last lines of their output count them. */
export interface Printed {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/**
 * The summaries that runners print. The name of a group says what a number is: `all` tests, `of` those that are not skipped. Where
 * none does, the word behind it. `one` is the name of a test that failed.
 */
const SUMMARIES: readonly RegExp[] = [
  // node:test, with its reporters spec and tap.
  /^[#ℹ] tests \d+\n(?:[#ℹ] suites \d+\n)?[#ℹ] pass (?<passed>\d+)\n[#ℹ] fail (?<failed>\d+)\n[#ℹ] cancelled \d+\n[#ℹ] skipped (?<skipped>\d+)/,
  // tape, tapzero, zora.
  /^# tests +\d+\n# pass +(?<passed>\d+)(?:\n# fail +(?<failed>\d+))?(?:\n# skip +(?<skipped>\d+))?$/,
  // QUnit.
  /^# pass (?<passed>\d+)\n# skip (?<skipped>\d+)\n# todo \d+\n# fail (?<failed>\d+)/,
  // brittle.
  /^# tests = (?<passed>\d+)\/(?<of>\d+) pass/,
  // uvu.
  /^ *Total: +(?<of>\d+)\n *Passed: +(?<passed>\d+)(?:\n *Skipped: +(?<skipped>\d+))?/,
  // Jasmine.
  /^(?<all>\d+) specs?, (?<failed>\d+) failures?(?:, (?<skipped>\d+) pending)?/,
  // Karma, for each browser; before the end, the time of all is 0.
  /: Executed (?<passed>\d+) of \d+(?: \(skipped (?<skipped>\d+)\))? SUCCESS \((?!0 secs).*\)$/,
  /: Executed (?<of>\d+) of \d+ \((?<failed>\d+) FAILED\)(?: \(skipped (?<skipped>\d+)\))? \((?!0 secs).*\)$/,
  // baretest, which stops at a failed test and ends with exit code 0.
  /^.*• ✓ (?<passed>\d+)$/,
  /^.*\n\n! (?<one>.+) \n\n *\w*Error\b.*/,
  // lab.
  /^(?<failed>\d+) of (?<of>\d+) tests failed\b.*/,
  /^\d+ tests? complete\b.*/,
  // mocha, and what prints as it does.
  /^ *\d+ passing\b.*(?:\n *\d+ pending)?(?:\n *\d+ failing)?/,
  // jest, vitest, Japa, TSTyche; files of TSTyche may have assertions alone.
  /^ *Tests:? +\d+ (?:passed|failed|skipped|todo|total)\b.*/,
  /(?<!^ *Tests:.*\n)^ *Assertions: +\d+ (?:passed|failed|skipped|todo|total)\b.*/,
  // unittest of Python.
  /^Ran (?<all>\d+) tests? in [\d.]+s\n+OK(?<failed>\b)(?: \(.*?\bskipped=(?<skipped>\d+).*\))?/,
  /^Ran (?<all>\d+) tests? in [\d.]+s\n+FAILED \(.*?\b(?:failures|errors)=(?<failed>\d+)(?:.*\bskipped=(?<skipped>\d+))?.*\)/,
  // pytest, Deno, Bun.
  /^=+ .*\b\d+ (?:passed|failed|skipped)\b.* in [\d.]+s.*=$/,
  /^(?:ok|FAILED) \| \d+ passed.*/,
  /^ *\d+ pass\n(?: *\d+ (?:skip|todo)\n)* *\d+ fail$/,
]
const WORDS: Readonly<Record<keyof Printed, RegExp>> = {
  passed: /(\d+) (?:passing|passed|pass|tests? complete)\b/,
  failed: /(\d+) (?:failing|failed|fail)\b/,
  skipped: /(\d+) (?:pending|skipped|skip|todo)\b/,
}

function countsOf({ 0: text, groups = {} }: RegExpExecArray): Printed {
  if (groups.one !== undefined) return { passed: 0, failed: 1, skipped: 0 }
  const named = (name: string) => (groups[name] === undefined ? null : Number(groups[name]))
  const count = (name: keyof Printed) => named(name) ?? Number(WORDS[name].exec(text)?.[1] ?? 0)
  const skipped = count("skipped")
  const all = named("all")
  const ran = named("of") ?? (all === null ? null : all - skipped)
  if (ran === null) return { passed: count("passed"), failed: count("failed"), skipped }
  const failed = named("failed") ?? ran - count("passed")
  return { passed: ran - failed, failed, skipped }
}

/**
 * Returns the tests that a log counts, of all its summaries together; null where it has none. Tests failed where the last
 * summary says so: one before it may be the output of a runner under test.
 */
export function printedTests(log: string): Printed | null {
  const text = clean(log)
  const counts = SUMMARIES.flatMap((pattern) => [...text.matchAll(new RegExp(pattern, "gm"))])
    .toSorted((one, other) => one.index - other.index)
    .map(countsOf)
  const last = counts.at(-1)
  if (last === undefined) return null
  const sum = (name: keyof Printed) => counts.reduce((total, count) => total + count[name], 0)
  return { passed: sum("passed"), failed: last.failed, skipped: sum("skipped") }
}

/** `12 tests, 1 skipped, by the output of the script` */
export const printedText = ({ passed, failed, skipped }: Printed): string =>
  [
    plural(passed + failed, "test"),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    "by the output of the script",
  ].join(", ")
