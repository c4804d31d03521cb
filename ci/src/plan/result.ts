/**
 * What a run came to, as plain data: the seam between the stages that make results and the evidence that
 * shows them. `result.json` is a {@link RunRecord}.
 */

/**
 * What became of a stage, or of a whole run.
 *
 * - `passed`: it looked, and found nothing wrong.
 * - `failed`: it looked, and the code is wrong.
 * - `errored`: it could not look (a tool, a service or a download failed). Never a pass, never a finding.
 * - `skipped`: it did not run, for a reason that is stated.
 */
export type Verdict = "passed" | "failed" | "errored" | "skipped"

/** Why a stage is red, where that has a name and so an exit code of its own. */
export type Cause =
  | "failed"
  | "errored"
  | "timed-out"
  | "lock-file"
  | "dockerfile"
  | "service"
  | "migration"
  | "download"

/** How bad a finding is, worst last. */
export type Severity = "info" | "low" | "medium" | "high" | "critical"

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
}

/** A stage in the record of a run. */
export interface StageRecord extends StageOutcome {
  /** `test:unit:backend`; what stands before the first colon groups. */
  readonly name: string
  readonly needs: readonly string[]
  /** Milliseconds since the epoch; null where nothing ran. From the steps, so that a cached stage keeps its own. */
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** True where the engine had the result already and nothing ran this time. */
  readonly cached: boolean
}

/** An image that the run used or built. */
export interface ImageRecord {
  /** `postgres:15-alpine`, or a workspace's name for one that was built. */
  readonly name: string
  /** `sha256:…`, or null where the engine did not say. */
  readonly digest: string | null
  readonly purpose: string
}

/** A whole run: what `result.json` holds. */
export interface RunRecord {
  /** Version of this format; a reader refuses a higher one. */
  readonly schema: 1
  readonly slipway: string
  readonly project: string
  readonly verdict: Verdict
  /** The process exit code that goes with the verdict, from {@link EXIT_CODES}. */
  readonly exitCode: number
  /** Milliseconds since the epoch, of this invocation. */
  readonly startedAt: number
  readonly endedAt: number
  /** In the order of the plan. */
  readonly stages: readonly StageRecord[]
  readonly images: readonly ImageRecord[]
}

/** Process exit codes of a run. Host-side faults have codes of their own, from 30 on; see `cli/fault.ts`. */
export const EXIT_CODES = {
  passed: 0,
  failed: 10,
  errored: 11,
  "timed-out": 12,
  "lock-file": 13,
  dockerfile: 14,
  service: 15,
  migration: 16,
  download: 17,
  configuration: 20,
  "no-project": 21,
} as const

/** A red verdict outranks a green one, and `failed` (the code) outranks `errored` (the infrastructure). */
const RANK: Readonly<Record<Verdict, number>> = { skipped: 0, passed: 1, errored: 2, failed: 3 }

/** The verdict of several: the worst of them; `skipped` when nothing ran. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((a, b) => (RANK[b] > RANK[a] ? b : a), "skipped")
}
