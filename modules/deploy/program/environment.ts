/** The part of a request that describes an environment; it comes from `slipway.yaml`. */
import * as z from "zod"
import { migrationSchema, minutes, name, serviceSchema } from "./environment-services.ts"

const checkSchema = z.strictObject({
  url: z.url(),
  attempts: z.int().min(1).max(1000).default(10),
  intervalSeconds: z.number().positive().max(3600).default(30),
  status: z.int().min(100).max(599).default(200),
  /** Text that the answer must hold. */
  contains: z.string().nullable().default(null),
})

/** A value that decides: `{"below": 0.01}` or `{"above": 99}`. */
const boundSchema = z.union([z.strictObject({ below: z.number() }), z.strictObject({ above: z.number() })])

const metricSchema = z.strictObject({
  name: z.string().min(1),
  namespace: z.string().min(1),
  metric: z.string().min(1),
  statistic: z.string().default("Average"),
  dimensions: z.record(z.string(), z.string()).default({}),
  /** The metric is successful where this holds, … */
  good: boundSchema,
  /** … failed where this holds, and inconclusive between the two; without it, all that is not good is failed. */
  bad: boundSchema.nullable().default(null),
})

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "must be a time such as 18:30")
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const

/** When nothing is deployed: every week, or once. */
const freezeSchema = z.union([
  z.strictObject({
    days: z.array(z.enum(DAYS)).min(1),
    from: clockTime.default("00:00"),
    /** Where it is not after `from`, the next day's. */
    to: clockTime.default("24:00"),
    why: z.string().default("a freeze window"),
  }),
  z.strictObject({
    from: z.iso.date(),
    /** The last day that is frozen. */
    to: z.iso.date(),
    why: z.string().default("a freeze window"),
  }),
])

const zone = z.string().refine((text) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text })
    return true
  } catch {
    return false
  }
}, "must be a time zone's name, such as Europe/Berlin")

/** `red`: every outcome that needs a person. */
const whenSchema = z.enum(["always", "red", "succeeded"])

const notificationSchema = z.discriminatedUnion("kind", [
  /** `name`: the key of the address or routing key in the secret that holds them. */
  z.strictObject({ kind: z.literal("slack"), name: z.string().min(1), when: whenSchema.default("always") }),
  z.strictObject({ kind: z.literal("pagerduty"), name: z.string().min(1), when: whenSchema.default("red") }),
  z.strictObject({ kind: z.literal("webhook"), name: z.string().min(1), when: whenSchema.default("always") }),
  z.strictObject({
    kind: z.literal("email"),
    topic: z.string().regex(/^arn:aws/, "must be an ARN"),
    when: whenSchema.default("always"),
  }),
])

const detectorSchema = z.strictObject({
  namespace: z.string().min(1),
  metric: z.string().min(1),
  statistic: z.string().default("Average"),
  dimensions: z.record(z.string(), z.string()).default({}),
})

/** People that production needs besides the author. */
const PRODUCTION_APPROVALS = 2

export const environmentSchema = z
  .strictObject({
    name,
    production: z.boolean().default(false),
    account: z.string().regex(/^\d{12}$/, "must be an account's twelve digits"),
    /** The name of the role that deploys; null where any identity of the account will do. */
    role: name.nullable().default(null),
    /**
     * How long a session of the role lasts, where it is assumed with a CI vendor's token: that token has expired when the
     * session ends, so that there is no other. The role's own maximum must allow it.
     */
    sessionMinutes: z.int().min(15).max(720).default(60),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region, such as eu-central-1"),
    cluster: name,
    /** Where the lease and the ledger lie. */
    state: z.strictObject({ bucket: z.string().min(3), prefix: z.string().default("slipway") }),
    services: z.array(serviceSchema).min(1),
    migration: migrationSchema.nullable().default(null),
    /** The database that a snapshot is made of before anything changes, and how many of ours to keep. */
    database: z
      .strictObject({
        instance: name,
        keep: z.int().min(1).max(100).default(5),
        timeoutMinutes: minutes.default(60),
      })
      .nullable()
      .default(null),
    checks: z.array(checkSchema).default([]),
    smoke: z.array(checkSchema).default([]),
    bake: z
      .strictObject({
        minutes: z.number().min(0).max(1440),
        alarms: z.array(z.string()).default([]),
        metrics: z.array(metricSchema).default([]),
      })
      .nullable()
      .default(null),
    freeze: z
      .strictObject({ zone, windows: z.array(freezeSchema) })
      .nullable()
      .default(null),
    approvals: z
      .strictObject({
        required: z.int().min(0).max(10).optional(),
        /** Who may approve; null lets anyone but the author. */
        people: z.array(z.string()).nullable().default(null),
      })
      .default({ people: null }),
    notifications: z.array(notificationSchema).default([]),
    /** Handed to every service's container as environment variables. */
    // eslint-disable-next-line sonarjs/concise-regex -- the schema for editors has it: in some of their dialects, \w is any letter
    featureFlags: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).default({}),
    anomalyDetectors: z.array(detectorSchema).default([]),
    /** How long to wait for another run to end. */
    leaseWaitMinutes: z.number().min(0).max(1440).default(30),
  })
  .check((ctx) => {
    const { production, approvals, migration } = ctx.value
    const wrong = (path: string[], message: string) =>
      ctx.issues.push({ code: "custom", input: ctx.value, path, message })
    if (production && (approvals.required ?? PRODUCTION_APPROVALS) < PRODUCTION_APPROVALS)
      wrong(["approvals", "required"], `production needs the approval of ${PRODUCTION_APPROVALS} people`)
    if (migration && (migration.service === null) === (migration.family === null))
      wrong(["migration"], "name either a service or a family")
  })
  .transform(({ approvals, ...rest }) => ({
    ...rest,
    approvals: {
      required: approvals.required ?? (rest.production ? PRODUCTION_APPROVALS : 0),
      people: approvals.people,
    },
  }))

export type Environment = z.infer<typeof environmentSchema>
export type Service = Environment["services"][number]
export type Strategy = Service["strategy"]
export type Migration = NonNullable<Environment["migration"]>
export type UrlCheck = Environment["checks"][number]
export type Bake = NonNullable<Environment["bake"]>
export type Metric = Bake["metrics"][number]
export type Bound = Metric["good"]
export type Freeze = NonNullable<Environment["freeze"]>
export type FreezeWindow = Freeze["windows"][number]
export type Notification = Environment["notifications"][number]
export type Detector = Environment["anomalyDetectors"][number]
