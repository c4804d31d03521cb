/** What slipway.yaml says of an environment. This file and its copy differ in their imports alone. */
import * as z from "zod/mini"
import { about, keyed, list, map, orNull, section, text, VARIABLE, whole } from "./parts.ts"
import { type Identities, shared } from "./people.ts"
import {
  arn,
  awsName,
  between,
  checks,
  kinds,
  migration,
  minutes,
  projectFile,
  service,
  url,
} from "./services.ts"

/** A bound of a metric. */
const bound = () =>
  z.union(
    [keyed({ below: z.number("a number") }), keyed({ above: z.number("a number") })],
    "{ below: … } or { above: … }",
  )

/** A metric of CloudWatch. */
const series = () => ({
  namespace: text("a namespace"),
  metric: text("the name of a metric"),
  statistic: z._default(z.string("a statistic such as Average"), "Average"),
  dimensions: map(text("a name"), z.string("text"), "a map of names to text"),
})

const metric = () =>
  keyed({
    name: text("a name"),
    ...series(),
    good: about("Where the metric succeeds.", bound()),
    bad: about("Where it fails: everything that is not good, by default.", orNull(bound())),
  })

const clockTime = () => text('a time such as "18:30"', /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/)
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const
const why = () => z._default(z.string("text"), "a freeze window")

/** When nothing is deployed: every week, or once. */
const freeze = () =>
  z.union(
    [
      keyed({
        days: z
          .array(z.enum(DAYS, DAYS.join(", ")), "a list of days")
          .check(z.minLength(1, "at least one day")),
        from: z._default(clockTime(), "00:00"),
        to: about("The next day's, where it is not after from.", z._default(clockTime(), "24:00")),
        why: why(),
      }),
      keyed({
        from: z.iso.date("a day such as 2026-12-24"),
        to: about("The last day that is frozen.", z.iso.date("a day such as 2026-12-26")),
        why: why(),
      }).check(
        z.refine(({ from, to }) => from <= to, {
          error: "the last day after the first, or the same",
          path: ["to"],
        }),
      ),
    ],
    "{ days: [sat, sun] } for every week, or { from: 2026-12-24, to: 2026-12-26 }",
  )

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone })
    return true
  } catch {
    return false
  }
}
const ZONE = "a time zone such as Europe/Berlin"

const when = (otherwise: "always" | "red" | "succeeded") =>
  about(
    "red is every outcome that needs a person.",
    z._default(z.enum(["always", "red", "succeeded"], "always, red or succeeded"), otherwise),
  )

const EARLY = ["started", "waiting"] as const
const early = () =>
  about(
    "What it tells besides the end: that a deployment starts, and that it waits for another run.",
    list(z.enum(EARLY, EARLY.join(", ")), `a list of ${EARLY.join(", ")}`),
  )

const notification = () => {
  const key = () => about("The key of its address in the secret of notifications.", text("a name"))
  return z.discriminatedUnion(
    "kind",
    [
      keyed({ kind: z.literal("slack"), name: key(), when: when("always"), on: early() }),
      keyed({ kind: z.literal("pagerduty"), name: key(), when: when("red") }),
      keyed({ kind: z.literal("webhook"), name: key(), when: when("always"), on: early() }),
      keyed({ kind: z.literal("email"), topic: arn(), when: when("always"), on: early() }),
    ],
    { error: kinds("slack", "pagerduty", "webhook", "email") },
  )
}

const SSH_KEY =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+={0,2}( .*)?$/

const identities = () =>
  map(
    text('an e-mail address such as "ada@example.org"', /^[^@]*[^@\s<]@[^@\s]+$/),
    keyed({
      also: about(
        "Their other names: logins at the vendor, other addresses, names in commits.",
        list(text("a name"), "a list of names"),
      ),
      keys: about(
        "Public keys of SSH that they sign approvals with.",
        list(text('a public key such as "ssh-ed25519 AAAA…"', SSH_KEY), "a list of public keys"),
      ),
    }),
    "a map of e-mail addresses to other names and keys",
  )

const api = (otherwise: string) =>
  about("The address of its API, for a site of your own.", z._default(url(), otherwise))
const GITHUB = "https://api.github.com"
const GITLAB = "https://gitlab.com/api/v4"
const place = () => ({
  repository: text("a repository such as clinic/app", /^[^/\s]+(\/[^/\s]+)+$/),
  environment: about("The environment's name there, where it is another.", orNull(z.string("a name"))),
})
const at = () => ({
  ...place(),
  reviews: about(
    "Count the reviews of the merged change too, if the release has nothing else.",
    z._default(z.boolean("true or false"), false),
  ),
})

/** A vendor whose approvals count. */
const vendor = () =>
  z.discriminatedUnion(
    "kind",
    [
      keyed({ kind: z.literal("github"), ...at(), api: api(GITHUB) }),
      keyed({ kind: z.literal("gitlab"), ...at(), api: api(GITLAB) }),
    ],
    { error: kinds("github", "gitlab") },
  )

/** A vendor that shows deployments. */
const deployments = () =>
  z.discriminatedUnion(
    "kind",
    [
      keyed({ kind: z.literal("github"), ...place(), api: api(GITHUB) }),
      keyed({ kind: z.literal("gitlab"), ...place(), api: api(GITLAB) }),
    ],
    { error: kinds("github", "gitlab") },
  )

