/** What slipway.yaml says of an environment. This file and its copy differ in their imports alone. */
import * as z from "zod/mini"
import { about, keyed, list, map, orNull, section, text, VARIABLE, whole } from "../../config/parts.js"
import { type Identities, shared } from "./people.js"
import { awsName, between, checks, migration, minutes, projectFile, service } from "./services.js"
import { deployments, identities, notification, vendor } from "./vendors.js"
import { bake, series } from "./watched.js"
import { freeze } from "./windows.js"

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
  state: about("Where the lease and the ledger are kept.", state()),
  services: about(
    "What is deployed.",
    z.array(service(), "a list of services").check(z.minLength(1, "at least one service")),
  ),
  migration: about("The migration of the database, as a task.", orNull(migration())),
  database: about("The RDS database that a snapshot is made of before anything changes.", orNull(database())),
  checks: about("Health checks.", checks()),
  smoke: about("Smoke tests.", checks()),
  bake: about("What is watched after the rollout, and how long.", orNull(bake())),
  freeze: about("When nothing is deployed.", orNull(freeze())),
  approvals: about("Who must allow a deployment.", approvals()),
  notifications: list(notification(), "a list of notifications"),
  deployments: about("Where deployments are shown.", orNull(deployments())),
  featureFlags: about("Environment variables of every service's container.", featureFlags()),
  anomalyDetectors: about(
    "Anomaly detectors that are made after a success in production.",
    list(keyed(series()), "a list of metrics"),
  ),
  leaseWaitMinutes: about("How long to wait for another run to end.", leaseWait()),
})

const state = () =>
  keyed({
    bucket: text("the name of a bucket", /^\S{3,}$/),
    prefix: z._default(z.string("text"), "slipway"),
  })

const database = () =>
  keyed({
    instance: about("An instance, or a cluster (Aurora) by its name or an instance's.", awsName()),
    keep: about(
      "How many of these snapshots are kept.",
      z._default(whole("a whole number from 1 to 100", 1, 100), 5),
    ),
    timeoutMinutes: z._default(minutes(), 60),
  })

const approvals = () =>
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
  })

const featureFlags = () =>
  map(
    text("letters, digits and underscores", VARIABLE),
    z.string("text (put it in quotes)"),
    "a map of variable names to text",
  )

const leaseWait = () => z._default(between("minutes: a number from 0 to 1440", 0, 1440), 30)

const PEOPLE = "a whole number from 0 to 10"
const HOURS = "hours: a whole number from 1 to 8760"

/** People that production needs besides the author. */
export const PRODUCTION_APPROVALS = 2

/** What of an environment must fit together. */
interface Together {
  readonly production: boolean
  readonly approvals: { readonly required?: number | undefined; readonly identities: Identities }
  readonly services: readonly { readonly name: string }[]
  readonly migration: {
    readonly service: string | null
    readonly family: string | null
    readonly image: string | null
    readonly compatible: "optional" | "required"
  } | null
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
  else if (migration.family !== null && migration.image === null && migration.compatible === "required")
    wrong(["migration", "image"], "the name of an image, because compatible is required")
  else if (migration.service !== null && !names.includes(migration.service))
    wrong(["migration", "service"], `one of the services: ${names.join(", ")}`)
}
