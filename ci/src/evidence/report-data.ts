import type { RunRecord, Severity, StageRecord, TestCase } from "../plan/result.js"
import { clean, oneLine, truncate } from "./clean.js"
import { duration } from "./format.js"
import { failedTests, groupBy, place, SEVERITIES } from "./model.js"

/** `[name, duration, verdict, message]`; arrays, as names of fields 5,000 times over would double the page. */
type TestRow = readonly [string, string, TestCase["verdict"], string?]

/** `[stage, place, rule, message, severity]` */
type FindingRow = readonly [string, string, string, string, Severity]

interface TestGroup {
  readonly stage: string
  readonly suite: string
  readonly file: string
  readonly time: string
  readonly failed: number
  readonly tests: readonly TestRow[]
}

/** What the page's script reads: lists that are too long to be in the page as markup. All of it cleaned text. */
export interface ReportData {
  readonly groups: readonly TestGroup[]
  readonly findings: readonly FindingRow[]
}

const LIMIT = { name: 300, message: 2000, messageOfMany: 300, many: 200 } as const

/** What stands first in its group. */
const ORDER: Readonly<Record<TestCase["verdict"], number>> = { failed: 0, skipped: 1, passed: 2 }

function testRow(test: TestCase, messageLimit: number): TestRow {
  const base = [oneLine(test.name, LIMIT.name), duration(test.seconds * 1000), test.verdict] as const
  return test.message === null ? base : [...base, truncate(clean(test.message).trim(), messageLimit)]
}

function testGroups(stage: StageRecord, messageLimit: number): readonly TestGroup[] {
  const groups = groupBy(stage.tests, (test) => JSON.stringify([test.suite, test.file]))
  return [...groups.values()].map((tests) => ({
    stage: oneLine(stage.name),
    suite: oneLine(tests[0]?.suite ?? "", LIMIT.name),
    file: oneLine(tests[0]?.file ?? "", LIMIT.name),
    time: duration(tests.reduce((sum, test) => sum + test.seconds, 0) * 1000),
    failed: tests.filter((test) => test.verdict === "failed").length,
    tests: tests
      .toSorted((a, b) => ORDER[a.verdict] - ORDER[b.verdict])
      .map((test) => testRow(test, messageLimit)),
  }))
}

function findingRows(run: RunRecord): readonly FindingRow[] {
  const rows = run.stages.flatMap((stage) =>
    stage.findings.map(
      (finding): FindingRow => [
        oneLine(stage.name),
        oneLine(place(finding), LIMIT.name),
        oneLine(finding.rule),
        oneLine(finding.message, LIMIT.messageOfMany),
        finding.severity,
      ],
    ),
  )
  return rows.toSorted((a, b) => SEVERITIES.indexOf(a[4]) - SEVERITIES.indexOf(b[4]))
}

/** Tests by stage and suite, those with failures first; findings, the worst first. */
export function reportData(run: RunRecord): ReportData {
  const failures = run.stages.reduce((sum, stage) => sum + failedTests(stage).length, 0)
  const messageLimit = failures > LIMIT.many ? LIMIT.messageOfMany : LIMIT.message
  const groups = run.stages.flatMap((stage) => testGroups(stage, messageLimit))
  return {
    groups: groups.toSorted((a, b) => Number(b.failed > 0) - Number(a.failed > 0)),
    findings: findingRows(run),
  }
}
