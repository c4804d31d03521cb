/** The lease, and the release in flight: what was asked for, and the log of what was done. */
import * as z from "zod"

/** Milliseconds since the epoch. */
export const time = z.number()

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
export const openedSchema = z.strictObject({
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
export const backSchema = z.strictObject({
  to: z.int(),
  commit: z.string(),
  why: z.string(),
  cause: z.string().nullable(),
  todo: z.array(z.string()),
  /** Services that the target does not have: they stay as they are. */
  left: z.array(z.string()).default([]),
})
export type Back = z.infer<typeof backSchema>

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

/** The rollouts of a release, by service. */
export const rolledMap = z.record(z.string(), rolledSchema)

/** What was done for a release. */
export const doneShape = {
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

/** The part of the ledger that holds the release in flight. */
export const flightSchema = z.strictObject({ opened: openedSchema, events: z.array(eventSchema) })
/** The release in flight: what was asked for, and the log of what was done. */
export type Flight = z.infer<typeof flightSchema>

/** The state of a release in flight, folded from its log. */
export type Journal = z.infer<typeof openedSchema> & DoneState

const NOTHING_DONE: DoneState = {
  done: [],
  applying: false,
  snapshot: null,
  migration: null,
  services: {},
  bake: null,
  ringing: [],
  questions: [],
  answers: [],
  back: null,
  returned: {},
  idle: [],
  approvals: [],
  breakGlass: null,
  verdict: null,
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

/** Adds a change to the log. */
export function noted(flight: Flight, at: number, run: string, set: Change): Flight {
  const next = { ...flight, events: [...flight.events, { at, run, set }] }
  FOLDED.set(next, { ...fold(flight), ...changed(fold(flight), set) })
  return next
}

/** A service whose rollout has not begun. */
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
