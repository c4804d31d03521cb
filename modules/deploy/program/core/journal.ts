/** Schemas of the objects in the bucket: the lease and the ledger. */
import * as z from "zod"

/** Milliseconds since the epoch. */
const time = z.number()

/** Whose run it is. */
export const whoSchema = z.strictObject({
  id: z.string(),
  url: z.string().nullable(),
  actor: z.string(),
  attempt: z.int().default(1),
})

/** The right to change the environment. A free lease has no owner, but keeps its token. */
export const leaseSchema = z.strictObject({
  owner: z.string().nullable(),
  run: whoSchema.nullable(),
  commit: z.string().nullable(),
  /** Increases with each owner, so that writes of earlier owners are refused. */
  token: z.int(),
  /** By the owner's clock, for people: nobody takes a lease because of it. */
  expires: time,
  /** Increases with each renewal, so that the object changes even while its owner's clock stands still. */
  beat: z.int().default(0),
  /** What the owner does; null: unknown. */
  doing: z.strictObject({ what: z.string(), watches: z.boolean() }).nullable().default(null),
  /** Whether the environment has a ledger: then a missing one was deleted. */
  ledger: z.boolean().default(false),
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

/** What a run was asked for. Another request does not continue it. */
const openedSchema = z.strictObject({
  number: z.int(),
  action: z.enum(["deploy", "rollback", "migrate"]),
  commit: z.string(),
  author: z.string(),
  images: z.record(z.string(), z.string()),
  /** Number of the release that a rollback was asked to restore; null: the last proven-good one. */
  to: z.int().nullable().default(null),
  /** Digests of what was asked for, by part; empty: written before there were any. */
  parts: z.record(z.string(), z.string()).default({}),
  run: whoSchema,
  started: time,
  before: z.record(z.string(), beforeSchema),
})

/** The way back from a release. */
const backSchema = z.strictObject({
  to: z.int(),
  commit: z.string(),
  why: z.string(),
  cause: z.string().nullable(),
  todo: z.array(z.string()),
  /** Services that the target does not have: they stay as they are. */
  left: z.array(z.string()).default([]),
})
type Back = z.infer<typeof backSchema>

/** What people answer. `full` continues to the end: it answers all later pauses of the release, and no analysis runs. */
export const ANSWERS = ["continue", "rollback", "full"] as const

/** An answer to a question of this release. */
const answerSchema = z.strictObject({
  question: z.string(),
  answer: z.enum(ANSWERS),
  by: z.string(),
  run: z.string(),
  /** What the deployer found, where it answered itself. */
  why: z.string().nullable().default(null),
})

/** A question that a run came to, before anyone was told. */
const questionSchema = z.strictObject({ question: z.string(), run: z.string() })

const rolledMap = z.record(z.string(), rolledSchema)

/** What was done for a release. */
const doneShape = {
  /** Steps that a rerun skips. */
  done: z.array(z.string()),
  snapshot: z.string().nullable(),
  migration: migrationSchema.nullable(),
  services: rolledMap,
  /** Start of the bake time. */
  bake: time.nullable(),
  /** Alarms that were active before the deployment. */
  ringing: z.array(z.string()),
}
const doneSchema = z.strictObject({
  ...doneShape,
  /** Whether Terraform was started: for this release, or for one of the same commit that it closed. */
  applying: z.boolean(),
  questions: z.array(questionSchema),
  answers: z.array(answerSchema),
  back: backSchema.nullable(),
  /** Progress of the way back, by service. */
  returned: rolledMap,
  /** Services that ran no task when the release was checked. */
  idle: z.array(z.string()),
  /** Who approved it, who broke the glass and why, and the verdict that vouches for its images. */
  approvals: z.array(z.string()),
  breakGlass: z.string().nullable(),
  verdict: z.string().nullable(),
  /** What people were told before the end: that it started, and questions. */
  told: z.array(z.string()),
})
type DoneState = z.infer<typeof doneSchema>

/** A change of what was done; services are replaced one by one. */
export type Change = Partial<DoneState>

const { shape } = doneSchema
const changeSchema = z.strictObject({
  done: z.exactOptional(shape.done),
  snapshot: z.exactOptional(shape.snapshot),
  migration: z.exactOptional(shape.migration),
  services: z.exactOptional(shape.services),
  bake: z.exactOptional(shape.bake),
  ringing: z.exactOptional(shape.ringing),
  applying: z.exactOptional(shape.applying),
  questions: z.exactOptional(shape.questions),
  answers: z.exactOptional(shape.answers),
  back: z.exactOptional(shape.back),
  returned: z.exactOptional(shape.returned),
  idle: z.exactOptional(shape.idle),
  approvals: z.exactOptional(shape.approvals),
  breakGlass: z.exactOptional(shape.breakGlass),
  verdict: z.exactOptional(shape.verdict),
  told: z.exactOptional(shape.told),
})

const eventSchema = z.strictObject({ at: time, run: z.string(), set: changeSchema })

const flightSchema = z.strictObject({ opened: openedSchema, events: z.array(eventSchema) })
/** The release in flight: what was asked for, and the log of what was done. */
export type Flight = z.infer<typeof flightSchema>

/** The state of a release in flight, folded from its log. */
export type Journal = z.infer<typeof openedSchema> & DoneState

const NOTHING_DONE: DoneState = {
  ...{ done: [], applying: false, snapshot: null, migration: null, services: {}, bake: null, ringing: [] },
  ...{
    questions: [],
    answers: [],
    back: null,
    returned: {},
    idle: [],
    approvals: [],
    breakGlass: null,
    verdict: null,
  },
  told: [],
}

const changed = (state: DoneState, change: Change): DoneState => ({
  ...state,
  ...change,
  services: { ...state.services, ...change.services },
  returned: { ...state.returned, ...change.returned },
})

/** States of logs, which never change. */
const FOLDED = new WeakMap<Flight, Journal>()

/** Returns the state of a release in flight. */
export function fold(flight: Flight): Journal {
  const known = FOLDED.get(flight)
  if (known !== undefined) return known
  const { opened, events } = flight
  const journal = { ...opened, ...events.reduce((state, { set }) => changed(state, set), NOTHING_DONE) }
  FOLDED.set(flight, journal)
  return journal
}

export const inflightOf = ({ inflight }: Ledger): Journal | null =>
  inflight === null ? null : fold(inflight)

/** Adds a change to the log. */
export function noted(flight: Flight, at: number, run: string, set: Change): Flight {
  const next = { ...flight, events: [...flight.events, { at, run, set }] }
  FOLDED.set(next, { ...fold(flight), ...changed(fold(flight), set) })
  return next
}

/** The release in flight as version 1 of the ledger has it. */
const firstJournalSchema = z
  .strictObject({
    ...openedSchema.shape,
    ...doneShape,
    approvals: z.array(z.string()).default([]),
    breakGlass: z.string().nullable().default(null),
    verdict: z.string().nullable().default(null),
    rollback: z.strictObject({ ...backSchema.shape, services: rolledMap }).nullable(),
  })
  .transform((first): Flight => {
    const { number, action, commit, author, images, to, parts, run, started, before } = first
    const { done, snapshot, migration, services, bake, ringing, rollback } = first
    const { approvals, breakGlass, verdict } = first
    const back = rollback === null ? null : withoutServices(rollback)
    const returned = rollback?.services ?? {}
    const set = {
      ...{ done, snapshot, migration, services, bake, ringing, back, returned },
      ...{ approvals, breakGlass, verdict },
    }
    return {
      opened: { number, action, commit, author, images, to, parts, run, started, before },
      events: [{ at: started, run: run.id, set }],
    }
  })

const withoutServices = ({ to, commit, why, cause, todo, left }: Back): Back => ({
  ...{ to, commit, why, cause, todo, left },
})

const checkSchema = z.strictObject({
  url: z.string(),
  attempts: z.number(),
  intervalSeconds: z.number(),
  status: z.number(),
  contains: z.string().nullable(),
})

/** What a release was proven with: URL checks, smoke tests, and each service's strategy. */
const proofSchema = z.strictObject({
  checks: z.array(checkSchema),
  smoke: z.array(checkSchema),
  strategies: z.record(z.string(), z.looseObject({ kind: z.string() })),
})
export type Proof = z.infer<typeof proofSchema>

/** A finished release. */
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
  /** Number of the release that it restored; null: none. */
  to: z.int().nullable().default(null),
  /** Digest of what was asked for; null: unknown. */
  digest: z.string().nullable().default(null),
  /** What it was proven with; null: unknown. */
  proof: proofSchema.nullable().default(null),
  /** Whether it was live and healthy through its bake time. */
  proven: z.boolean(),
  migration: z
    .strictObject({ phase: z.enum(["expand", "contract"]), exitCode: z.int().nullable() })
    .nullable(),
  snapshot: z.string().nullable(),
  verdict: z.string().nullable(),
  approvals: z.array(z.string()),
  breakGlass: z.string().nullable(),
  /** The audit log of the run that ended it, and where it ended then. */
  audit: z
    .strictObject({ log: z.string(), entries: z.int().nullable(), head: z.string().nullable() })
    .nullable()
    .default(null),
  run: whoSchema,
  started: time,
  ended: time,
})
export type ReleaseRecord = z.infer<typeof recordSchema>

