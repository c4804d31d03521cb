/**
 * Whether the live release still works on the schema that a migration makes. The caller of `compatible` tries it; a
 * deployment requires the result. A result is about one live release and one migration, by digest.
 */
import { createHash } from "node:crypto"
import * as z from "zod"
import { canonical } from "./audit.ts"
import { whoSchema } from "./journal.ts"
import type { Ledger, Proof } from "./ledger.ts"
import { type End, end } from "./outcome.ts"
import { releaseOf } from "./release.ts"
import type { Request } from "./request.ts"
import { BrokenState, readAs } from "./state.ts"
import type { Stored } from "./store.ts"
import { releaseText, short, UNKNOWN_COMMIT } from "./text.ts"

const imagesSchema = z.record(z.string(), z.string())

const subjectSchema = z.strictObject({
  /** The live release, with all its images by digest. */
  live: z.strictObject({ release: z.int(), commit: z.string(), images: imagesSchema }),
  migration: z.strictObject({
    phase: z.enum(["expand", "contract"]),
    /** Reference by digest. */
    image: z.string(),
    /** Null: that of its task definition. */
    command: z.array(z.string()).nullable(),
  }),
})
/** What a result is about. */
export type Subject = z.infer<typeof subjectSchema>

/** The result of a trial, as it is kept in the bucket. */
export const compatibilitySchema = z.strictObject({
  version: z.literal(1),
  environment: z.string(),
  ...subjectSchema.shape,
  /** Commit of the migration. */
  commit: z.string(),
  verdict: z.enum(["passed", "failed"]),
  /** What was tried, or the application's own error. */
  what: z.string(),
  run: whoSchema,
  /** Milliseconds since the epoch. */
  at: z.number(),
})
export type Compatibility = z.infer<typeof compatibilitySchema>

/** Returns what a trial would be about; null: there is no migration, or no release by Slipway is live. */
export function subjectOf(ledger: Ledger, { environment, release }: Request): Subject | null {
  const { migration, services } = environment
  const { live } = ledger
  if (migration === null || live === null || live.commit === UNKNOWN_COMMIT) return null
  const own = services.find(({ name }) => name === migration.service)
  const image = release.images[own?.image ?? migration.image ?? ""] ?? ""
  const { phase, command } = migration
  const images = releaseOf(ledger, live.number)?.images ?? {}
  return {
    live: { release: live.number, commit: live.commit, images },
    migration: { phase, image, command },
  }
}

/** Returns what the live release was proven with. A release that a rollback restored was proven before. */
function proofOfLive(ledger: Ledger, { environment }: Request): Pick<Proof, "checks" | "smoke"> {
  const live = releaseOf(ledger, ledger.live?.number)
  return live?.proof ?? releaseOf(ledger, live?.to ?? undefined)?.proof ?? environment
}

const digestIn = (image: string): string => image.slice(image.indexOf("@") + 1)

/** Returns the digest of a subject. It holds for the same images in any registry. */
export function subjectDigest({ live, migration }: Subject): string {
  const images = Object.fromEntries(
    Object.entries(live.images).map(([name, image]) => [name, digestIn(image)]),
  )
  const about = { images, migration: { ...migration, image: digestIn(migration.image) } }
  return createHash("sha256").update(canonical(about)).digest("hex")
}

/** What must be tried: the subject, its digest, and what the live release was proven with. */
export interface Trial extends Subject {
  readonly subject: string
  readonly checks: Proof["checks"]
}

/** Returns what must be tried; null: nothing, or the request is about something else. */
export function trialOf(ledger: Ledger, request: Request): Trial | null {
  const subject = request.action === "compatible" ? subjectOf(ledger, request) : null
  if (subject === null) return null
  const { checks, smoke } = proofOfLive(ledger, request)
  return { ...subject, subject: subjectDigest(subject), checks: [...checks, ...smoke] }
}

/** Returns the folder of an environment's results. */
export const resultsFolder = (environment: string): string => `${environment}/compatible/`

/** Returns the key of the result about a subject. */
export const resultKey = (environment: string, subject: Subject): string =>
  `${resultsFolder(environment)}${subjectDigest(subject)}.json`

/** Reads a result. @throws {BrokenState} if it is cut off, or about something else than its key says. */
export function resultIn(environment: string, subject: Subject, stored: Stored): Compatibility {
  const key = resultKey(environment, subject)
  const result = readAs(compatibilitySchema, key, stored)
  if (result.environment === environment && subjectDigest(result) === subjectDigest(subject)) return result
  throw new BrokenState(key, { kind: "damaged", detail: "it is about another release or migration" })
}

/** Says which release and which migration a subject is about. */
export const subjectText = ({ live, migration }: Subject, commit: string): string =>
  `${releaseText(live.release, live.commit)} on the schema of the ${migration.phase} migration of ${short(commit)}`

/** Returns the command that tries it. */
const tryIt = (environment: string): string =>
  `run \`slipway compatible --env ${environment} --images "$(cat images)"\`, then deploy again`

const EMERGENCY = "in an emergency, use break-glass with a reason; it is audited"

/** What the bucket has about a subject. */
export type Found =
  | { readonly result: Compatibility }
  /** Why the result does not count. */
  | { readonly broken: string }
  /** How many results about other releases or migrations there are. */
  | { readonly others: number }

/** Returns a refusal unless the live release was shown to work on the migrated schema. */
export function incompatible({ environment, release }: Request, subject: Subject, found: Found): End | null {
  const about = subjectText(subject, release.commit)
  const todo = [tryIt(environment.name), EMERGENCY]
  if ("broken" in found)
    return end("refused", `the result of \`compatible\` does not count: ${found.broken}`, { todo })
  if ("others" in found)
    return end("refused", `not tried: ${about}`, {
      cause: found.others === 0 ? null : `${OTHERS(found.others)} about another live release or migration`,
      todo,
    })
  const { verdict, what } = found.result
  if (verdict === "passed") return null
  return end("refused", `does not work: ${about}`, {
    cause: what,
    todo: [
      "keep what the live release uses: first deploy a release that does without it, then remove it",
      EMERGENCY,
    ],
  })
}

const OTHERS = (count: number): string => (count === 1 ? "1 result is" : `${count} results are`)
