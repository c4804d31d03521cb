import * as z from "zod/mini"

/** The schemas of what a stage found, as parts of result.json: findings, tools, measures, coverage, tests. */

const text = z.string()
const texts = z.array(text)
const count = z.int().check(z.nonnegative())

/** How bad a finding can be, the lowest first. */
export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const

const vulnerability = z.object({
  /** Other names of the same vulnerability: `GHSA-…` beside `CVE-…`. */
  aliases: texts,
  /** Package URL (purl-spec) with the installed version: `pkg:npm/lodash@4.17.20`. */
  package: text,
  /** The first version without the vulnerability, or null if there is none. */
  fixed: z.nullable(text),
  /** CVSS base score, 0 to 10, or null if no scanner reports one. */
  cvss: z.nullable(z.number().check(z.minimum(0), z.maximum(10))),
  /** Probability of exploitation in the next 30 days (EPSS), 0 to 1, or null. */
  epss: z.nullable(z.number().check(z.minimum(0), z.maximum(1))),
  /** True if it is in CISA's catalogue of known exploited vulnerabilities (KEV). */
  kev: z.boolean(),
  /** True for a package that only development needs: tests and builds. Absent where that is not known. */
  development: z.exactOptional(z.boolean()),
})

const standing = z.object({
  /**
   * - `blocks`: fails the stage.
   * - `reported`: shown, does not fail the stage.
   * - `known`: present in the baseline of the change.
   * - `waived`: accepted by a waiver until it expires.
   */
  status: z.enum(["blocks", "reported", "known", "waived"]),
  /** The rule of the policy, or the waiver's reason and expiry. */
  why: text,
  /** True for what blocks under every policy, such as a vulnerability that is known to be exploited. */
  always: z.exactOptional(z.boolean()),
})

/** One problem that a stage found, with its place. */
export const findingSchema = z.object({
  /** The rule as its tool names it: `no-unused-vars`, `TS2322`, `CVE-2024-1234`. */
  rule: text,
  /** `unread`: no tool of the stage read the file, so nothing is known of it. Absent for what a tool found. */
  kind: z.exactOptional(z.enum(["unread"])),
  severity: z.enum(SEVERITIES),
  message: text,
  /** Path in the project, or null. */
  file: z.nullable(text),
  /** 1-based, or null. */
  line: z.nullable(z.number()),
  /** Identifies the finding across commits, even when its line moves. Absent for a linter's findings. */
  fingerprint: z.exactOptional(text),
  /** Names of the tools that reported it. */
  tools: z.exactOptional(texts),
  vulnerability: z.exactOptional(vulnerability),
  /** How the policy treats the finding. Absent if no policy applies: the finding then fails its stage. */
  standing: z.exactOptional(standing),
})

const database = z.object({
  /** `image registry`, `file`, `cache volume`, or an address. */
  source: text,
  /** When its contents were made (ISO 8601), or null if it does not say. */
  updatedAt: z.nullable(text),
})

/** What one tool of a stage looked at: evidence that a green result is not an empty one. */
export const lookedSchema = z.object({
  /** `trivy` */
  tool: text,
  /** As the tool reports it, or null. */
  version: z.nullable(text),
  /** `passed`: it looked, whatever it found. `errored` and `skipped`: it did not. */
  verdict: z.enum(["passed", "errored", "skipped"]),
  /** What it looked at (`312 packages of package-lock.json`), or why it did not and how to fix that. */
  what: text,
  /** The vulnerability database that it used, or null for a tool without one. */
  database: z.nullable(database),
})

/** A number that is compared from run to run: a bundle's size, a percentile, a share of duplicated lines. */
export const measureSchema = z.object({
  /** Unique in the stage, and stable from run to run: `bundle assets/index.js`, `p95`. */
  name: text,
  value: z.number(),
  /** `B`, `ms`, `%`, or "" for a plain count. */
  unit: text,
  /** The highest allowed value (the lowest, with `atLeast`), or null for no limit. */
  limit: z.nullable(z.number()),
  atLeast: z.exactOptional(z.boolean()),
  /** The value in the baseline of the change, or null. */
  base: z.nullable(z.number()),
})

/** Lines of a source file that tests ran. */
export const coverageSchema = z.object({
  /** Path in the project. */
  file: text,
  /** Lines that can run. */
  lines: count,
  covered: count,
  /** Lines that no test ran, as 1-based ranges: `3-7,12`. */
  missed: text,
})

/** One test of a test report. */
export const testSchema = z.object({
  suite: text,
  name: text,
  /** Path in the project, or null if the runner does not report it. */
  file: z.nullable(text),
  seconds: z.number(),
  verdict: z.enum(["passed", "failed", "skipped"]),
  /** The failure in the runner's words, or null. */
  message: z.nullable(text),
  /** True for a test that failed, and passed when retried. */
  flaky: z.exactOptional(z.boolean()),
  /** True for a test that failed and is set aside: its failure does not count, and its verdict is `skipped`. */
  quarantined: z.exactOptional(z.boolean()),
})
