import { escapeXml, escapeXmlAttribute, oneLine } from "../formats/clean.js"
import { iso } from "../formats/figures.js"
import { groupBy } from "../formats/group-by.js"
import { excerpt } from "../run/cause-line.js"
import type { RunRecord, StageRecord, TestCase } from "../run/result.js"
import { stageMs } from "../run/times.js"
import { place, worstFindings } from "./findings.js"
import { failedTests } from "./stages.js"

/** JUnit XML has no standard: these attributes are the ones that GitLab, Jenkins and Azure read. */
type Attributes = Readonly<Record<string, string | number | null>>

const SHOWN = { findings: 100, logLines: 100 } as const

function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}="${escapeXmlAttribute(String(value))}"`)
  const open = `<${name}${written.join("")}`
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`
}

const seconds = (value: number): string => (Number.isFinite(value) ? Math.max(0, value) : 0).toFixed(3)

/** One `<testcase>`, with what its suite counts. */
interface Case {
  readonly xml: string
  readonly seconds: number
  readonly kind: "passed" | "failure" | "error" | "skipped"
}

const KIND: Readonly<Record<TestCase["verdict"], Case["kind"]>> = {
  passed: "passed",
  failed: "failure",
  skipped: "skipped",
}

function body(test: TestCase): readonly string[] {
  const message = test.message === null ? null : oneLine(test.message)
  const bodies: Readonly<Record<TestCase["verdict"], () => readonly string[]>> = {
    passed: () => [],
    skipped: () => [element("skipped", { message })],
    failed: () => [
      element("failure", { message: message ?? "failed" }, [escapeXml(test.message ?? "failed")]),
    ],
  }
  return bodies[test.verdict]()
}

function testCase(stage: StageRecord, test: TestCase): Case {
  const attributes = {
    classname: [stage.name, test.suite].filter((part) => part !== "").join(" › "),
    name: test.name,
    file: test.file,
    time: seconds(test.seconds),
  }
  return {
    xml: element("testcase", attributes, body(test)),
    seconds: Number.isFinite(test.seconds) ? Math.max(0, test.seconds) : 0,
    kind: KIND[test.verdict],
  }
}

function stageBody(stage: StageRecord): string {
  const findings = worstFindings(stage).slice(0, SHOWN.findings)
  const listed = findings.map((one) =>
    [place(one), one.rule, one.message].filter((part) => part !== "").join("  "),
  )
  const all = stage.findings.length - listed.length
  return [
    stage.summary,
    ...listed,
    ...(all > 0 ? [`… and ${all} more findings`] : []),
    ...excerpt(stage.log.text, SHOWN.logLines),
  ].join("\n")
}

/** Makes a case for a red stage without failed tests: otherwise the CI vendor would show it as green. */
function stageCase(stage: StageRecord): readonly Case[] {
  const red = stage.verdict === "errored" || (stage.verdict === "failed" && failedTests(stage).length === 0)
  if (!red) return []
  const kind = stage.verdict === "errored" ? "error" : "failure"
  const spent = (stageMs(stage) ?? 0) / 1000
  const problem = element(kind, { message: oneLine(stage.summary), type: stage.cause }, [
    escapeXml(stageBody(stage)),
  ])
  const attributes = { classname: stage.name, name: stage.name, time: seconds(spent) }
  return [{ xml: element("testcase", attributes, [problem]), seconds: spent, kind }]
}

interface Suite {
  readonly name: string
  readonly timestamp: string | null
  readonly cases: readonly Case[]
}

function suitesOf(stage: StageRecord): readonly Suite[] {
  const timestamp = stage.startedAt === null ? null : iso(stage.startedAt).slice(0, 19)
  const own = stageCase(stage)
  const bySuite = groupBy(stage.tests, (test) => test.suite)
  return [
    ...(own.length === 0 ? [] : [{ name: stage.name, timestamp, cases: own }]),
    ...[...bySuite].map(([suite, tests]) => ({
      name: suite === "" ? stage.name : `${stage.name} › ${suite}`,
      timestamp,
      cases: tests.map((test) => testCase(stage, test)),
    })),
  ]
}

function counts(cases: readonly Case[]): Attributes {
  const having = (kind: Case["kind"]) => cases.filter((one) => one.kind === kind).length
  return {
    tests: cases.length,
    failures: having("failure"),
    errors: having("error"),
    skipped: having("skipped"),
    time: seconds(cases.reduce((sum, one) => sum + one.seconds, 0)),
  }
}

function suiteXml(suite: Suite): string {
  const attributes = { name: suite.name, ...counts(suite.cases), timestamp: suite.timestamp }
  return element("testsuite", attributes, ["\n", ...suite.cases.map((one) => `${one.xml}\n`)])
}

/**
 * Writes all tests of a run as JUnit XML: one suite per stage and suite. A red stage without failed tests becomes a
 * case: `<failure>` if it failed, `<error>` if it errored.
 */
export function junitXml(run: RunRecord): string {
  const suites = run.stages.flatMap(suitesOf)
  const attributes = { name: run.project, ...counts(suites.flatMap((suite) => suite.cases)) }
  const xml = element("testsuites", attributes, ["\n", ...suites.map((suite) => `${suiteXml(suite)}\n`)])
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`
}
