import { clean, oneLine, truncate } from "../formats/clean.js"
import { duration } from "../formats/figures.js"
import { groupBy } from "../formats/group-by.js"
import type { Finding, RunRecord, Severity, StageRecord, Standing, TestCase } from "../run/result.js"
import { coverageOf } from "./coverage.js"
import { byRank, packageFacts, place, standingOf, toolsOf } from "./findings.js"
import { failedTests, isFlaky } from "./stages.js"

/** `[name, duration, verdict or flaky, message]`. Arrays: names of fields, 5,000 times over, would double the page. */
type TestRow = readonly [string, string, TestCase["verdict"] | "flaky", string?]

/** `[stage, place, rule, message, severity, standing, why, tools, facts]`; a number is an index of `words`. */
type FindingRow = readonly [
  ...[number, string, string, string, Severity],
  ...[Standing["status"], number, number, string],
]

/** `[file, lines, covered, missed]` */
type CoverageRow = readonly [string, number, number, string]

interface TestGroup {
  readonly stage: string
  readonly suite: string
  readonly file: string
  readonly time: string
  readonly failed: number
  readonly flaky: number
  readonly tests: readonly TestRow[]
}

/** The data that the page's script reads: lists that are too long for markup. All texts are cleaned. */
export interface ReportData {
  readonly groups: readonly TestGroup[]
  readonly findings: readonly FindingRow[]
  readonly coverage: readonly CoverageRow[]
  /** Texts that many findings share. */
  readonly words: readonly string[]
}

const LIMIT = { name: 300, message: 2000, messageOfMany: 300, many: 200 } as const

/** The order of tests in a group. */
const ORDER: Readonly<Record<TestRow[2], number>> = { failed: 0, flaky: 1, skipped: 2, passed: 3 }

const shown = (test: TestCase): TestRow[2] => (isFlaky(test) ? "flaky" : test.verdict)

function testRow(test: TestCase, messageLimit: number): TestRow {
  const base = [oneLine(test.name, LIMIT.name), duration(test.seconds * 1000), shown(test)] as const
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
    flaky: tests.filter(isFlaky).length,
    tests: tests
      .toSorted((a, b) => ORDER[shown(a)] - ORDER[shown(b)])
      .map((test) => testRow(test, messageLimit)),
  }))
}

/** Collects texts, each once, and numbers them. */
class Words {
  readonly all: string[] = []
  readonly #numbers = new Map<string, number>()

  of(word: string): number {
    const known = this.#numbers.get(word)
    if (known !== undefined) return known
    this.#numbers.set(word, this.all.length)
    return this.all.push(word) - 1
  }
}

function findingRow(stage: StageRecord, finding: Finding, words: Words): FindingRow {
  const { rule, severity, message, vulnerability, standing } = finding
  const known = vulnerability ? [...vulnerability.aliases, ...packageFacts(vulnerability)] : []
  return [
    words.of(oneLine(stage.name)),
    oneLine(place(finding), LIMIT.name),
    oneLine(rule),
    oneLine(message, LIMIT.messageOfMany),
    severity,
    standingOf(stage, finding),
    words.of(oneLine(standing?.why ?? "", LIMIT.messageOfMany)),
    words.of(toolsOf(stage, finding).join(", ")),
    oneLine(known.join(" · "), LIMIT.messageOfMany),
  ]
}

/** Makes the page's data: suites, those with failures first; findings, {@link byRank}; coverage. */
export function reportData(run: RunRecord): ReportData {
  const failures = run.stages.reduce((sum, stage) => sum + failedTests(stage).length, 0)
  const messageLimit = failures > LIMIT.many ? LIMIT.messageOfMany : LIMIT.message
  const groups = run.stages.flatMap((stage) => testGroups(stage, messageLimit))
  const words = new Words()
  return {
    groups: groups.toSorted(
      (a, b) => Number(b.failed > 0) - Number(a.failed > 0) || Number(b.flaky > 0) - Number(a.flaky > 0),
    ),
    findings: byRank(
      run.stages.flatMap((stage) => stage.findings.map((finding) => ({ stage, finding }))),
    ).map(({ stage, finding }) => findingRow(stage, finding, words)),
    coverage: coverageOf(run).map(({ file, lines, covered, missed }) => [
      ...([oneLine(file, LIMIT.name), lines, covered] as const),
      oneLine(missed, LIMIT.messageOfMany),
    ]),
    words: words.all,
  }
}
