/** The one JSON that asks for a deployment: its schema, and how it is read. */
import * as z from "zod"
import { environmentSchema } from "./environment.ts"

const COMMIT = /^[0-9a-f]{7,64}$/
const IMAGE = /^[^@\s]+@sha256:[0-9a-f]{64}$/

const commit = z.string().regex(COMMIT, "must be a commit's hash in full, in small letters")
const time = z.iso.datetime({ offset: true })

/** What is to go live, or for `rollback` what to go back to. */
const releaseSchema = z.strictObject({
  commit,
  /** Commits that this one contains, newest first: they say whether the live one is older. */
  ancestors: z.array(commit).default([]),
  /** Whether `ancestors` is the whole history: a shallow clone cannot tell. */
  complete: z.boolean().default(true),
  /** The names that the author goes by, the first one for the ledger: none of them may approve. */
  authors: z.array(z.string().min(1)).min(1),
  /** Image references by digest, by the name that services use for them. */
  images: z
    .record(z.string(), z.string().regex(IMAGE, "must name an image by digest: name@sha256:…"))
    .default({}),
  /** The digest of the verdict that this commit's check ended with, for the ledger. */
  verdict: z.string().nullable().default(null),
})

/** An approval, as a vendor or a signed file gives it; whoever hands it over has checked its signature. */
const approvalSchema = z.strictObject({
  by: z.string().min(1),
  at: time,
  commit,
  source: z.enum(["vendor", "file"]),
  url: z.string().nullable().default(null),
})

const runSchema = z.strictObject({
  id: z.string().min(1).max(120),
  vendor: z.string().default("local"),
  url: z.string().nullable().default(null),
  actor: z.string().min(1),
  attempt: z.int().positive().default(1),
})

/** What a request asks for. */
export const ACTIONS = ["deploy", "rollback", "migrate", "health", "status", "plan"] as const

export const requestSchema = z.strictObject({
  version: z.literal(1).default(1),
  action: z.enum(ACTIONS),
  environment: environmentSchema,
  release: releaseSchema,
  approvals: z.array(approvalSchema).default([]),
  /** Skips freeze windows and approvals, loudly; reviewed within two days by whoever the auditor asks. */
  breakGlass: z
    .strictObject({ by: z.string().min(1), reason: z.string().min(10) })
    .nullable()
    .default(null),
  run: runSchema,
  /** The answer to a deployment that waits for one. */
  answer: z.enum(["continue", "rollback"]).nullable().default(null),
  /** `rollback`: the number of the release to go back to; null takes the last proven-good one before the live one. */
  to: z.int().nonnegative().nullable().default(null),
  /** Beginnings of URLs, and what to ask instead in a rehearsal. */
  endpoints: z.record(z.string(), z.string()).default({}),
  /** `real`, or the address of a simulator whose virtual clock is followed. */
  clock: z.union([z.literal("real"), z.url()]).default("real"),
})

/** A request, with every default in place. */
export type Request = z.infer<typeof requestSchema>
export type Action = Request["action"]
export type Release = Request["release"]
export type Approval = Request["approvals"][number]
export type RunIdentity = Request["run"]

/** What {@link requestSchema} takes, as JSON Schema for whoever writes it. */
export const requestJsonSchema = (): object =>
  z.toJSONSchema(requestSchema, { io: "input", target: "draft-7" })

/** A request, or what is wrong with it: a line for each wrong key. */
export type ReadRequest =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly problems: readonly string[] }

/** What is wrong with a request. Messages of the environment's schema complete "expected …". */
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
    return { ok: false, problems: ["the request is no JSON"] }
  }
  const read = requestSchema.safeParse(json)
  if (!read.success) return { ok: false, problems: read.error.issues.map(problemOf) }
  const problems = contradictions(read.data)
  return problems.length === 0 ? { ok: true, request: read.data } : { ok: false, problems }
}

/** Keys that are right alone and wrong together. */
function contradictions({ action, environment, release }: Request): readonly string[] {
  const wanted = [
    ...environment.services.map(({ name, image }) => ({
      where: `environment.services.${name}.image`,
      image,
    })),
    ...(environment.migration?.image
      ? [{ where: "environment.migration.image", image: environment.migration.image }]
      : []),
  ]
  const acts = action === "deploy" || action === "plan" || action === "migrate"
  const known = Object.keys(release.images).join(", ") || "none"
  return [
    ...(acts ? wanted : [])
      .filter(({ image }) => !(image in release.images))
      .map(({ where, image }) => `${where}: release.images has no ${image}; it has ${known}`),
    ...(action === "migrate" && environment.migration === null
      ? ["environment.migration: there is none to run"]
      : []),
  ]
}
