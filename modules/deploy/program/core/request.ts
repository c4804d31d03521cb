/** The request of a deployment: its JSON schema and its reader. */
import * as z from "zod"
import { environmentSchema } from "../environment.ts"
import { ANSWERS } from "./journal.ts"
import { withoutNulls } from "./nulls.ts"

const COMMIT = /^[0-9a-f]{7,64}$/
const IMAGE = /^[^@\s]+@sha256:[0-9a-f]{64}$/

const commit = z.string().regex(COMMIT, "must be a commit hash of 7 to 64 lower-case hexadecimal digits")
const time = z.iso.datetime({ offset: true })

/** The release to deploy. */
const releaseSchema = z.strictObject({
  commit,
  /** Commits that this one contains, newest first. They show whether the live commit is older. */
  ancestors: z.array(commit).default([]),
  /** Whether `ancestors` is the whole history; false for a shallow clone. */
  complete: z.boolean().default(true),
  /** All names of the author; none of them may approve. The first goes into the ledger. */
  authors: z.array(z.string().min(1)).min(1),
  /**
   * The release's commit and those that it contains, with their parents, and with all names of their authors and
   * co-authors. Whoever wrote a commit since the live release may not approve. Production requires it.
   */
  history: z
    .array(z.strictObject({ commit, parents: z.array(commit), authors: z.array(z.string().min(1)) }))
    .default([]),
  /** Image references with digest, by the image name that services use. */
  images: z
    .record(z.string(), z.string().regex(IMAGE, "must name an image by digest: name@sha256:…"))
    .default({}),
  /** Digest of the verdict of this commit's check, for the ledger. */
  verdict: z.string().nullable().default(null),
})

/** An approval that a person signed, as `slipway approve` writes it. */
const signedSchema = z.strictObject({
  approval: z.strictObject({
    environment: z.string().min(1),
    commit,
    /** References by digest: exactly the images of the release. */
    images: z.array(z.string().regex(IMAGE, "must name an image by digest: name@sha256:…")),
    at: time,
  }),
  /** Of the text of `environment/statement.ts`, by a key of `environment.approvals.identities`. */
  signature: z.string(),
})

/** A name without a proof: accepted, never counted. */
const namedSchema = z.strictObject({
  by: z.string().min(1),
  at: time,
  commit,
  source: z.enum(["vendor", "file"]),
  url: z.string().nullable().default(null),
})

const runSchema = z.strictObject({
  id: z.string().min(1).max(120),
  /** Whether no other run has this ID. On a laptop it is made of the commit: then only what ended last is of this run. */
  unique: z.boolean().default(true),
  /** The vendor's own number of the run, by which its API knows it. */
  number: z.string().nullable().default(null),
  vendor: z.string().default("local"),
  url: z.string().nullable().default(null),
  /** The branch or tag that it was started for. */
  ref: z.string().nullable().default(null),
  tag: z.boolean().default(false),
  actor: z.string().min(1),
  attempt: z.int().positive().default(1),
})

/** A task definition as RegisterTaskDefinition takes it; ECS checks the rest. */
const definitionSchema = z.preprocess(
  withoutNulls,
  z.looseObject({
    containerDefinitions: z.array(
      z.looseObject({
        name: z.string(),
        environment: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
      }),
    ),
  }),
)

const ACTIONS = ["deploy", "rollback", "migrate", "health", "status", "plan", "audit", "compatible"] as const

