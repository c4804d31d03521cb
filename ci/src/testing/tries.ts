import { plural } from "../formats/figures.js"
import type { TestCase } from "../run/result.js"
import type { StageResult } from "../run/stage.js"
import { summary } from "./judge.js"

const isFailed = ({ verdict }: TestCase) => verdict === "failed"

/** True where trying again can tell: tests failed, and nothing else is known to be wrong. */
export const worthAnotherTry = ({ cause, tests }: StageResult): boolean =>
  cause === "failed" && tests.some(isFailed)

/** What a run logs that no test stands for, and so no test file brings back. */
const OUTSIDE = /Unhandled (?:Errors?|Rejections?)|uncaught exception/i

/** The files to try again: those of the failed tests; null for all, where the files don't tell. */
export function failedFiles({ tests, log }: StageResult): readonly string[] | null {
  const files = tests.filter(isFailed).map(({ file }) => file)
  const known = files.flatMap((file) => file ?? [])
  return known.length < files.length || OUTSIDE.test(log.text) ? null : [...new Set(known)].sort()
}

const key = ({ file, suite, name }: TestCase) => [file, suite, name].join("\0")

/**
 * What two tries of a suite come to together, the second of which ran what had failed in the first. A test that
 * passed in one of them has passed; one that failed in the other is flaky.
 */
export function settle(first: StageResult, again: StageResult): StageResult {
  const later = new Map(again.tests.map((test) => [key(test), test]))
  const tests = first.tests.map((test) => together(test, later.get(key(test))))
  const left = tests.filter(isFailed).length
  const both = {
    ...first,
    tests,
    steps: [...first.steps, ...again.steps],
    log: {
      text: `${first.log.text.trimEnd()}\nslipway: what failed is tried again\n${again.log.text}`,
      lines: first.log.lines + again.log.lines + 1,
    },
  }
  if (left === 0 && (again.verdict === "passed" || worthAnotherTry(again)))
    return { ...both, verdict: "passed", cause: null, summary: summary(tests) }
  if (left === 0) return { ...both, summary: `the second try of what failed: ${again.summary}` }
  return { ...both, summary: `${left} of ${plural(tests.length, "test")} failed` }
}

function together(first: TestCase, again: TestCase | undefined): TestCase {
  if (again === undefined || first.verdict === again.verdict) return first
  const [passed, failed] = isFailed(first) ? [again, first] : [first, again]
  if (passed.verdict !== "passed" || !isFailed(failed)) return first
  return { ...passed, flaky: true, message: failed.message }
}
