import { plural } from "../formats/figures.js"
import type { TestCase } from "../run/result.js"
import type { StageResult } from "../run/stage.js"
import { summary } from "./judge.js"

const isFailed = ({ verdict }: TestCase) => verdict === "failed"

/** True if a retry helps: tests failed, and nothing else did. */
export const worthAnotherTry = ({ cause, tests }: StageResult): boolean =>
  cause === "failed" && tests.some(isFailed)

/** Errors in a log that belong to no test, so that no test file repeats them. */
export const OUTSIDE = /Unhandled (?:Errors?|Rejections?)|uncaught exception/i

/** Returns the files to retry: those of the failed tests; null for all, if their files are unknown. */
export function failedFiles({ tests, log }: StageResult): readonly string[] | null {
  const files = tests.filter(isFailed).map(({ file }) => file)
  const known = files.flatMap((file) => file ?? [])
  return known.length < files.length || OUTSIDE.test(log.text) ? null : [...new Set(known)].sort()
}

const key = ({ file, suite, name }: TestCase) => [file, suite, name].join("\0")

/**
 * Merges two tries of a suite; the second ran what failed in the first. A test that passed once has passed; if it also
 * failed, it is flaky.
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
      text: `${first.log.text.trimEnd()}\nslipway: retrying failed tests\n${again.log.text}`,
      lines: first.log.lines + again.log.lines + 1,
    },
  }
  if (left === 0 && (again.verdict === "passed" || worthAnotherTry(again)))
    return { ...both, verdict: "passed", cause: null, summary: summary(tests) }
  if (left === 0) return { ...both, summary: `retry of failed tests: ${again.summary}` }
  return { ...both, summary: `${left} of ${plural(tests.length, "test")} failed` }
}

function together(first: TestCase, again: TestCase | undefined): TestCase {
  if (again === undefined || first.verdict === again.verdict) return first
  const [passed, failed] = isFailed(first) ? [again, first] : [first, again]
  if (passed.verdict !== "passed" || !isFailed(failed)) return first
  return { ...passed, flaky: true, message: failed.message }
}
