import * as path from "node:path"
import * as z from "zod/mini"
import { isRecord, type JsonRecord, parseJson } from "../../ci/src/formats/json.js"
import { testSchema } from "../../ci/src/run/finding-schema.js"
import { recordSchema } from "../../ci/src/run/result-schema.js"
import { busySpans, coveredMs } from "../../ci/src/run/times.js"
import { TESTS_AGAIN } from "../../ci/src/testing/config.js"
import { type Fact, NO_RELEASE, type RunFacts, type StageFacts, type TestFacts } from "./facts.js"

/** The format of result.json that this Slipway reads. */
const FORMAT = 1

/** Reads the text of a JSON file as evidence. @param file its path, for messages and for the environment of a release. */
export function factOf(file: string, text: string): Fact {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: "unread", file, why: text.trim() === "" ? "empty" : "cut off, or not JSON" }
  }
  if (!isRecord(value)) return foreign(file)
  if ("schema" in value && "stages" in value) return runOf(file, value)
  if ("outcome" in value && "commit" in value) return deploymentOf(file, value)
  return foreign(file)
}

const foreign = (file: string): Fact => ({
  kind: "unread",
  file,
  why: "neither a result.json nor a result of a deployment",
})

/**
 * Returns the schema of the parts of result.json that metrics use: to check 10,000 whole records takes longer than all
 * else together.
 */
function runSchema() {
  const { schema, project, verdict, startedAt, endedAt, context, stages } = recordSchema().shape
  const stage = z.pick(stages.def.element, {
    ...({ name: true, verdict: true, cause: true, cached: true, inputs: true } as const),
    ...({ startedAt: true, endedAt: true } as const),
  })
  const step = z.pick(stages.def.element.shape.steps.def.element, {
    name: true,
    startedAt: true,
    endedAt: true,
  })
  const part = z.extend(stage, { steps: z.array(step), tests: z.custom<readonly unknown[]>(Array.isArray) })
  return z.object({ schema, project, verdict, startedAt, endedAt, context, stages: z.array(part) })
}

type Run = z.output<ReturnType<typeof runSchema>>
type Stage = Run["stages"][number]
let schema: ReturnType<typeof runSchema> | null = null

function runOf(file: string, value: JsonRecord): Fact {
  if (value.schema !== FORMAT)
    return {
      kind: "unread",
      file,
      why: `format ${JSON.stringify(value.schema)}; this Slipway reads format ${FORMAT}: update Slipway`,
    }
  if ("shard" in value) return { kind: "shard", file }
  schema ??= runSchema()
  const read = schema.safeParse(value)
  if (read.success) return runFacts(file, read.data)
  const at = read.error.issues[0]?.path.join(".")
  return { kind: "unread", file, why: `does not match ci/result.schema.json at ${at || "its top"}` }
}

/** Causes of `errored` that a change of the repository removes. */
const OWN_CAUSES: ReadonlySet<string> = new Set(["configuration", "lock-file", "no-project"])

function endOf({ verdict, stages }: Run): RunFacts["end"] {
  if (verdict !== "errored") return verdict === "failed" ? "code" : verdict
  const causes = stages.flatMap(({ verdict, cause }) => (verdict === "errored" ? [cause ?? ""] : []))
  return causes.length > 0 && causes.every((cause) => OWN_CAUSES.has(cause)) ? "code" : "infrastructure"
}

function runFacts(file: string, record: Run): RunFacts {
  const { project, startedAt, endedAt, context, stages } = record
  return {
    kind: "run",
    file,
    project,
    end: endOf(record),
    startedAt,
    endedAt,
    vendor: context.vendor,
    commit: context.commit,
    head: context.head ?? context.commit,
    branch: context.branch,
    isChange: context.change !== null,
    run: context.run,
    attempt: context.attempt,
    stages: stages.map((stage) => stageFacts(stage, startedAt)),
    tests: stages.flatMap(testFacts),
  }
}

function stageFacts(stage: Stage, runStart: number): StageFacts {
  const { name, verdict, cached, inputs = null, steps } = stage
  // A step that ended before the run began belongs to an earlier run.
  const spans = cached ? [] : busySpans(stage).filter(({ to }) => to > runStart)
  const again = steps.filter((step) => step.name.startsWith(TESTS_AGAIN) && step.endedAt > runStart)
  return {
    name,
    verdict,
    cached,
    inputs,
    ms: spans.length === 0 ? null : coveredMs(spans),
    retryMs: cached ? 0 : again.reduce((sum, step) => sum + step.endedAt - step.startedAt, 0),
  }
}

function testFacts({ name: stage, cached, inputs = null, tests }: Stage): readonly TestFacts[] {
  // A remembered stage repeats the tests of the run that it is from.
  if (cached) return []
  return tests.flatMap((one) => {
    if (!isRecord(one)) return []
    if (one.verdict !== "failed" && one.flaky !== true && one.quarantined !== true) return []
    const read = testSchema.safeParse(one)
    if (!read.success) return []
    const { suite, name, file, verdict } = read.data
    return [{ stage, inputs, suite, name, file, verdict: verdict === "failed" ? "failed" : "flaky" }]
  })
}

/** A finished release as the ledger in the bucket has it: `<environment>/ledger/<number>.json`. */
const ledgerSchema = z.object({
  number: z.int(),
  action: z.string(),
  commit: z.string(),
  outcome: z.string(),
  started: z.number(),
  ended: z.number(),
})

/** The result of a request, as the deployer writes it. */
const resultSchema = z.object({
  version: z.literal(1),
  environment: z.string(),
  action: z.string(),
  commit: z.string(),
  outcome: z.string(),
  release: z.nullable(z.int()),
  milliseconds: z.number(),
  audit: z.array(z.string()),
})

function deploymentOf(file: string, value: JsonRecord): Fact {
  const record = ledgerSchema.safeParse(value)
  if (record.success) {
    const { number: release, started: startedAt, ended: endedAt, ...rest } = record.data
    const { action, commit, outcome } = rest
    const environment = environmentOf(file)
    return { kind: "deployment", file, environment, release, action, commit, outcome, startedAt, endedAt }
  }
  const result = resultSchema.safeParse(value)
  if (!result.success)
    return "version" in value && value.version !== 1
      ? {
          kind: "unread",
          file,
          why: `version ${JSON.stringify(value.version)} of a deployment's result; this Slipway reads 1`,
        }
      : foreign(file)
  return resultFacts(file, result.data)
}

/** The folder above `ledger`; else that of the file. */
function environmentOf(file: string): string {
  const folders = path.resolve(file).split(path.sep).slice(0, -1)
  return folders.at(folders.at(-1) === "ledger" ? -2 : -1) ?? ""
}

const timesSchema = z.object({ time: z.number() })

function resultFacts(file: string, result: z.output<typeof resultSchema>): Fact {
  const { environment, action, commit, outcome, release, milliseconds, audit } = result
  const last = timesSchema.safeParse(parseJson(audit.at(-1)))
  if (!last.success) return { kind: "unread", file, why: "its audit log has no times" }
  const endedAt = last.data.time
  const startedAt = endedAt - milliseconds
  const facts = { file, environment, action, commit, outcome, startedAt, endedAt }
  return { kind: "deployment", ...facts, release: release ?? NO_RELEASE }
}