/** What the deployer is asked to do, with all that it may know. */
export const requestSchema = z.strictObject({
  version: z.literal(1).default(1),
  action: z.enum(ACTIONS),
  environment: environmentSchema,
  release: releaseSchema,
  approvals: z.array(z.union([signedSchema, namedSchema])).default([]),
  /** Skips freeze windows and approvals. It is audited, and must be reviewed within 48 hours. */
  breakGlass: z
    .strictObject({ by: z.string().min(1), reason: z.string().min(10) })
    .nullable()
    .default(null),
  /** Contents of the files that services name as `taskDefinition`, by path. */
  taskDefinitions: z.record(z.string(), definitionSchema).default({}),
  run: runSchema,
  /** Answer to a deployment that waits for one; `full`: to all that wait from now on. */
  answer: z.enum(ANSWERS).nullable().default(null),
  /** ID of the question that `answer` answers; null: the first one that waits. */
  question: z.string().nullable().default(null),
  /** For `rollback`: number of the target release; null is the last proven-good one that is not live. */
  to: z.int().nonnegative().nullable().default(null),
  /** For `rollback`: the commit to leave; where another one is live, nothing changes. Null: what is live when the run begins. */
  from: commit.nullable().default(null),
  /** For `rollback`: preempts another run that only watches. */
  takeOver: z.boolean().default(false),
  /** For `status`: restores objects of the environment that are damaged or missing. */
  repair: z.boolean().default(false),
  /** For `compatible`: the result of a trial to keep, and the digest of what it is about; null: only finds that out. */
  trial: z
    .strictObject({ subject: z.string(), verdict: z.enum(["passed", "failed"]), what: z.string() })
    .nullable()
    .default(null),
  /** URL prefixes and their replacements, for a rehearsal. */
  endpoints: z.record(z.string(), z.string()).default({}),
  /** `real`, or the address of a simulator that provides a virtual clock. */
  clock: z.union([z.literal("real"), z.url()]).default("real"),
})

/** A request with all defaults filled in. */
export type Request = z.infer<typeof requestSchema>
export type Action = Request["action"]
export type Release = Request["release"]

/** Returns the JSON Schema of a request as it is written, without defaults. */
export const requestJsonSchema = (): object =>
  z.toJSONSchema(requestSchema, { io: "input", target: "draft-7" })

/** A request, or one problem for each wrong key. */
type ReadRequest =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Formats a problem. Messages of the environment's schema complete "expected …". */
function problemOf(issue: z.core.$ZodIssue): string {
  const { path, message } = issue
  if (path[0] !== "environment") return `${keyOf(path)}: ${message}`
  return issue.code === "unrecognized_keys"
    ? `${keyOf(path)}: unknown key ${issue.keys.join(", ")}; known: ${message}`
    : `${keyOf(path)}: expected ${message}`
}

const keyOf = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? "the request" : path.map(String).join(".")

/** Reads and checks the JSON of a request. Never throws. */
export function readRequest(text: string): ReadRequest {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, problems: ["the request is not JSON"] }
  }
  const read = requestSchema.safeParse(json)
  if (!read.success) return { ok: false, problems: read.error.issues.map(problemOf) }
  const problems = contradictions(read.data)
  return problems.length === 0 ? { ok: true, request: read.data } : { ok: false, problems }
}

/** Actions that need the release's images. */
const IMAGES: ReadonlySet<Action> = new Set(["deploy", "plan", "migrate", "compatible"])
/** Actions that are about a release by its number. */
const NUMBERED: ReadonlySet<Action> = new Set(["rollback", "audit"])
/** Actions that are about the migration. */
const MIGRATES: ReadonlySet<Action> = new Set(["migrate", "compatible"])

/** Returns keys that contradict each other. */
function contradictions(request: Request): readonly string[] {
  const { action, environment, release } = request
  const wanted = [
    ...environment.services.map(({ name, image }) => ({
      where: `environment.services.${name}.image`,
      image,
    })),
    ...(environment.migration?.image
      ? [{ where: "environment.migration.image", image: environment.migration.image }]
      : []),
  ]
  const known = Object.keys(release.images).join(", ") || "none"
  const unknown = (IMAGES.has(action) ? wanted : []).filter(({ image }) => !(image in release.images))
  const wrong: readonly (readonly [isWrong: boolean, what: string])[] = [
    [request.to !== null && !NUMBERED.has(action), "to: only for the actions rollback and audit"],
    [request.answer !== null && action !== "deploy", "answer: only for the action deploy"],
    [request.question !== null && request.answer === null, "question: only with an answer"],
    [request.takeOver && action !== "rollback", "takeOver: only for the action rollback"],
    [request.repair && action !== "status", "repair: only for the action status"],
    [request.trial !== null && action !== "compatible", "trial: only for the action compatible"],
    [
      MIGRATES.has(action) && environment.migration === null,
      `environment.migration: required for the action ${action}`,
    ],
  ]
  return [
    ...wrong.flatMap(([isWrong, what]) => (isWrong ? [what] : [])),
    ...unknown.map(({ where, image }) => `${where}: release.images has no ${image}; it has ${known}`),
  ]
}
