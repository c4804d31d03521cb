/** From what was thrown to the end of the request: the truth about what is in flight. */
import { AwsFault } from "../aws/retry.ts"
import type { Given } from "../given.ts"
import { type End, Ended, end, Interrupted, LeaseLost, StepTimedOut } from "../plan/outcome.ts"
import type { Journal } from "../plan/state.ts"
import { commitName, listed, oneLine, releaseText } from "../plan/text.ts"

/** What AWS goes on with, in words; null where nothing was started. */
export function inFlight(journal: Journal | null): string | null {
  if (journal === null) return null
  const { rollback, services, migration } = journal
  if (rollback !== null) {
    const way = `the way back to ${releaseText(rollback.to, rollback.commit)}`
    const back = underWay(rollback.services)
    return back.length > 0 ? `${way} of ${listed(back)}` : way
  }
  const rolled = underWay(services)
  if (rolled.length > 0) return `the rollout of ${listed(rolled)}`
  return migration !== null && migration.task !== null && migration.exitCode === null
    ? "the migration's task"
    : null
}

const underWay = (services: Journal["services"]): readonly string[] =>
  Object.entries(services).flatMap(([name, { intent }]) => (intent === null ? [] : [name]))

const AGAIN = "run again: it takes up what is in flight, and starts nothing twice"

/** A run that ends without knowing how it ended. */
function cutShort(why: string, journal: Journal | null, cause: string | null, fix: string | null): End {
  const flight = inFlight(journal)
  const todo = fix === null ? [] : [fix]
  if (flight !== null)
    return end("still-running", `${why}; AWS goes on with ${flight}`, {
      cause,
      todo: [...todo, AGAIN],
      kept: true,
    })
  const changed = journal === null ? "nothing was changed" : "no service was touched"
  return end("failed", `${why}; ${changed}`, { cause, todo: [...todo, "run again"], kept: true })
}

/** What each kind of fault means for whoever has to act. */
const FIXES: Readonly<Record<AwsFault["kind"], string>> = {
  credentials: "get new credentials: these are expired or not valid",
  denied: "give the role this right",
  busy: "wait a while: AWS was throttling or failing for minutes",
  unreachable: "look at the network between the runner and AWS",
  missing: "make what AWS does not know, or mend its name",
  conflict: "look who else changes the same thing",
  unsupported: "use an endpoint that knows this operation",
  other: "read AWS's message",
}

const WHATS: Readonly<Record<AwsFault["kind"], string>> = {
  credentials: "the credentials expired or are not valid",
  denied: "the role has not the right to do this",
  busy: "AWS throttles or fails",
  unreachable: "AWS cannot be reached from here",
  missing: "AWS does not know something",
  conflict: "AWS sees a conflict",
  unsupported: "the endpoint does not know an operation",
  other: "AWS refuses a call",
}

/** @param journal what is in flight, or null. */
export function endOf(error: unknown, journal: Journal | null): End {
  if (error instanceof Ended) return error.end
  if (error instanceof LeaseLost)
    return end("superseded", `another run took the environment over: ${error.message}`, {
      todo: ["look at that run: it decides now; this one touched nothing more"],
      kept: true,
    })
  if (error instanceof Interrupted) return cutShort("the run was told to stop", journal, null, null)
  if (error instanceof StepTimedOut) return cutShort(error.message, journal, null, null)
  if (error instanceof AwsFault) return cutShort(WHATS[error.kind], journal, error.message, FIXES[error.kind])
  const message = error instanceof Error ? error.message : String(error)
  return cutShort(
    `the deployer itself failed: ${oneLine(message)}`,
    journal,
    null,
    "report this fault of the deployer",
  )
}

const SUCCEEDED: Readonly<Record<Given["request"]["action"], (commit: string) => string>> = {
  deploy: (commit) => `${commit} is live and proven`,
  rollback: (commit) => `${commit} is live again and proven`,
  migrate: (commit) => `the migration of ${commit} is applied`,
  health: () => "what is live is healthy",
  status: () => "as the ledger and ECS have it",
  plan: (commit) => `what a deployment of ${commit} would do`,
}

export const succeeded = ({ request }: Given, journal: Journal | null): End =>
  end("succeeded", SUCCEEDED[request.action](commitName(journal?.commit ?? request.release.commit)))
