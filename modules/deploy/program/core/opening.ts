/** Decides how a request begins: continues the release in flight, opens a new one, or ends at once. */
import { unasked, unaskedFor } from "./answers.ts"
import { differences, partsOf } from "./asked.ts"
import { type Journal, NOT_ROLLED, returnedTo } from "./journal.ts"
import { leftByOthers } from "./leaving.ts"
import { inflightOf, type Ledger, type ReleaseRecord, withRelease } from "./ledger.ts"
import { outOfOrder } from "./order.ts"
import { type End, end } from "./outcome.ts"
import { abandonedRecord } from "./record.ts"
import { havingAny, releaseOf, requestedTarget, type Target } from "./release.ts"
import { isOfRun, repeated, unfinished } from "./repeated.ts"
import type { Request } from "./request.ts"
import type { Seen, ServiceNow } from "./seen.ts"
import { listed, short, UNKNOWN_COMMIT, utc } from "./text.ts"

/** How a request begins. */
export type Opening =
  | { readonly do: "look" }
  | { readonly do: "end"; readonly end: End }
  /** Continue the release in flight. */
  | { readonly do: "adopt"; readonly text: string }
  /** Write the ledger, with the new release in flight. */
  | {
      readonly do: "open"
      readonly ledger: Ledger
      readonly text: string
      /** The release that is closed unfinished. */
      readonly closed: ReleaseRecord | null
    }

const finished = (what: End): Opening => ({ do: "end", end: what })

/** Returns whether a request is about the same release as the one in flight. */
const isSame = (journal: Journal, { action, release }: Request): boolean =>
  journal.action === action && (action === "rollback" || journal.commit === release.commit)

/** Returns the release in flight if the request continues it. */
export function adopted(ledger: Ledger, request: Request): Journal | null {
  const journal = inflightOf(ledger)
  return journal !== null && isSame(journal, request) && differences(journal, request).length === 0
    ? journal
    : null
}

/** Decides how a request begins. The gate has let it in. */
export function opening(ledger: Ledger, request: Request, seen: Seen): Opening {
  const { action, release } = request
  const before = inflightOf(ledger)
  const mine = adopted(ledger, request)
  const unfit = answerRefused(mine, request)
  if (mine !== null && unfit !== null) return unfit
  if (mine !== null)
    return {
      do: "adopt",
      text: `continues release ${mine.number}, which run ${mine.run.id} started at ${utc(mine.started)}`,
    }
  const again = before === null ? repeated(ledger, request, seen) : null
  if (again !== null) return again === "look" ? { do: "look" } : finished(again)
  if (unfit !== null) return unfit
  const refused = leftByOthers(ledger, request, seen.leaves) ?? outOfOrder(release, action, ledger)
  if (refused !== null) return finished(refused)
  if (seen.services === null) return { do: "look" }
  return opened(ledger, request, { ...seen, services: seen.services })
}

/** Refuses an answer that nobody asked for: it must neither start a release nor be taken for a later question. */
function answerRefused(mine: Journal | null, request: Request): Opening | null {
  const { action, answer } = request
  const why = action === "deploy" && answer !== null ? unaskedFor(mine, request) : null
  return why === null || answer === null ? null : finished(unasked(answer, why))
}

/** Returns what a rollback restores. Its rerun restores the same release, and goes no further back. */
function rollbackTarget(ledger: Ledger, request: Request): Target {
  const live = releaseOf(ledger, ledger.live?.number)
  const again =
    live !== undefined && isOfRun(ledger, live, request) && live.outcome === "succeeded"
      ? live.to
      : (unfinished(ledger, request)?.to ?? null)
  return requestedTarget(ledger, request.to ?? again)
}

/** Records what ran before the first release as the rollback target, if the services were steady. */
function baseline(
  ledger: Ledger,
  services: Readonly<Record<string, ServiceNow>>,
  names: readonly string[],
  now: number,
): Ledger {
  const steady = names.every((name) => services[name]?.steady)
  if (ledger.releases.length > 0 || !steady) return ledger
  const record: ReleaseRecord = {
    number: 0,
    action: "baseline",
    commit: UNKNOWN_COMMIT,
    author: null,
    images: {},
    revisions: Object.fromEntries(names.map((name) => [name, services[name]?.revision ?? ""])),
    deployments: {},
    outcome: "found",
    to: null,
    digest: null,
    proven: true,
    migration: null,
    snapshot: null,
    verdict: null,
    approvals: [],
    breakGlass: null,
    proof: null,
    audit: null,
    run: { id: "none", url: null, actor: "none", attempt: 1 },
    started: now,
    ended: now,
  }
  return { ...withRelease(ledger, record), live: { number: 0, commit: UNKNOWN_COMMIT, since: now } }
}

