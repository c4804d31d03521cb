import * as z from "zod/mini"
import type { Cause } from "./causes.js"
import { contextSchema } from "./context.js"
import { coverageSchema, findingSchema, lookedSchema, measureSchema, testSchema } from "./finding-schema.js"

/**
 * The schema of result.json, the record of a run. The types in `result.ts` are inferred from it. Unknown keys are
 * ignored, so that the record of a later Slipway can still be the baseline of a change.
 */

const text = z.string()
const texts = z.array(text)
const count = z.int().check(z.nonnegative())
const milliseconds = z.nullable(z.number())

const verdict = z.enum(["passed", "failed", "errored", "skipped"])

/** The name of a cause. Rooms bring their own, and a later Slipway may have more: any text is accepted. */
const cause = z.custom<Cause>((value) => typeof value === "string")

const step = z.object({
  name: text,
  /** The command line, ready to be repeated. */
  command: text,
  /** Milliseconds since the epoch, by the container's clock. */
  startedAt: z.number(),
  endedAt: z.number(),
  exitCode: z.int(),
  timedOut: z.boolean(),
  /** Number of attempts: 1, or more when a network step was repeated. */
  attempts: count,
})

/** The end of a log. */
const logTail = z.object({
  text,
  /** Lines of the whole log; `text` holds the last of them. */
  lines: count,
})

/** What a stage reports about itself when it ends. */
const outcome = {
  verdict,
  /** Why the stage is red; null when it passed or was skipped. */
  cause: z.nullable(cause),
  /** One line for a person: the cause of a red stage, the reason of a skipped one. */
  summary: text,
  findings: z.array(findingSchema),
  tests: z.array(testSchema),
  steps: z.array(step),
  log: logTail,
  /** The tools of the stage. Absent for a stage with one tool and no database. */
  looked: z.exactOptional(z.array(lookedSchema)),
  measures: z.exactOptional(z.array(measureSchema)),
  /** The builds of the app's images that it made or looked at. The same commit can give another build elsewhere. */
  contents: z.exactOptional(
    z.array(
      z.object({
        /** The image's name: that of its workspace. */
        image: text,
        /** `linux/amd64` */
        platform: text,
        /** DiffIDs: `sha256:…` of each uncompressed layer, in order, as the image's configuration has them. */
        layers: texts,
      }),
    ),
  ),
  /** Coverage by file, all kinds of tests together. Only the coverage stage has it. */
  coverage: z.exactOptional(z.array(coverageSchema)),
  /** The share of its test files that ran. Absent where all of them did. */
  part: z.exactOptional(
    z.object({
      /** 1-based. */
      index: count,
      count,
      /** Digest of how all files were shared out; null where the test runner does that by itself. */
      files: z.nullable(text),
    }),
  ),
}

/** Names of the fields that a stage reports about itself; the run adds the others. */
export type OutcomeField = keyof typeof outcome

/** The run that did the work of a remembered stage. */
const origin = z.object({
  /** The vendor's name for the run, and which try of it; null on a laptop. */
  run: z.nullable(text),
  attempt: z.int(),
  vendor: z.nullable(text),
  url: z.nullable(text),
  commit: z.nullable(text),
  actor: z.nullable(text),
  /** Version of Slipway that ran it. */
  slipway: text,
})

const stage = z.object({
  /** `test:unit:backend`; the text before the first colon groups stages. */
  name: text,
  needs: texts,
  /** Stages it waited for if they were part of the run. */
  after: z.exactOptional(texts),
  /** The engine's digest of the files that the stage read; null if the engine did not report one. */
  inputs: z.exactOptional(z.nullable(text)),
  ...outcome,
  /** Milliseconds since the epoch, from the steps: a cached stage keeps its own times. Null if nothing ran. */
  startedAt: milliseconds,
  endedAt: milliseconds,
  /** True if the engine already had the result and nothing ran this time. */
  cached: z.boolean(),
  /** The run that ran the stage, if its result is from a store of results. */
  remembered: z.exactOptional(origin),
  /** Evidence files of this stage, by path: `sarif/gitleaks.sarif`. */
  files: z.exactOptional(texts),
})

const image = z.object({
  /** `postgres:15-alpine`, or the workspace's name for an image that the run built. */
  name: text,
  /** `sha256:…`, or null if the engine did not report one. */
  digest: z.nullable(text),
  purpose: text,
})

/** The answer of the store of results. */
const results = z.object({
  /** Where it is, as slipway.yaml names it. */
  store: text,
  /** Why nothing could be read from it; null where it could. */
  warning: z.nullable(text),
  /** Records that did not verify, and so were not used. */
  refused: z.array(z.object({ stage: text, reason: text })),
})

/** The share of a check that ran on one of several machines. */
const shard = z.object({
  /** 1-based. */
  index: count,
  count,
  /** Digest of the plan: what each shard runs. */
  plan: text,
  /** Digests of what the plan is made from: the files that are looked at, Slipway's own, recorded durations. */
  tree: text,
  slipway: text,
  durations: text,
  /** Names the base that findings were compared with, by what its stages read. */
  base: z.nullable(text),
})

/** A shard that was joined with the others. */
const joined = z.object({
  /** `2/3` */
  shard: text,
  verdict,
  startedAt: z.number(),
  endedAt: z.number(),
  /** Seconds of work of its stages. */
  seconds: z.number(),
  /** Where the vendor shows it. */
  url: z.nullable(text),
  /** The head of its audit log. */
  head: z.nullable(text),
})

/** Something that is in the repository and that no stage checked. */
const unchecked = z.object({ what: text, reason: text })

/** Where the audit log of the run ends: shows whether a log was cut off. */
const auditHead = z.object({
  /** The hash of the last entry: 64 hexadecimal digits. */
  head: text.check(z.regex(/^[0-9a-f]{64}$/)),
  entries: count,
})

/** Returns the schemas of parts that a record of one stage has too. */
export const partSchemas = () => ({ outcome: z.object(outcome), origin, image, unchecked })

/** Returns the schema; built on demand, as most runs read no record. */
export const recordSchema = () =>
  z.object({
    /** Version of this format. A reader rejects a higher one. */
    schema: z.literal(1),
    /** Version of Slipway that wrote the record. */
    slipway: text,
    project: text,
    verdict,
    /** The exit code of the process, which belongs to the cause of the verdict. */
    exitCode: z.int(),
    /** Milliseconds since the epoch. */
    startedAt: z.number(),
    endedAt: z.number(),
    /** What was checked, for whom and where. */
    context: z.object(contextSchema().shape),
    /** In the order of the plan. */
    stages: z.array(stage),
    /** Images that the run used or built. */
    images: z.array(image),
    /** What is in the repository and no stage checked. Absent where there is nothing to name. */
    unchecked: z.exactOptional(z.array(unchecked)),
    /** Absent where slipway.yaml names no store of results. */
    results: z.exactOptional(results),
    /** Absent where one machine ran the whole check. */
    shard: z.exactOptional(shard),
    /** The shards that the record is joined from. */
    shards: z.exactOptional(z.array(joined)),
    /** Absent until the evidence is written. */
    audit: z.exactOptional(auditHead),
  })

/** Returns the JSON Schema of result.json (draft 2020-12), published as `ci/result.schema.json`. */
export const recordJsonSchema = (): object => ({
  title: "Slipway's result.json, format 1",
  ...z.toJSONSchema(recordSchema(), {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === cause) jsonSchema.type = "string"
    },
  }),
})
