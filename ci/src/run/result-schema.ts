import * as z from "zod/mini"
import { contextSchema } from "./context.js"

/**
 * The schema of result.json, as {@link RunRecord} has it: a test keeps the two the same. Keys that it does not know
 * are passed over, so that a record with more in it can still be a base.
 */

const text = z.string()
const texts = z.array(text)
const count = z.int().check(z.nonnegative())
const milliseconds = z.nullable(z.number())

const verdict = z.enum(["passed", "failed", "errored", "skipped"])
const cause = z.enum([
  "failed",
  "errored",
  "timed-out",
  "lock-file",
  "dockerfile",
  "service",
  "migration",
  "download",
  "database",
  "token",
  "configuration",
  "policy",
  "coverage",
  "budget",
  "registry",
  "signature",
  "attestation",
  "no-image",
  "stale",
  "locked",
  "drift",
])

const vulnerability = z.object({
  aliases: texts,
  package: text,
  fixed: z.nullable(text),
  cvss: z.nullable(z.number().check(z.minimum(0), z.maximum(10))),
  epss: z.nullable(z.number().check(z.minimum(0), z.maximum(1))),
  kev: z.boolean(),
})

const finding = z.object({
  rule: text,
  severity: z.enum(["info", "low", "medium", "high", "critical"]),
  message: text,
  file: z.nullable(text),
  line: z.nullable(z.number()),
  fingerprint: z.exactOptional(text),
  tools: z.exactOptional(texts),
  vulnerability: z.exactOptional(vulnerability),
  standing: z.exactOptional(
    z.object({ status: z.enum(["blocks", "reported", "known", "waived"]), why: text }),
  ),
})

const looked = z.object({
  tool: text,
  version: z.nullable(text),
  verdict: z.enum(["passed", "errored", "skipped"]),
  what: text,
  database: z.nullable(z.object({ source: text, updatedAt: z.nullable(text) })),
})

const measure = z.object({
  name: text,
  value: z.number(),
  unit: text,
  limit: z.nullable(z.number()),
  atLeast: z.exactOptional(z.boolean()),
  base: z.nullable(z.number()),
})

const fileCoverage = z.object({ file: text, lines: count, covered: count, missed: text })

const testCase = z.object({
  suite: text,
  name: text,
  file: z.nullable(text),
  seconds: z.number(),
  verdict: z.enum(["passed", "failed", "skipped"]),
  message: z.nullable(text),
  flaky: z.exactOptional(z.boolean()),
})

const step = z.object({
  name: text,
  command: text,
  startedAt: z.number(),
  endedAt: z.number(),
  exitCode: z.int(),
  timedOut: z.boolean(),
  attempts: count,
})

const stage = z.object({
  name: text,
  needs: texts,
  after: z.exactOptional(texts),
  inputs: z.exactOptional(z.nullable(text)),
  verdict,
  cause: z.nullable(cause),
  summary: text,
  findings: z.array(finding),
  tests: z.array(testCase),
  steps: z.array(step),
  log: z.object({ text, lines: count }),
  looked: z.exactOptional(z.array(looked)),
  measures: z.exactOptional(z.array(measure)),
  coverage: z.exactOptional(z.array(fileCoverage)),
  startedAt: milliseconds,
  endedAt: milliseconds,
  cached: z.boolean(),
  files: z.exactOptional(texts),
})

/** Built when it is asked for: most runs read no record. */
export const recordSchema = () =>
  z.object({
    schema: z.literal(1),
    slipway: text,
    project: text,
    verdict,
    exitCode: z.int(),
    startedAt: z.number(),
    endedAt: z.number(),
    context: z.object(contextSchema().shape),
    stages: z.array(stage),
    images: z.array(z.object({ name: text, digest: z.nullable(text), purpose: text })),
    audit: z.exactOptional(z.object({ head: text.check(z.regex(/^[0-9a-f]{64}$/)), entries: count })),
  })

/** The JSON Schema of result.json (draft 2020-12), which is published as `ci/result.schema.json`. */
export const recordJsonSchema = (): object => ({
  title: "Slipway's result.json, format 1",
  ...z.toJSONSchema(recordSchema(), { io: "input" }),
})
