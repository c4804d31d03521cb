/**
 * The record of a run as plain data: stages make it, the evidence shows it, `result.json` holds it. The fields are
 * described in its schema, from which these types are inferred.
 */

import type * as z from "zod/mini"
import type { OutcomeField, recordSchema } from "./result-schema.js"

/** A schema's output as data that nobody changes. */
type Immutable<T> = T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T

/** A whole run: the contents of `result.json`. */
export type RunRecord = Immutable<z.output<ReturnType<typeof recordSchema>>>

/** A stage in the record of a run. */
export type StageRecord = RunRecord["stages"][number]

/** What a stage reports about itself when it ends. */
export type StageOutcome = Pick<StageRecord, OutcomeField>

/**
 * How a stage, or a whole run, ended.
 *
 * - `passed`: it ran and found nothing wrong.
 * - `failed`: it ran and the code is wrong.
 * - `errored`: it could not run: a tool, a service or a download failed. Never a pass, never a finding.
 * - `skipped`: it did not run; the summary gives the reason.
 */
export type Verdict = RunRecord["verdict"]

/** One problem that a stage found, with its place. */
export type Finding = StageRecord["findings"][number]

/** How bad a finding is. */
export type Severity = Finding["severity"]

/** A vulnerability in a package, in addition to the fields that every finding has. */
export type Vulnerability = NonNullable<Finding["vulnerability"]>

/** How the policy treats a finding. */
export type Standing = NonNullable<Finding["standing"]>

/** What one tool of a stage looked at: evidence that a green result is not an empty one. */
export type Looked = NonNullable<StageRecord["looked"]>[number]

/** A vulnerability database, as it was when it was used. */
export type Database = NonNullable<Looked["database"]>

/** A number that is compared from run to run. */
export type Measure = NonNullable<StageRecord["measures"]>[number]

/** A build of an image for one platform, by its layers. */
export type Content = NonNullable<StageRecord["contents"]>[number]

/** Lines of a source file that tests ran. */
export type FileCoverage = NonNullable<StageRecord["coverage"]>[number]

/** One test of a test report. */
export type TestCase = StageRecord["tests"][number]

/** One command of a stage, as it ran in its container. */
export type Step = StageRecord["steps"][number]

/** The end of a log, and how long the whole log is. */
export type LogTail = StageRecord["log"]

/** An image that the run used or built. */
export type ImageRecord = RunRecord["images"][number]

/** The share of a check that ran on one of several machines. */
export type ShardRecord = NonNullable<RunRecord["shard"]>

/** A shard that was joined with the others. */
export type JoinedShard = NonNullable<RunRecord["shards"]>[number]

/** Where the audit log of a run ended when the record was written: shows whether a log was cut off. */
export type AuditHead = NonNullable<RunRecord["audit"]>

/** `failed` (the code) outranks `errored` (the infrastructure), and both outrank a green verdict. */
const RANK: Readonly<Record<Verdict, number>> = { skipped: 0, passed: 1, errored: 2, failed: 3 }

/** Returns the worst of several verdicts; `skipped` for none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((a, b) => (RANK[b] > RANK[a] ? b : a), "skipped")
}
