/**
 * What a run came to, as plain data: the seam between the stages that make results and the evidence that
 * shows them. `result.json` is a {@link RunRecord}.
 */

import type { Cause } from "./causes.js"
import type { RunContext } from "./context.js"

/**
 * What became of a stage, or of a whole run.
 *
 * - `passed`: it looked, and found nothing wrong.
 * - `failed`: it looked, and the code is wrong.
 * - `errored`: it could not look (a tool, a service or a download failed). Never a pass, never a finding.
 * - `skipped`: it did not run, for a reason that is stated.
 */
export type Verdict = "passed" | "failed" | "errored" | "skipped"

/** How bad a finding is, worst last. */
export type Severity = "info" | "low" | "medium" | "high" | "critical"

/** What is known of a vulnerability in a package, beside what every finding has. */
export interface Vulnerability {
  /** Other names of the same: `GHSA-…` beside `CVE-…`. */
  readonly aliases: readonly string[]
  /** Package URL (purl-spec), with the version that is installed: `pkg:npm/lodash@4.17.20`. */
  readonly package: string
  /** The first version without it, or null where there is none. */
  readonly fixed: string | null
  /** CVSS base score, 0 to 10, or null where no scanner says. */
  readonly cvss: number | null
  /** Probability of exploitation in the next 30 days (EPSS), 0 to 1, or null. */
  readonly epss: number | null
  /** True where it is in CISA's catalogue of known exploited vulnerabilities (KEV). */
  readonly kev: boolean
}

/**
 * What the policy makes of a finding.
 *
 * - `blocks`: the stage fails for it.
 * - `reported`: it is shown, and does not fail the stage.
 * - `known`: it was there in the base of the change.
 * - `waived`: a waiver accepts it until it expires.
 */
export interface Standing {
  readonly status: "blocks" | "reported" | "known" | "waived"
  /** The rule of the policy, or the waiver's reason and expiry, in words. */
  readonly why: string
}

/** One thing that a stage found wrong, where a person can go and see it. */
export interface Finding {
  /** The rule as its tool names it: `no-unused-vars`, `TS2322`, `CVE-2024-1234`. */
  readonly rule: string
  readonly severity: Severity
  readonly message: string
  /** Path in the project, or null where there is none. */
  readonly file: string | null
  /** 1-based, or null. */
  readonly line: number | null
  /** Names the finding across commits: it outlives moved lines. A linter's findings have none. */
  readonly fingerprint?: string
  /** The tools that saw it, by name. */
  readonly tools?: readonly string[]
  readonly vulnerability?: Vulnerability
  /** Absent where no policy was asked: it then fails the stage that has it. */
  readonly standing?: Standing
}

/** What one tool of a stage looked at: the evidence that a green result is not an empty one. */
export interface Looked {
  /** `trivy` */
  readonly tool: string
  /** As the tool says it, or null. */
  readonly version: string | null
  /** `passed` means that it looked, whatever it found; `errored` and `skipped` that it did not. */
  readonly verdict: "passed" | "errored" | "skipped"
  /** What it looked at (`312 packages of package-lock.json`), or why it did not and the way out. */
  readonly what: string
  /** The database that it asked, or null for a tool without one. */
  readonly database: Database | null
}

/** A vulnerability database, as it was when it was asked. */
export interface Database {
  /** `image registry`, `file`, `cache volume`, or an address. */
  readonly source: string
  /** When its contents were made, as ISO 8601, or null where it does not say. */
  readonly updatedAt: string | null
}

/** A number that is kept for comparison: a bundle's size, a percentile, a share of duplicated lines. */
export interface Measure {
  /** Unique in the stage and the same from run to run: `bundle assets/index.js`, `p95`. */
  readonly name: string
  readonly value: number
  /** `B`, `ms`, `%`, or "" for a plain count. */
  readonly unit: string
  /** What it may be at most (or at least, where `atLeast`), or null for no limit. */
  readonly limit: number | null
  readonly atLeast?: boolean
  /** The value in the base of the change, or null where there is none. */
  readonly base: number | null
}

