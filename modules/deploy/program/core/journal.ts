/** Schemas of the objects in the bucket: the lease and the ledger. */
import * as z from "zod"

/** Milliseconds since the epoch. */
const time = z.number()

const who = z.strictObject({ id: z.string(), url: z.string().nullable(), actor: z.string() })

/** The right to change the environment. A free lease has no owner, but keeps its token. */
export const leaseSchema = z.strictObject({
  owner: z.string().nullable(),
  run: who.nullable(),
  commit: z.string().nullable(),
  /** Increases with each owner, so that writes of earlier owners are refused. */
  token: z.int(),
  expires: time,
})
export type Lease = z.infer<typeof leaseSchema>

/** Progress of one service's rollout. Each field is written just before or right after the step. */
const rolledSchema = z.strictObject({
  revision: z.string().nullable(),
  /** Time just before UpdateService, by our clock. */
  intent: time.nullable(),
  /** Creation time of the newest earlier deployment. A later one of this revision is ours. */
  after: time,
  /** ID of the deployment in ECS: `ecs-svc/…`. */
  deployment: z.string().nullable(),
  serviceDeployment: z.string().nullable(),
})
export type Rolled = z.infer<typeof rolledSchema>

const migrationSchema = z.strictObject({
  phase: z.enum(["expand", "contract"]),
  /** RunTask returns the same task for the same token. */
  token: z.string(),
  definition: z.string().nullable(),
  task: z.string().nullable(),
  intent: time.nullable(),
  /** Exit code of the migration's own container. */
  exitCode: z.int().nullable(),
})
export type MigrationState = z.infer<typeof migrationSchema>

/** State of a service at the start of the release. */
const beforeSchema = z.strictObject({
  revision: z.string(),
  steady: z.boolean(),
  commit: z.string().nullable(),
})

/** The release in flight, so that a rerun continues it. */
const journalSchema = z.strictObject({
  number: z.int(),
  action: z.enum(["deploy", "rollback", "migrate"]),
  commit: z.string(),
  author: z.string(),
  images: z.record(z.string(), z.string()),
  run: who,
  /** Who approved it, who broke the glass and why, and the verdict that vouches for its images. */
  approvals: z.array(z.string()).default([]),
  breakGlass: z.string().nullable().default(null),
  verdict: z.string().nullable().default(null),
  started: time,
  /** Steps that a rerun skips. */
  done: z.array(z.string()),
  before: z.record(z.string(), beforeSchema),
  snapshot: z.string().nullable(),
  migration: migrationSchema.nullable(),
  services: z.record(z.string(), rolledSchema),
  /** Start of the bake time. */
  bake: time.nullable(),
  /** Alarms that were active before the deployment. */
  ringing: z.array(z.string()),
  rollback: z
    .strictObject({
      to: z.int(),
      commit: z.string(),
      why: z.string(),
      cause: z.string().nullable(),
      todo: z.array(z.string()),
      services: z.record(z.string(), rolledSchema),
    })
    .nullable(),
})
export type Journal = z.infer<typeof journalSchema>

/** A finished release. */
const recordSchema = z.strictObject({
  number: z.int(),
  action: z.enum(["deploy", "rollback", "migrate", "baseline"]),
  commit: z.string(),
  author: z.string().nullable(),
  images: z.record(z.string(), z.string()),
  /** Task-definition revisions and deployments by service. */
  revisions: z.record(z.string(), z.string()),
  deployments: z.record(z.string(), z.string()),
  outcome: z.string(),
  /** Whether it was live and healthy through its bake time. */
  proven: z.boolean(),
  migration: z
    .strictObject({ phase: z.enum(["expand", "contract"]), exitCode: z.int().nullable() })
    .nullable(),
  snapshot: z.string().nullable(),
  verdict: z.string().nullable(),
  approvals: z.array(z.string()),
  breakGlass: z.string().nullable(),
  run: who,
  started: time,
  ended: time,
})
export type ReleaseRecord = z.infer<typeof recordSchema>

/** The live release and the history of an environment. */
export const ledgerSchema = z.strictObject({
  version: z.literal(1),
  /** Lease token of the last writer. */
  fence: z.int(),
  /** Number of the next release. */
  next: z.int(),
  live: z.strictObject({ number: z.int(), commit: z.string(), since: time }).nullable(),
  releases: z.array(recordSchema),
  inflight: journalSchema.nullable(),
})
export type Ledger = z.infer<typeof ledgerSchema>

export const EMPTY_LEDGER: Ledger = {
  version: 1,
  fence: 0,
  next: 1,
  live: null,
  releases: [],
  inflight: null,
}

/** Releases kept in the ledger. Each release also has its own file. */
const KEPT = 50

/** Adds a release. Keeps the newest ones, and the last proven-good one of any age. */
export function withRelease(ledger: Ledger, record: ReleaseRecord): Ledger {
  const releases = [...ledger.releases, record]
  const recent = releases.slice(-KEPT)
  const proven = releases.findLast(({ proven }) => proven)
  return { ...ledger, releases: proven && !recent.includes(proven) ? [proven, ...recent] : recent }
}

export const NOT_ROLLED: Rolled = {
  revision: null,
  intent: null,
  after: 0,
  deployment: null,
  serviceDeployment: null,
}