const liveText = (commit: string | null): string =>
  commit === null || commit === UNKNOWN_COMMIT ? "the first release" : `${short(commit)} is live`

type Looked = Seen & { readonly services: NonNullable<Seen["services"]> }

/** Returns who broke the glass and why; null: nobody. */
export const breakGlassText = ({ breakGlass }: Request): string | null =>
  breakGlass === null ? null : `${breakGlass.by}: ${breakGlass.reason}`

/** Opens a release; closes the one that another run left in flight. */
function opened(ledger: Ledger, request: Request, seen: Looked): Opening {
  const { services, now } = seen
  const inflight = inflightOf(ledger)
  const names = request.environment.services.map(({ name }) => name)
  const target = request.action === "rollback" ? havingAny(rollbackTarget(ledger, request), names) : null
  if (target !== null && !target.allowed)
    return finished(
      end("refused", `cannot roll back: ${target.reason}`, {
        todo: ["deploy a working commit instead; nothing was changed"],
      }),
    )
  const closed = inflight === null ? null : abandonedRecord(inflight, now)
  const known = baseline(closed === null ? ledger : withRelease(ledger, closed), services, names, now)
  const same = inflight !== null && isSame(inflight, request)
  const flight = newFlight(known, request, seen, {
    target: target?.record ?? null,
    applying: same && inflight.applying,
  })
  const { number, commit } = flight.opened
  const other = same ? ` (differs in ${listed(differences(inflight, request))})` : ""
  const over =
    closed === null
      ? ""
      : `; closes release ${closed.number}, which run ${closed.run.id} left unfinished${other}`
  return {
    do: "open",
    ledger: { ...known, next: known.next + 1, inflight: flight },
    text: `release ${number}: ${short(commit)} (${liveText(known.live?.commit ?? null)})${over}`,
    closed,
  }
}

/** What a new release begins with. */
interface Begun {
  /** The release to restore; null: none. */
  readonly target: ReleaseRecord | null
  /** Whether the closed release, which was of the same commit, started Terraform: the plan may be applied already. */
  readonly applying: boolean
}

/** How a rollback begins that somebody asked for. */
const askedBack = (
  { number, commit, revisions }: ReleaseRecord,
  actor: string,
  names: readonly string[],
) => ({
  back: {
    to: number,
    commit,
    cause: null,
    todo: [],
    why: `${actor} asked for a rollback`,
    left: names.filter((name) => revisions[name] === undefined),
  },
  returned: returnedTo(revisions, names),
})

function newFlight(
  ledger: Ledger,
  request: Request,
  { services, now, approvers }: Looked,
  { target, applying }: Begun,
): NonNullable<Ledger["inflight"]> {
  const { run, release, environment, action } = request
  const names = environment.services.map(({ name }) => name)
  const commit = ledger.live?.commit ?? null
  const opened = {
    number: ledger.next,
    action: action === "rollback" || action === "migrate" ? action : ("deploy" as const),
    commit: target?.commit ?? release.commit,
    author: (target === null ? release.authors[0] : target.author) ?? run.actor,
    images: target?.images ?? release.images,
    to: request.to,
    parts: { ...partsOf(request) },
    run: { id: run.id, url: run.url, actor: run.actor, attempt: run.attempt },
    started: now,
    before: Object.fromEntries(
      Object.entries(services).map(([name, { revision, steady }]) => [name, { revision, steady, commit }]),
    ),
  }
  const set =
    target === null
      ? { services: Object.fromEntries(names.map((name) => [name, NOT_ROLLED])) }
      : askedBack(target, run.actor, names)
  const gated = { approvals: [...approvers], breakGlass: breakGlassText(request) }
  const begun = applying ? { applying } : {}
  return { opened, events: [{ at: now, run: run.id, set: { ...set, ...gated, ...begun } }] }
}
