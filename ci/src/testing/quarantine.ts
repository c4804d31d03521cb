import { ANSWER_KEYS, type Answer, type EntryKey, expired, readEntries } from "../config/entries.js"
import { oneLine, truncate } from "../formats/clean.js"
import { selects } from "../formats/glob.js"
import type { Finding, TestCase } from "../run/result.js"
import type { StageResult } from "../run/stage.js"
import { OWN_GATE, summary } from "./judge.js"
import { OUTSIDE } from "./tries.js"

/** A flaky test that somebody has set aside for a time: it runs and is shown, and does not block. */
export interface SetAside extends Answer {
  /** The test's name, alone or with its suite before it: `visits › books`. */
  readonly test: string
  /** The files that it is in, as a glob pattern; null for any. */
  readonly file: string | null
  /** 1-based, in its file. */
  readonly line: number
}

const KEYS: Readonly<Record<string, EntryKey>> = {
  test: { required: true, expected: "the name of a test" },
  file: { required: false, expected: "a glob pattern" },
  ...ANSWER_KEYS,
}

/** Days that a test may be set aside. */
const LONGEST = 90

/**
 * Reads a file of tests that are set aside: a list under `quarantine`.
 *
 * @throws {Fault} `configuration`, with the line of the first thing that is wrong.
 */
export const readQuarantine = (text: string, file: string, now: number): readonly SetAside[] =>
  readEntries({ text, file, top: "quarantine", keys: KEYS, noun: "test", longest: LONGEST }, now).map(
    ({ text: word, required, answer, line }) => ({
      test: required("test"),
      file: word("file"),
      ...answer(),
      line,
    }),
  )

/** True where an entry is for a test, expired or not. */
export function isFor(entry: SetAside, { suite, name, file }: TestCase): boolean {
  const names = [name, ...SEPARATORS.map((separator) => `${suite}${separator}${name}`)]
  if (!names.includes(entry.test)) return false
  return entry.file === null || (file !== null && selects(entry.file, file))
}

/** What runners and reports write between a suite and a test. */
const SEPARATORS = [" › ", " > ", " "]

/** How much of a failure a finding shows. */
const SHOWN = 200

/**
 * Marks failures of tests that are set aside as skipped. The stage then passes if nothing else failed, and if the failed
 * command had nothing more to run.
 */
export function setAside(result: StageResult, entries: readonly SetAside[], now: number): StageResult {
  const valid = entries.filter((entry) => !expired(entry, now))
  const tests = result.tests.map((test) => {
    const entry = test.verdict === "failed" ? valid.find((one) => isFor(one, test)) : undefined
    return entry === undefined ? { test, entry: null } : { test: quarantined(test, entry), entry }
  })
  const aside = tests.flatMap(({ test, entry }) => (entry === null ? [] : [finding(test, entry)]))
  if (aside.length === 0) return result
  const left = tests.filter(({ test }) => test.verdict === "failed").length
  const marked = {
    ...result,
    tests: tests.map(({ test }) => test),
    findings: [...result.findings, ...aside],
  }
  if (left > 0 || result.verdict !== "failed" || result.cause !== "failed") return marked
  const why = stillRed(result)
  return why === null
    ? { ...marked, verdict: "passed", cause: null, summary: summary(marked.tests) }
    : { ...marked, summary: `${result.summary}; set aside, but ${why}` }
}

/** The marks of runners that stopped at a failed test. */
const STOPPED = /stopping after \d+ failure|Testing stopped early|Bail(?:ed|ing)? out/i

/** Returns what else may be wrong; null where nothing is. */
function stillRed({ onlyTests = false, log }: StageResult): string | null {
  if (OUTSIDE.test(log.text)) return "an error outside of tests was reported as well"
  const gate = OWN_GATE.exec(log.text)?.[0]
  if (gate !== undefined) return gate.trim()
  if (STOPPED.test(log.text)) return "the runner stopped at the failed test"
  return onlyTests ? null : "what the script does after its tests did not run"
}

const quarantined = (test: TestCase, { owner, expires, reason }: SetAside): TestCase => ({
  ...test,
  verdict: "skipped",
  quarantined: true,
  message: `failed; set aside by ${owner} until ${expires}: ${reason}\n${test.message ?? ""}`.trimEnd(),
})

const finding = ({ name, file, message }: TestCase, { owner, expires }: SetAside): Finding => ({
  rule: "quarantined-test",
  severity: "low",
  message: truncate(oneLine(`${name} failed: ${message ?? ""}`), SHOWN),
  file,
  line: null,
  standing: { status: "reported", why: `set aside by ${owner} until ${expires}` },
})
