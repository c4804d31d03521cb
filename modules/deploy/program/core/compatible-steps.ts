/** Keeps results of `compatible` in the bucket, and requires them. */
import {
  type Compatibility,
  type Found,
  incompatible,
  resultIn,
  resultKey,
  resultsFolder,
  type Subject,
  subjectDigest,
  subjectOf,
  subjectText,
} from "./compatible.ts"
import type { RunContext } from "./context.ts"
import { type End, Ended, end } from "./outcome.ts"
import type { Request } from "./request.ts"
import { BrokenState } from "./state.ts"
import { type Done, did, type Step, skipped } from "./step.ts"
import { oneLine, short } from "./text.ts"

/** Looks for the result about a subject. */
async function findResult({ bucket }: Looking, environment: string, subject: Subject): Promise<Found> {
  const stored = await bucket.read(resultKey(environment, subject))
  if (stored === null) return { others: (await bucket.keys(resultsFolder(environment))).length }
  try {
    return { result: resultIn(environment, subject, stored) }
  } catch (error) {
    if (error instanceof BrokenState) return { broken: error.message }
    throw error
  }
}

type Looking = Pick<RunContext, "bucket" | "book" | "request">

/** Whether a deployment may migrate under the live release. */
type Judged = { readonly refused: End } | { readonly passed: string } | { readonly unneeded: string }

/** Asks the ledger what is live, and the bucket whether that was shown to work on the migrated schema. */
export async function judgeCompatible(context: Looking): Promise<Judged> {
  const { request, book } = context
  const { environment, release, breakGlass } = request
  if (environment.migration?.compatible !== "required") return { unneeded: "not required" }
  const subject = subjectOf(book.ledger(), request)
  if (subject === null) return { unneeded: "no release by Slipway is live" }
  if (breakGlass !== null) return { unneeded: "skipped by break-glass" }
  const refused = incompatible(request, subject, await findResult(context, environment.name, subject))
  return refused === null ? { passed: subjectText(subject, release.commit) } : { refused }
}

/** Refuses a migration that the live release was not shown to survive. What is live does not change under the lease. */
export const compatible: Step<RunContext> = {
  name: "compatible",
  minutes: 5,
  once: true,
  run: async (context) => {
    // A release whose migration may have run is continued: to refuse it would leave it half-way.
    if (context.book.journal().migration?.intent != null) return skipped("an earlier run began the migration")
    const judged = await judgeCompatible(context)
    if ("refused" in judged) throw new Ended(judged.refused)
    return "passed" in judged ? did(`works: ${judged.passed}`) : skipped(judged.unneeded)
  },
}

const resultOf = (
  { environment, release, run }: Request,
  subject: Subject,
  trial: NonNullable<Request["trial"]>,
  at: number,
): Compatibility => ({
  version: 1,
  environment: environment.name,
  ...subject,
  commit: release.commit,
  verdict: trial.verdict,
  what: oneLine(trial.what),
  at,
  run: { id: run.id, url: run.url, actor: run.actor, attempt: run.attempt },
})

/** Keeps the result of a trial; without one, only finds out what it would be about. */
async function keep(context: RunContext): Promise<Done> {
  const { request, book, bucket, clock, reporter } = context
  const { trial, environment, release } = request
  const subject = subjectOf(book.ledger(), request)
  if (subject === null) return skipped("no release by Slipway is live: the first one needs no result")
  if (trial === null) return skipped(`to try: ${subjectText(subject, release.commit)}`)
  if (trial.subject !== subjectDigest(subject))
    throw new Ended(
      end("refused", `another release is live by now: ${short(subject.live.commit)}`, {
        todo: ["run `compatible` again: the result is about the release before; it was not kept"],
      }),
    )
  const key = resultKey(environment.name, subject)
  const body = `${JSON.stringify(resultOf(request, subject, trial, clock.now()))}\n`
  reporter.audit("compatible", { key, verdict: trial.verdict, what: trial.what })
  const before = await bucket.read(key)
  if ((await bucket.write(key, body, before?.etag ?? null)) === null)
    throw new Ended(
      end("failed", `another run keeps a result about the same: ${key}`, {
        todo: ["run `compatible` again"],
      }),
    )
  const verdict = { passed: "works", failed: "does not work" }[trial.verdict]
  throw new Ended(end("succeeded", `${verdict}: ${subjectText(subject, release.commit)}; kept as ${key}`))
}

export const keepTrial: Step<RunContext> = { name: "compatible", minutes: 5, once: false, run: keep }
