/** Turns what was thrown into the end of the run, and names what AWS continues on its own. */
import type { RunContext } from "./context.ts"
import { Fault } from "./fault.ts"
import type { Journal } from "./journal.ts"
import { type End, Ended, end, Interrupted, LeaseLost, StepTimedOut } from "./outcome.ts"
import { commitName, listed, oneLine, releaseText } from "./text.ts"

/** Names what AWS continues; null: nothing was started. */
function inFlight(journal: Journal | null): string | null {
  if (journal === null) return null
  const { rollback, services, migration } = journal
  if (rollback !== null) {
    const way = `the rollback to ${releaseText(rollback.to, rollback.commit)}`
    const back = underWay(rollback.services)
    return back.length > 0 ? `${way} of ${listed(back)}` : way
  }
  const rolled = underWay(services)
  if (rolled.length > 0) return `the rollout of ${listed(rolled)}`
  return migration !== null && migration.task !== null && migration.exitCode === null
    ? "the migration task"
    : null
}

const underWay = (services: Journal["services"]): readonly string[] =>
  Object.entries(services).flatMap(([name, { intent }]) => (intent === null ? [] : [name]))

const AGAIN = "run again: it continues what is in flight and starts nothing twice"

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
  const changed = journal === null ? "nothing was changed" : "no service was changed"
  return end("failed", `${why}; ${changed}`, { cause, todo: [...todo, "run again"], resumable: true })
}

/** @param journal the release in flight, or null. */
export function endOf(error: unknown, journal: Journal | null): End {
  if (error instanceof Ended) return error.end
  if (error instanceof LeaseLost)
    return end("superseded", `another run took over the environment: ${error.message}`, {
      todo: ["follow that run; this one changed nothing more"],
      resumable: true,
    })
  if (error instanceof Interrupted) return cutShort("the run was stopped", journal, null, null)
  if (error instanceof StepTimedOut) return cutShort(error.message, journal, null, null)
  if (error instanceof Fault) return cutShort(error.what, journal, error.message, error.fix)
  const message = error instanceof Error ? error.message : String(error)
  return cutShort(
    `the deployer failed: ${oneLine(message)}`,
    journal,
    null,
    "report this as a bug in Slipway",
  )
}

const SUCCEEDED: Readonly<Record<RunContext["request"]["action"], (commit: string) => string>> = {
  deploy: (commit) => `${commit} is live and proven good`,
  rollback: (commit) => `${commit} is live again and proven good`,
  migrate: (commit) => `the migration of ${commit} is applied`,
  health: () => "the live release is healthy",
  status: () => "as recorded in the ledger and seen in ECS",
  plan: (commit) => `what a deployment of ${commit} would change`,
}

export const succeeded = ({ request }: RunContext, journal: Journal | null): End =>
  end("succeeded", SUCCEEDED[request.action](commitName(journal?.commit ?? request.release.commit)))
