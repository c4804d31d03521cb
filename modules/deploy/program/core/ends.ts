/** Turns what was thrown into the end of the run, and names what AWS continues on its own. */
import { Fault } from "./fault.ts"
import { type Journal, underWay } from "./journal.ts"
import {
  type End,
  Ended,
  end,
  Interrupted,
  LeaseLapsed,
  LeaseLost,
  StepTimedOut,
  Unaudited,
} from "./outcome.ts"
import { BrokenState, brokenEnd } from "./state.ts"
import { commitName, listed, messageOf, nameOf, oneLine, releaseText } from "./text.ts"

/** Adds that nobody saw whether AWS began all of it: an answer was lost, or AWS only throttled calls. */
const asFarAs = (services: Journal["services"], started: readonly string[]): string =>
  started.every((name) => services[name]?.deployment ?? services[name]?.serviceDeployment)
    ? ""
    : ", as far as it has begun"

/** Names what AWS continues; null: nothing was started. */
function inFlight(journal: Journal | null): string | null {
  if (journal === null) return null
  const { back, returned, services, migration } = journal
  if (back !== null) {
    const way = `the rollback to ${releaseText(back.to, back.commit)}`
    const started = underWay(returned)
    if (started.length > 0) return `${way} of ${listed(started)}${asFarAs(returned, started)}`
    if (journal.action !== "rollback") return `${way}, which may not have begun`
  }
  const rolled = underWay(services)
  if (rolled.length > 0 && journal.bake !== null)
    return `to run the new release of ${listed(rolled)}, whose bake time is not over`
  if (rolled.length > 0) return `the rollout of ${listed(rolled)}${asFarAs(services, rolled)}`
  if (migration === null || migration.intent === null || migration.exitCode !== null) return null
  return migration.task === null
    ? "the migration, if it has begun"
    : `the migration (task ${nameOf(migration.task)})`
}

const AGAIN = "run again: it continues what is in flight and starts nothing twice"

/** Says what a run changed that started no deployment. */
function changed(journal: Journal | null): string {
  if (journal === null) return "nothing was changed"
  const { migration, applying, done } = journal
  const also = [
    ...(applying && !done.includes("terraform") ? ["Terraform may have applied a part of the plan"] : []),
    ...(migration?.exitCode === 0 ? [`the ${migration.phase} migration is applied`] : []),
  ]
  return ["no service was changed", ...also].join("; ")
}

/** Returns the end of a run that cannot see the deployment's end. */
function cutShort(why: string, journal: Journal | null, cause: string | null, fix: string | null): End {
  const flight = inFlight(journal)
  const todo = fix === null ? [] : [fix]
  if (flight !== null)
    return end("still-running", `${why}; AWS continues ${flight}`, {
      cause,
      todo: [...todo, AGAIN],
      resumable: true,
    })
  return end("failed", `${why}; ${changed(journal)}`, {
    cause,
    todo: [...todo, "run again"],
    resumable: true,
  })
}

/** What to do about an audit log that cannot be written. */
export const AUDIT_FIX =
  "let the role write below `audit/` in the state bucket; in an emergency, use break-glass: then it is told, and the run goes on"

const UNSTOPPED = (steps: readonly string[]): readonly string[] =>
  steps.length === 0 ? [] : [`${listed(steps)} of this run did not stop: stop it yourself`]

function follow(unstopped: readonly string[], flight: string | null): string {
  if (unstopped.length > 0) return "then follow that run"
  return flight === null
    ? "follow that run; this one changed nothing more"
    : "follow that run: it decides about what goes on; this one sends no more changes"
}

/** Returns the end of a run whose lease another run has: that run decides about what AWS continues. */
function takenOver(lost: LeaseLost, journal: Journal | null, unstopped: readonly string[]): End {
  const flight = inFlight(journal)
  const goes = flight === null ? "" : `; AWS continues ${flight}, which this run started`
  return end("superseded", `another run took over the environment: ${lost.message}${goes}`, {
    todo: [...UNSTOPPED(unstopped), follow(unstopped, flight)],
    resumable: true,
  })
}

/** Returns the end of a run that stopped itself: no other may have the lease yet. */
function lapsed(error: LeaseLapsed, journal: Journal | null, unstopped: readonly string[]): End {
  const why = `${error.message}, so this run stopped itself before another could take over`
  const ended = cutShort(
    why,
    journal,
    null,
    "check the state bucket, and the network between it and the runner",
  )
  return { ...ended, todo: [...UNSTOPPED(unstopped), ...ended.todo] }
}

/**
 * @param journal the release in flight, or null.
 * @param unstopped steps of the caller that may still run.
 */
export function endOf(error: unknown, journal: Journal | null, unstopped: readonly string[] = []): End {
  if (error instanceof Ended) return error.end
  if (error instanceof LeaseLost) return takenOver(error, journal, unstopped)
  if (error instanceof LeaseLapsed) return lapsed(error, journal, unstopped)
  if (error instanceof Unaudited) return cutShort(error.message, journal, null, AUDIT_FIX)
  if (error instanceof BrokenState) return brokenEnd(error)
  if (error instanceof Interrupted)
    return { ...cutShort("the run was stopped", journal, null, null), cancelled: true }
  if (error instanceof StepTimedOut) return cutShort(error.message, journal, null, null)
  if (error instanceof Fault) return cutShort(error.what, journal, error.message, error.fix)
  const message = messageOf(error)
  return cutShort(
    `the deployer failed: ${oneLine(message)}`,
    journal,
    null,
    "report this as a bug in Slipway",
  )
}

/** Actions that only look. */
const LOOKS: ReadonlySet<string> = new Set<Looking>(["health", "status", "audit", "plan"])

/** Returns the end of an action, whichever it is, before it has changed anything: what an action that looks did not see is no verdict. */
export function endOfLook(error: unknown, action: string): End {
  const ended = endOf(error, null)
  if (!LOOKS.has(action) || !(error instanceof Fault)) return ended
  return end("unseen", `${error.what}: ${action} did not see what it looks at`, {
    cause: ended.cause,
    todo: ended.todo,
  })
}

const LOOKED: Readonly<Record<Looking, (commit: string) => string>> = {
  health: () => "the live release is healthy",
  status: () => "as recorded in the ledger and seen in ECS",
  audit: () => "the audit logs are unchanged and complete",
  compatible: (commit) => `the live release and the migration of ${commit}`,
  plan: (commit) => `what a deployment of ${commit} would change`,
}

type Looking = "health" | "status" | "plan" | "audit" | "compatible"

/** Returns the end of an action that changes nothing. */
export const looked = (action: Looking, commit: string): End =>
  end("succeeded", LOOKED[action](commitName(commit)))
