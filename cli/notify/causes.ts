import type { EVENTS } from "../../ci/src/report/config.js"
import { failedTests, flakyTests, testTitle } from "../../ci/src/report/stages.js"
import { names } from "../../ci/src/run/gate.js"
import { LIMITS } from "../../ci/src/run/limits.js"
import type { RunRecord, Severity, StageRecord, TestCase } from "../../ci/src/run/result.js"

/** The events that people are told of. */
export type Event = (typeof EVENTS)[number]

/** Something that people should know once. */
export interface Cause {
  readonly event: Exclude<Event, "fixed">
  /** Identifies the cause in each run that has it. */
  readonly key: string
  readonly stage: string
  readonly severity: Severity
  /** One line. */
  readonly text: string
}

const isRed = ({ verdict }: StageRecord): boolean => verdict === "failed" || verdict === "errored"

const keyOf = (event: string, ...parts: readonly (string | null)[]): string =>
  JSON.stringify([event, ...parts])

const inBrackets = (file: string | null): string => (file === null ? "" : ` (${file})`)

const title = (test: TestCase): string => `${testTitle(test)}${inBrackets(test.file)}`

const ofTest = (event: "red" | "flaky", stage: StageRecord, test: TestCase): Cause => ({
  event,
  key: keyOf(event, stage.name, test.file, test.suite, test.name),
  stage: stage.name,
  severity: event === "red" ? "high" : "low",
  text: event === "red" ? `${stage.name}: ${title(test)} failed` : `${stage.name}: ${title(test)} is flaky`,
})

/** Returns the causes of a red stage: its failed tests, or its own cause if there are none. */
function redCauses(stage: StageRecord): readonly Cause[] {
  if (!isRed(stage)) return []
  const tests = failedTests(stage)
  if (stage.verdict === "failed" && tests.length > 0) return tests.map((test) => ofTest("red", stage, test))
  return [
    {
      event: "red",
      key: keyOf("red", stage.name, stage.cause),
      stage: stage.name,
      severity: stage.verdict === "failed" ? "high" : "medium",
      text: `${stage.name} ${stage.verdict}: ${stage.summary}`,
    },
  ]
}

const isScan = (stage: StageRecord): boolean => stage.name.split(":")[0] === "scan"

function findingCauses(stage: StageRecord): readonly Cause[] {
  if (!isScan(stage)) return []
  const identities = names(stage.findings)
  return stage.findings.flatMap(({ rule, severity, message, file, standing }, index): readonly Cause[] =>
    standing?.status === "waived"
      ? []
      : [
          {
            event: "finding",
            key: keyOf("finding", stage.name, identities[index] ?? rule),
            stage: stage.name,
            severity,
            text: `${stage.name}: ${severity} ${rule}: ${message}${inBrackets(file)}`,
          },
        ],
  )
}

const slowCauses = (stage: StageRecord): readonly Cause[] =>
  stage.name !== LIMITS
    ? []
    : stage.findings.map(({ severity, message }) => ({
        event: "slow",
        // Without its figures, which differ from run to run.
        key: keyOf("slow", message.split(" ")[0] ?? ""),
        stage: stage.name,
        severity,
        text: message,
      }))

/** Returns the causes of a run. A cause of several stages is there once for each. */
export const causesOf = ({ stages }: RunRecord): readonly Cause[] =>
  stages.flatMap((stage) => [
    ...redCauses(stage),
    ...findingCauses(stage),
    ...slowCauses(stage),
    ...[...flakyTests(stage), ...stage.tests.filter(({ quarantined }) => quarantined)].map((test) =>
      ofTest("flaky", stage, test),
    ),
  ])
