/**
 * The state machine of a request, forward and back: decides the next step from the release in flight, the ledger, what
 * was seen, and what is asked for. It does nothing itself, so that a run that was killed anywhere decides the same again.
 */
import { type Journal, returnedTo } from "./journal.ts"
import { inflightOf, type Ledger } from "./ledger.ts"
import { type Opening, opening } from "./opening.ts"
import { type End, end } from "./outcome.ts"
import { havingAny, returnTarget } from "./release.ts"
import type { Request } from "./request.ts"
import type { Last, Seen } from "./seen.ts"
import type { StepName } from "./step.ts"
import { commitName, listed, nameOf, releaseText, short } from "./text.ts"

/** What a run does next. */
export type Next =
  | Opening
  /** Look at the services, then decide again. */
  | { readonly do: "look" }
  | { readonly do: "step"; readonly step: StepName }
  /** Note the way back, then decide again. */
  | { readonly do: "turn"; readonly change: Pick<Journal, "back" | "returned"> }
  | { readonly do: "end"; readonly end: End }

/** The steps of each action, in order. */
const FORWARD: Readonly<Record<Journal["action"], readonly StepName[]>> = {
  deploy: [
    ...(["verify", "compatible", "terraform", "preflight", "snapshot", "settle", "migration"] as const),
    ...(["revisions", "rollout", "health", "bake"] as const),
  ],
  migrate: ["verify", "compatible", "snapshot", "settle", "migration"],
  rollback: [],
}

/** The steps of the way back, whether a release failed or someone asked for it. */
const BACK: readonly StepName[] = ["stop", "back", "restored"]

const finished = (what: End): Next => ({ do: "end", end: what })

/** Returns the next step. */
export function decide(ledger: Ledger, request: Request, seen: Seen): Next {
  const { last, passed } = seen
  if (last !== null && "ended" in last) return finished(last.ended)
  if (!seen.open) return passed.has("gate") ? opening(ledger, request, seen) : { do: "step", step: "gate" }
  const journal = inflightOf(ledger)
  if (journal === null) throw new Error("no release is in flight")
  if (last !== null && "bad" in last) return turning(ledger, journal, seen, last)
  const order = journal.back === null ? FORWARD[journal.action] : BACK
  const step = order.find((name) => !passed.has(name))
  if (step !== undefined) return { do: "step", step }
  return wasLate(ledger, journal, request)
    ? turning(ledger, journal, seen, { bad: `${request.run.actor} answered rollback` })
    : finished(success(journal))
}

/** Returns whether someone answered `rollback` to a question that ECS no longer waits with, and the way back is open. */
const wasLate = (ledger: Ledger, journal: Journal, { answer }: Request): boolean =>
  answer === "rollback" &&
  journal.action === "deploy" &&
  journal.back === null &&
  returnTarget(ledger, journal).allowed

/** Returns what to do if no good release may be live. */
const actNow = (fixes: readonly string[]): readonly string[] => [
  "act now: check the live services listed here, and whether users are served",
  ...fixes,
]

/** Decides what follows a bad release: the way back, or the end if there is none. */
function turning(ledger: Ledger, journal: Journal, seen: Seen, last: Last & { readonly bad: string }): Next {
  const why = last.bad
  const { cause, fixes } = "cause" in last ? last : { cause: null, fixes: [] }
  if (journal.back !== null) return finished(failedBack(journal, journal.back, why, cause, fixes))
  const names = Object.keys(journal.services)
  const target = havingAny(returnTarget(ledger, journal), names)
  if (target.allowed) {
    const { record } = target
    const left = names.filter((name) => record.revisions[name] === undefined)
    return {
      do: "turn",
      change: {
        back: { to: record.number, commit: record.commit, why, cause, todo: [...fixes], left },
        returned: returnedTo(record.revisions, names),
      },
    }
  }
  if (seen.services === null) return { do: "look" }
  return finished(stranded(journal, seen.services, target.reason, { why, cause, fixes }))
}

interface Reason {
  readonly why: string
  readonly cause: string | null
  readonly fixes: readonly string[]
}

/** Returns the end of a bad release that must not go back. What the services run decides the words. */
function stranded(
  journal: Journal,
  services: NonNullable<Seen["services"]>,
  reason: string,
  { why, cause, fixes }: Reason,
): End {
  const gone = Object.entries(journal.services).flatMap(([name, { revision, intent }]) => {
    const now = services[name]?.revision
    return intent === null || now === undefined || now === revision ? [] : [`${name} to ${nameOf(now)}`]
  })
  const commit = short(journal.commit)
  const newer = "deploy a newer commit that works with the current schema"
  if (gone.length > 0)
    return end(
      "rollback-failed",
      `${commit} failed, and was rolled back all the same (${listed(gone)}): ${why}`,
      {
        cause,
        todo: actNow([`not meant to be rolled back: ${reason}`, newer, ...fixes]),
      },
    )
  const unknown = Object.entries(journal.services).flatMap(([name, { intent }]) =>
    intent !== null && services[name] === undefined ? [name] : [],
  )
  const is =
    unknown.length > 0
      ? `failed, and what ${listed(unknown)} runs is unknown`
      : "failed and was not rolled back"
  return end("failed", `${commit} ${is}: ${why}`, {
    cause,
    todo: [`no rollback: ${reason}`, ...fixes, ...(/contract/.test(reason) ? [newer] : [])],
  })
}

function failedBack(
  journal: Journal,
  back: NonNullable<Journal["back"]>,
  wrong: string,
  cause: string | null,
  fixes: readonly string[],
): End {
  const good = releaseText(back.to, back.commit)
  if (journal.action === "rollback")
    return end("rollback-failed", `the rollback to ${commitName(back.commit)} failed: ${wrong}`, {
      cause,
      todo: actNow(fixes),
    })
  return end(
    "rollback-failed",
    `${short(journal.commit)} failed, and so did its rollback to ${good}: ${back.why}; then during the rollback: ${wrong}`,
    { cause: back.cause ?? cause, todo: actNow([...new Set([...back.todo, ...fixes])]) },
  )
}

const IDLE = (idle: readonly string[]): string =>
  `not proven good: ${listed(idle)} ${idle.length === 1 ? "runs" : "run"} no task (desired count 0)`

/** Returns the end after all steps. */
function success(journal: Journal): End {
  const { back, action, idle } = journal
  const proven = idle.length === 0 ? "and proven good" : `but ${IDLE(idle)}`
  if (back === null)
    return end(
      "succeeded",
      action === "migrate"
        ? `the migration of ${commitName(journal.commit)} is applied`
        : `${commitName(journal.commit)} is live ${proven}`,
    )
  const left =
    back.left.length === 0 ? "" : `; left as it is: ${listed(back.left)} (not in release ${back.to})`
  if (action === "rollback")
    return end("succeeded", `${commitName(back.commit)} is live again ${proven}${left}`)
  return end(
    "rolled-back",
    `${releaseText(back.to, back.commit)} is live again; ${short(journal.commit)} was rolled back: ${back.why}${left}`,
    { cause: back.cause, todo: ["not urgent: the live release is healthy", ...back.todo] },
  )
}
