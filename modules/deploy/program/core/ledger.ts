/** The live release of an environment, its history, and the release in flight. */
import * as z from "zod"
import { firstJournalSchema } from "./first-journal.ts"
import { flightSchema, fold, type Journal, time, whoSchema } from "./journal.ts"

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

/** Where an environment is. */
const homeSchema = z.strictObject({ account: z.string(), region: z.string(), cluster: z.string() })
export type Home = z.infer<typeof homeSchema>

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
  /** The environment that it is of; null: unknown. */
  home: homeSchema.nullable().default(null),
})
export type Ledger = z.infer<typeof ledgerSchema>

/** The ledger of an environment before its first release. */
export const EMPTY_LEDGER: Ledger = {
  version: LEDGER_VERSION,
  fence: 0,
  next: 1,
  live: null,
  releases: [],
  inflight: null,
  floor: 0,
  running: null,
  home: null,
}

/** Returns the release in flight, or null. */
export const inflightOf = ({ inflight }: Ledger): Journal | null =>
  inflight === null ? null : fold(inflight)

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

/** Proven-good releases kept, however old: where a rollback may lead after many failures. */
const PROVEN = 10

/** Adds a release. Keeps the newest ones, the newest proven-good ones of any age, the live one, and the floor. */
export function withRelease(ledger: Ledger, record: ReleaseRecord): Ledger {
  const releases = [...ledger.releases, record]
  const recent = releases.slice(-KEPT)
  const live = releases.findLast(({ number }) => number === ledger.live?.number)
  const old = [...releases.filter(({ proven }) => proven).slice(-PROVEN), live]
    .filter((one) => one !== undefined)
    .filter((one, index, all) => !recent.includes(one) && all.indexOf(one) === index)
    .sort((a, b) => a.number - b.number)
  return { ...ledger, releases: [...old, ...recent], floor: floorOf({ ...ledger, releases }) }
}
