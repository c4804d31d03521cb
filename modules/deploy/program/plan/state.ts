/** What lies in the bucket: the lease and the ledger. */
import * as z from "zod"

/** Milliseconds since the epoch. */
const time = z.number()

const who = z.strictObject({ id: z.string(), url: z.string().nullable(), actor: z.string() })

/** Who may change the environment. A free lease has no owner, and keeps its token. */
export const leaseSchema = z.strictObject({
  owner: z.string().nullable(),
  run: who.nullable(),
  commit: z.string().nullable(),
  /** Rises with each owner: what an earlier one writes is refused. */
  token: z.int(),
  expires: time,
})
export type Lease = z.infer<typeof leaseSchema>

/** How far one service's rollout is. Each field is written before or right after what it tells of. */
const rolledSchema = z.strictObject({
  revision: z.string().nullable(),
  /** Just before UpdateService, by our clock. */
  intent: time.nullable(),
  /** When ECS made the newest deployment that was there before: a later one of this revision is ours. */
  after: time,
  /** ECS's id of the deployment: `ecs-svc/…`. */
  deployment: z.string().nullable(),
  serviceDeployment: z.string().nullable(),
})
export type Rolled = z.infer<typeof rolledSchema>

const migrationSchema = z.strictObject({
  phase: z.enum(["expand", "contract"]),
  /** RunTask with the same token gives the same task. */
  token: z.string(),
  definition: z.string().nullable(),
  task: z.string().nullable(),
  intent: time.nullable(),
  /** Of the migration's own container. */
  exitCode: z.int().nullable(),
})
export type MigrationState = z.infer<typeof migrationSchema>

/** Where a service was when the release began. */
const beforeSchema = z.strictObject({
  revision: z.string(),
  steady: z.boolean(),
  commit: z.string().nullable(),
})

/** What is in flight, so that a rerun takes it up instead of beginning anew. */
export const journalSchema = z.strictObject({
  number: z.int(),
  action: z.enum(["deploy", "rollback", "migrate"]),
  commit: z.string(),
  author: z.string(),
  images: z.record(z.string(), z.string()),
  run: who,
  started: time,
  /** Steps that are not to be done again. */
  done: z.array(z.string()),
  before: z.record(z.string(), beforeSchema),
  snapshot: z.string().nullable(),
  migration: migrationSchema.nullable(),
  services: z.record(z.string(), rolledSchema),
  /** When the bake time began. */
  bake: time.nullable(),
  /** Alarms that were ringing before anything changed. */
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

/** A release that came to its end. */
export const recordSchema = z.strictObject({
  number: z.int(),
  action: z.enum(["deploy", "rollback", "migrate", "baseline"]),
  commit: z.string(),
  author: z.string().nullable(),
  images: z.record(z.string(), z.string()),
  /** Task-definition revisions and deployments by service. */
  revisions: z.record(z.string(), z.string()),
  deployments: z.record(z.string(), z.string()),
  outcome: z.string(),
  /** Whether it was live, healthy, and past its bake time. */
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

/** What is live where, since when, and what was before. */
export const ledgerSchema = z.strictObject({
  version: z.literal(1),
  /** The token of the lease of whoever wrote last. */
  fence: z.int(),
  /** The number of the next release. */
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

/** The ledger's own part of the history; every release also has a file of its own. */
const KEPT = 50

/** The ledger with one more release: the newest, and the last proven-good one whatever its age. */
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