/** A migration whose end was not seen: it may still run. */
const runningSchema = z.strictObject({
  number: z.int(),
  token: z.string(),
  task: z.string().nullable(),
  container: z.string(),
  since: time,
})
export type RunningMigration = z.infer<typeof runningSchema>

/** Version of the ledger that this program writes; it reads all earlier ones. */
export const LEDGER_VERSION = 2

/** The live release and the history of an environment. */
export const ledgerSchema = z.strictObject({
  version: z.union([z.literal(1), z.literal(LEDGER_VERSION)]).transform((): 2 => LEDGER_VERSION),
  /** Lease token of the last writer. */
  fence: z.int(),
  /** Number of the next release. */
  next: z.int(),
  live: z.strictObject({ number: z.int(), commit: z.string(), since: time }).nullable(),
  releases: z.array(recordSchema),
  inflight: z.union([flightSchema, firstJournalSchema]).nullable(),
  /** The floor that releases no longer in the list have set. */
  floor: z.int().default(0),
  running: runningSchema.nullable().default(null),
})
export type Ledger = z.infer<typeof ledgerSchema>

export const EMPTY_LEDGER: Ledger = {
  version: LEDGER_VERSION,
  fence: 0,
  next: 1,
  live: null,
  releases: [],
  inflight: null,
  floor: 0,
  running: null,
}

