import { anyOf } from "../formats/pattern.js"
import type { Unchecked } from "../project/project.js"
import { lineHitsOf } from "../run/line-hits.js"
import { type Given, type Ran, type StageResult, WORKDIR } from "../run/stage.js"
import { OWN_COVERAGE } from "../tools/hook.js"
import { NO_TEST, withUncounted } from "./judge.js"
import type { PythonSuite } from "./python-suite.js"

/** The exit code of pytest that collected no test. */
const NO_TESTS = 5

/** The first of some files, with the number of the others. */
export const firstOf = ([first = "", ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`

/** The file that a new app of Django begins with, and that holds no test until somebody writes one. */
const STUB = /(?:^|\/)tests\.py$/

/** What a test looks like, for pytest and unittest. */
const ANY_TEST = anyOf(
  [/^\s*(?:async\s+)?def\s+test/, /^\s*class\s+\w*Tests?\w*\b/, /^\s*from\s+\S+\s+import\s+\*/, />>>/],
  "im",
)

/** Tells whether any of some texts looks like tests. */
export const holdsTest = (texts: readonly string[]): boolean => texts.some((text) => ANY_TEST.test(text))

/** The result of tests that ran, with the lines that they ran. */
export async function ranResult(
  given: Given,
  ran: Ran,
  judged: StageResult,
  suite: PythonSuite,
): Promise<StageResult> {
  if (ran.failed?.name === "tests" && ran.failed.exitCode === NO_TESTS) return noneOf(given, judged, suite)
  const report = ran.reports[OWN_COVERAGE]
  const told = suite.program === null ? judged : withUncounted(judged, `the tests of ${firstOf(suite.files)}`)
  return {
    ...told,
    unchecked: [...(told.unchecked ?? []), ...leftOut(suite)],
    onlyTests: suite.program === null,
    ...lineHitsOf(
      report === undefined ? [] : [report],
      { root: WORKDIR, folder: suite.folder },
      OWN_COVERAGE,
    ),
  }
}

/** The result where no test ran: what Django made and nobody filled has none to run. */
async function noneOf(
  { source }: Given,
  judged: StageResult,
  { files, program }: PythonSuite,
): Promise<StageResult> {
  if (program !== null) return { ...judged, verdict: "failed", cause: "failed", summary: NO_TEST }
  const stubs = files.every((file) => STUB.test(file))
  const texts = stubs ? await Promise.all(files.map((file) => source.file(file).contents())) : []
  return !stubs || holdsTest(texts)
    ? { ...judged, verdict: "failed", cause: "failed", summary: `${NO_TEST}: pytest collected none` }
    : { ...judged, verdict: "skipped", cause: null, summary: `no test in ${firstOf(files)}` }
}

const leftOut = ({ left, conditional }: PythonSuite): readonly Unchecked[] =>
  [
    { files: left, reason: "tests that the team's CI does not run either" },
    {
      files: conditional,
      reason: "tests that the team's CI runs under a condition, which its usual run does not meet",
    },
  ].flatMap(({ files, reason }) => (files.length === 0 ? [] : [{ what: firstOf(files), reason }]))
