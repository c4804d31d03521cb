import { sha256 } from "../formats/canonical.js"
import { clean, oneLine, truncate } from "../formats/clean.js"
import type { Finding, RunRecord, StageRecord, Standing, TestCase } from "../run/result.js"
import type { Remark } from "../vendors/vendor.js"
import { standingOf, worstFindings } from "./findings.js"
import { VERDICTS } from "./labels.js"
import { failedTests, flakyTests, redStages, testTitle } from "./stages.js"

const LIMIT = { message: 1000, title: 120 } as const

const fingerprintOf = (...parts: readonly (string | null)[]): string => sha256(parts.join("\0")).slice(0, 32)

function ofFinding(stage: StageRecord, finding: Finding): Remark {
  const { rule, severity, message, file, line, vulnerability } = finding
  const fixed = vulnerability?.fixed ? ` Fixed in ${vulnerability.fixed}.` : ""
  return {
    level: standingOf(stage, finding) === "blocks" ? "error" : "warning",
    severity,
    title: oneLine(`${stage.name} ${rule}`, LIMIT.title),
    message: truncate(clean(`${message}${fixed}`), LIMIT.message),
    source: oneLine(stage.name),
    rule: oneLine(rule),
    file: file === null ? null : oneLine(file, 1000),
    line,
    fingerprint: finding.fingerprint ?? fingerprintOf(stage.name, rule, file, message, String(line)),
  }
}

/** Finds the line of the test's file in its failure: `test/app.test.ts:88:23`. */
function lineOf({ file, message }: TestCase): number | null {
  const at = file === null || message === null ? -1 : message.indexOf(`${file}:`)
  if (at < 0 || file === null || message === null) return null
  return Number(/^\d{1,7}/.exec(message.slice(at + file.length + 1))?.[0]) || null
}

function ofTest(stage: StageRecord, test: TestCase): Remark {
  const name = testTitle(test)
  const failed = test.verdict === "failed"
  return {
    level: failed ? "error" : "warning",
    severity: failed ? "high" : "low",
    title: oneLine(`${stage.name} ${test.name}`, LIMIT.title),
    message: failed
      ? truncate(`${oneLine(name)}\n${clean(test.message ?? "failed").trim()}`, LIMIT.message)
      : `${oneLine(name)} failed, then passed when retried`,
    source: oneLine(stage.name),
    rule: failed ? "failed-test" : "flaky-test",
    file: test.file === null ? null : oneLine(test.file, 1000),
    line: lineOf(test),
    fingerprint: fingerprintOf(stage.name, test.suite, test.name),
  }
}

/** Makes a remark of a red stage without failed tests and blocking findings. */
function ofStage({ name, verdict, summary }: StageRecord): Remark {
  const { word } = VERDICTS[verdict]
  return {
    level: "error",
    severity: "high",
    title: oneLine(`${name} ${word}`, LIMIT.title),
    message: oneLine(`${name} ${word}: ${summary}`, LIMIT.message),
    source: oneLine(name),
    rule: verdict,
    file: null,
    line: null,
    fingerprint: fingerprintOf(name, verdict),
  }
}

const ORDER: readonly Remark["level"][] = ["error", "warning"]
const NEW: readonly Standing["status"][] = ["blocks", "reported"]

/**
 * What a vendor can show beside a change, errors first: failed tests, findings that block or are reported, red
 * stages that these don't explain, flaky tests. Nothing that the base of the change had, or that is waived.
 */
export function remarks(run: RunRecord): readonly Remark[] {
  const red = new Set(redStages(run))
  const all = run.stages.flatMap((stage) => {
    const shown = worstFindings(stage).filter((finding) => NEW.includes(standingOf(stage, finding)))
    const blocking = shown.some((finding) => standingOf(stage, finding) === "blocks")
    const explained = failedTests(stage).length > 0 || blocking
    return [
      ...(red.has(stage) && !explained ? [ofStage(stage)] : []),
      ...failedTests(stage).map((test) => ofTest(stage, test)),
      ...shown.map((finding) => ofFinding(stage, finding)),
      ...flakyTests(stage).map((test) => ofTest(stage, test)),
    ]
  })
  return all.toSorted((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level))
}