/** Releases kept in the ledger. Each release also has its own file. */
const KEPT = 50

/** Returns whether a contract migration ran, or may have run, with a release. */
const contracts = ({ migration }: Pick<ReleaseRecord, "migration">): boolean =>
  migration?.phase === "contract"

/**
 * Returns the floor: the newest release with a contract migration, in flight or finished. Older releases do not work with
 * its schema, so no rollback goes below it, whoever starts it. A failed migration counts, because it may have run in part.
 */
export function floorOf(ledger: Ledger): number {
  const inflight = inflightOf(ledger)
  const open = inflight?.migration?.phase === "contract" && inflight.migration.intent !== null
  return Math.max(
    ledger.floor,
    ...ledger.releases.filter(contracts).map(({ number }) => number),
    open ? inflight.number : 0,
  )
}

/** Adds a release. Keeps the newest ones, the last proven-good one of any age, the live one, and the floor. */
export function withRelease(ledger: Ledger, record: ReleaseRecord): Ledger {
  const releases = [...ledger.releases, record]
  const recent = releases.slice(-KEPT)
  const live = releases.findLast(({ number }) => number === ledger.live?.number)
  const old = [releases.findLast(({ proven }) => proven), live]
    .filter((one) => one !== undefined)
    .filter((one, index, all) => !recent.includes(one) && all.indexOf(one) === index)
    .sort((a, b) => a.number - b.number)
  return { ...ledger, releases: [...old, ...recent], floor: floorOf({ ...ledger, releases }) }
}

export const NOT_ROLLED: Rolled = {
  revision: null,
  intent: null,
  after: 0,
  deployment: null,
  serviceDeployment: null,
}

/** Returns whether a service is kept as it is: it served its revision, so its deployment was found, and not started. */
export const isKept = ({ intent, deployment }: Rolled): boolean => intent === null && deployment !== null

/** Returns the services whose deployment was requested. */
export const underWay = (services: Journal["services"]): readonly string[] =>
  Object.entries(services).flatMap(([name, { intent }]) => (intent === null ? [] : [name]))

/** Returns the revisions to restore, of the services that the target has. */
export const returnedTo = (
  revisions: Readonly<Record<string, string>>,
  names: readonly string[],
): Journal["returned"] =>
  Object.fromEntries(
    names.flatMap((name) => {
      const revision = revisions[name]
      return revision === undefined ? [] : [[name, { ...NOT_ROLLED, revision }]]
    }),
  )
