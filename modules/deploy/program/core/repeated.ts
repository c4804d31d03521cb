/** Decides whether a request asks again for what its own run already ended. */
import { askedDigest } from "./asked.ts"
import type { Ledger, ReleaseRecord } from "./ledger.ts"
import { type End, end } from "./outcome.ts"
import type { Request } from "./request.ts"
import type { Seen } from "./seen.ts"
import { commitName, listed, nameOf, releaseText, short } from "./text.ts"

/**
 * Ends a run whose release is already finished: a rerun does nothing twice, and never goes forward by going back.
 *
 * @returns `look`: the services decide, and are not known yet; null: there is something to do.
 */
export function repeated(ledger: Ledger, request: Request, seen: Seen): End | "look" | null {
  const { action, run } = request
  const record = ledger.releases.findLast((one) => isOfRun(ledger, one, request))
  if (action === "migrate") return null
  const stale = overtaken(ledger, request)
  if (stale !== null || record === undefined) return stale
  // Who types the command again means to prove it now.
  if (record.outcome === "succeeded" && !record.proven && !run.unique) return null
  const live = ledger.live?.number
  const name = releaseText(record.number, record.commit)
  if (record.outcome !== "succeeded") return isNewest(ledger, record, run.attempt) ? already(record) : null
  if (live !== record.number) return movedOn(ledger, record)
  if (seen.services === null) return "look"
  const there = Object.entries(record.revisions).map(
    ([service, revision]) => [service, revision, seen.services?.[service]?.revision ?? ""] as const,
  )
  const back = there.flatMap(([service, was, now]) =>
    isEarlier(now, was) ? [`${service} to ${nameOf(now)}`] : [],
  )
  // Where others have the ID too, the command was typed again: it means what it says.
  if (back.length > 0 && run.unique) return wentBack(record, back)
  if (there.some(([, was, now]) => was !== now)) return null
  const what =
    action === "rollback"
      ? `already done: ${commitName(record.commit)} is live again and proven good (release ${record.number} of this run)`
      : `${commitName(record.commit)} is already live and proven good (release ${record.number} of this run)`
  const todo = action === "rollback" ? ["to go back further, name the release: `--to`"] : []
  return end("succeeded", record.proven ? what : `already done: ${name} is live`, { todo })
}

/** Tells whether a release is the last one, and of an attempt of its run. */
const isNewest = ({ releases }: Ledger, { number, run }: ReleaseRecord, attempt: number): boolean =>
  run.attempt === attempt && releases.at(-1)?.number === number

/** Returns the rollback that this run, or an earlier attempt, began and did not end well; undefined: none. */
export function unfinished(ledger: Ledger, request: Request): ReleaseRecord | undefined {
  const { action, to } = request
  if (action !== "rollback") return undefined
  const last = ledger.releases.findLast((one) => one.action === "rollback" && sameRun(ledger, one, request))
  return last?.outcome === "succeeded" || (to !== null && to !== last?.to) ? undefined : last
}

/**
 * Refuses the rerun of a rollback that did not end well, and that a newer release has replaced: it was asked for when
 * something else was live. Deployments are told apart by their commits.
 */
function overtaken(ledger: Ledger, request: Request): End | null {
  const left = unfinished(ledger, request)
  const { live } = ledger
  if (left === undefined || live === null || live.number <= left.number) return null
  const now = releaseText(live.number, live.commit)
  return end(
    "refused",
    `this run left its rollback unfinished (release ${left.number}), and ${now} has become live since`,
    { todo: [`nothing to do if ${now} should stay live`, "to go back from it: start a new run"] },
  )
}

const ENDED: ReadonlySet<string> = new Set(["succeeded", "rolled-back", "rollback-failed"])

/** Returns whether a release is of this run or an earlier attempt. An ID that others have too counts for what ended last. */
export const sameRun = ({ releases }: Ledger, record: ReleaseRecord, { run }: Request): boolean =>
  record.run.id === run.id && (run.unique || record === releases.at(-1))

/** Returns whether this run, or an earlier attempt, has ended a release. */
export function isOfRun(ledger: Ledger, record: ReleaseRecord, request: Request): boolean {
  if (!sameRun(ledger, record, request)) return false
  if (record.action !== request.action || !ENDED.has(record.outcome)) return false
  if (record.digest !== null) return record.digest === askedDigest(request)
  return request.action === "rollback" || record.commit === request.release.commit
}

const already = ({ outcome, number, commit }: ReleaseRecord): End =>
  outcome === "rolled-back"
    ? end("rolled-back", `already done: release ${number} (${short(commit)}) of this run was rolled back`, {
        todo: ["fix the commit and deploy again; to try the same one again, start a new run"],
      })
    : end(
        "rollback-failed",
        `already ended: release ${number} (${short(commit)}) of this run and its rollback failed`,
        {
          todo: ["act now: check the live services listed here, and whether users are served"],
        },
      )

/** Returns whether a revision is an earlier one of the same family. */
function isEarlier(one: string, other: string): boolean {
  const [family, number] = one.split(REVISION)
  const [same, later] = other.split(REVISION)
  return family === same && Number(number) < Number(later)
}

/** Before the number of a revision. */
const REVISION = /:(?=\d+$)/

/** Refuses to undo a way back that somebody took without Slipway: only a new run deploys that release again. */
const wentBack = (record: ReleaseRecord, back: readonly string[]): End =>
  end(
    "refused",
    `already done: this run made release ${record.number} (${short(record.commit)}), and somebody took ${listed(back)} back since, not with Slipway`,
    { todo: ["nothing to do if that was meant", againText(record)] },
  )

const againText = (record: ReleaseRecord): string =>
  record.action === "rollback"
    ? `to return to it: \`rollback --to ${record.to ?? record.number}\``
    : "to deploy it again: start a new run"

function movedOn(ledger: Ledger, record: ReleaseRecord): End {
  const live = ledger.live
  const now = live === null ? "nothing" : releaseText(live.number, live.commit)
  return end(
    "refused",
    `already done: this run made release ${record.number} (${short(record.commit)}), and ${now} has replaced it since`,
    {
      todo: [`nothing to do if ${now} should stay live`, againText(record)],
    },
  )
}