/** The keys of an environment. */
export const environmentKeys = () => ({
  production: about("Asks for the approval of two people.", z._default(z.boolean("true or false"), false)),
  account: about("The AWS account.", text("an account's twelve digits, in quotes", /^\d{12}$/)),
  role: about("The name of the role that deploys; any identity of the account otherwise.", orNull(awsName())),
  rolePolicy: about(
    "The file with the role's IAM policy, which a rehearsal enforces; everything is allowed otherwise.",
    orNull(projectFile()),
  ),
  // Where the role is assumed with a CI vendor's token, that has expired when the session ends: there is no other.
  sessionMinutes: about(
    "How long a session of the role lasts; the role's own maximum must allow it.",
    z._default(whole("minutes: a whole number from 15 to 720", 15, 720), 60),
  ),
  region: text("a region such as eu-central-1", /^[a-z]{2}(-[a-z]+)+-\d$/),
  cluster: about("The ECS cluster.", awsName()),
  state: about(
    "Where the lease and the ledger are kept.",
    keyed({
      bucket: text("the name of a bucket", /^\S{3,}$/),
      prefix: z._default(z.string("text"), "slipway"),
    }),
  ),
  services: about(
    "What is deployed.",
    z.array(service(), "a list of services").check(z.minLength(1, "at least one service")),
  ),
  migration: about("The migration of the database, as a task.", orNull(migration())),
  database: about(
    "The RDS database that a snapshot is made of before anything changes.",
    orNull(
      keyed({
        instance: about("An instance, or a cluster (Aurora) by its name or an instance's.", awsName()),
        keep: about(
          "How many of these snapshots are kept.",
          z._default(whole("a whole number from 1 to 100", 1, 100), 5),
        ),
        timeoutMinutes: z._default(minutes(), 60),
      }),
    ),
  ),
  checks: about("Health checks.", checks()),
  smoke: about("Smoke tests.", checks()),
  bake: about(
    "What is watched after the rollout, and how long.",
    orNull(
      keyed({
        minutes: between("minutes: a number from 0 to 1440", 0, 1440),
        alarms: list(z.string("the name of an alarm"), "a list of alarms"),
        metrics: list(metric(), "a list of metrics"),
      }),
    ),
  ),
  freeze: about(
    "When nothing is deployed.",
    orNull(
      keyed({
        zone: z.string(ZONE).check(z.refine(isZone, ZONE)),
        windows: z.array(freeze(), "a list of windows"),
      }),
    ),
  ),
  approvals: about(
    "Who must allow a deployment.",
    section({
      required: about("How many people; 2 in production, else 0.", z.optional(whole(PEOPLE, 0, 10))),
      maxAgeHours: about("How long an approval counts.", z._default(whole(HOURS, 1, 8760), 72)),
      people: about(
        "Who may approve, by any of their names; everybody under identities otherwise. Never who wrote the release.",
        orNull(z.array(z.string("a name"), "a list of names")),
      ),
      identities: about(
        "Everybody, by e-mail address. Only their approval counts: who wrote a release is known by address.",
        identities(),
      ),
      vendor: about("Whose API is asked for approvals.", orNull(vendor())),
    }),
  ),
  notifications: list(notification(), "a list of notifications"),
  deployments: about("Where deployments are shown.", orNull(deployments())),
  featureFlags: about(
    "Environment variables of every service's container.",
    map(
      text("letters, digits and underscores", VARIABLE),
      z.string("text (put it in quotes)"),
      "a map of variable names to text",
    ),
  ),
  anomalyDetectors: about(
    "Anomaly detectors that are made after a success in production.",
    list(keyed(series()), "a list of metrics"),
  ),
  leaseWaitMinutes: about(
    "How long to wait for another run to end.",
    z._default(between("minutes: a number from 0 to 1440", 0, 1440), 30),
  ),
})

const PEOPLE = "a whole number from 0 to 10"
const HOURS = "hours: a whole number from 1 to 8760"

/** People that production needs besides the author. */
export const PRODUCTION_APPROVALS = 2

/** What of an environment must fit together. */
interface Together {
  readonly production: boolean
  readonly approvals: { readonly required?: number | undefined; readonly identities: Identities }
  readonly services: readonly { readonly name: string }[]
  readonly migration: { readonly service: string | null; readonly family: string | null } | null
}

/** Checks keys that are right alone and wrong together. */
export function fitTogether({ value, issues }: z.core.ParsePayload<Together>): void {
  const { production, approvals, services, migration } = value
  const wrong = (path: PropertyKey[], message: string) =>
    issues.push({ code: "custom", input: value, path, message })
  const both = shared(approvals.identities)
  if (both !== null)
    wrong(
      ["approvals", "identities", both.who[1]],
      `names and keys that nobody else has: ${both.who[0]} has ${both.what}`,
    )
  const names = services.map(({ name }) => name)
  if (production && (approvals.required ?? PRODUCTION_APPROVALS) < PRODUCTION_APPROVALS)
    wrong(["approvals", "required"], `at least ${PRODUCTION_APPROVALS} people for production`)
  for (const [i, name] of names.entries())
    if (names.indexOf(name) !== i) wrong(["services", i, "name"], "a name that no other service has")
  if (!migration) return
  if ((migration.service === null) === (migration.family === null))
    wrong(["migration"], "either a service or a family")
  else if (migration.service !== null && !names.includes(migration.service))
    wrong(["migration", "service"], `one of the services: ${names.join(", ")}`)
}