/** How much of a source file tests ran. */
export interface FileCoverage {
  /** Path in the project. */
  readonly file: string
  /** Lines that can be run. */
  readonly lines: number
  readonly covered: number
  /** Lines that no test ran, as 1-based ranges: `3-7,12`. */
  readonly missed: string
}

/** One test of a test report. */
export interface TestCase {
  readonly suite: string
  readonly name: string
  /** Path in the project, or null where the runner does not say. */
  readonly file: string | null
  readonly seconds: number
  readonly verdict: "passed" | "failed" | "skipped"
  /** The failure in the runner's words, or null. */
  readonly message: string | null
  /** True for one that failed and then passed when it was tried again. */
  readonly flaky?: boolean
}

/** One command of a stage, as it ran in its container. */
export interface Step {
  readonly name: string
  /** The command line, for a person to repeat. */
  readonly command: string
  /** Milliseconds since the epoch, by the container's clock. */
  readonly startedAt: number
  readonly endedAt: number
  readonly exitCode: number
  readonly timedOut: boolean
  /** How often it was tried: 1, or more where a network step was repeated. */
  readonly attempts: number
}

/** The end of a log, with how much there was. */
export interface LogTail {
  readonly text: string
  /** Lines of the whole log, of which `text` holds the last. */
  readonly lines: number
}

/** What a stage says of itself when it is done. */
export interface StageOutcome {
  readonly verdict: Verdict
  /** Null when passed or skipped. */
  readonly cause: Cause | null
  /** One line for a person. When red it names the cause; when skipped, the reason. */
  readonly summary: string
  readonly findings: readonly Finding[]
  readonly tests: readonly TestCase[]
  readonly steps: readonly Step[]
  readonly log: LogTail
  /** The tools of a stage that asks several, or one whose database counts. */
  readonly looked?: readonly Looked[]
  readonly measures?: readonly Measure[]
  /** By file, all kinds of tests together; of the coverage stage. */
  readonly coverage?: readonly FileCoverage[]
}

/** A stage in the record of a run. */
export interface StageRecord extends StageOutcome {
  /** `test:unit:backend`; what stands before the first colon groups. */
  readonly name: string
  readonly needs: readonly string[]
  /** What it waited for where it was there. */
  readonly after?: readonly string[]
  /** The engine's digest of the files that it read; null where the engine did not say. */
  readonly inputs?: string | null
  /** Milliseconds since the epoch; null where nothing ran. From the steps, so that a cached stage keeps its own. */
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** True where the engine had the result already and nothing ran this time. */
  readonly cached: boolean
  /** Files of the evidence that are this stage's, by their path in it: `sarif/gitleaks.sarif`. */
  readonly files?: readonly string[]
}

/** An image that the run used or built. */
export interface ImageRecord {
  /** `postgres:15-alpine`, or a workspace's name for one that was built. */
  readonly name: string
  /** `sha256:…`, or null where the engine did not say. */
  readonly digest: string | null
  readonly purpose: string
}

/** Where the audit log of a run ended when the record was written: what a cut log is found by. */
export interface AuditHead {
  /** The hash of its last entry, as 64 hexadecimal digits. */
  readonly head: string
  readonly entries: number
}

/** A whole run: what `result.json` holds. */
export interface RunRecord {
  /** Version of this format; a reader refuses a higher one. */
  readonly schema: 1
  readonly slipway: string
  readonly project: string
  readonly verdict: Verdict
  /** The process exit code that goes with the verdict, of its cause. */
  readonly exitCode: number
  /** Milliseconds since the epoch, of this invocation. */
  readonly startedAt: number
  readonly endedAt: number
  /** What was checked, for whom and where. */
  readonly context: RunContext
  /** In the order of the plan. */
  readonly stages: readonly StageRecord[]
  readonly images: readonly ImageRecord[]
  /** Absent in a record that was not written yet. */
  readonly audit?: AuditHead
}

/** A red verdict outranks a green one, and `failed` (the code) outranks `errored` (the infrastructure). */
const RANK: Readonly<Record<Verdict, number>> = { skipped: 0, passed: 1, errored: 2, failed: 3 }

/** The verdict of several: the worst of them; `skipped` when nothing ran. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((a, b) => (RANK[b] > RANK[a] ? b : a), "skipped")
}
