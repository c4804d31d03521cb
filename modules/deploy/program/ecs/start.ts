/** Starts a service's deployment, unless it is already in progress, or the service is kept as it is. */
import type { DeploymentConfiguration } from "@aws-sdk/client-ecs"
import { RefusedUpdate, updateService } from "../aws/deployments.ts"
import { isKept } from "../core/journal.ts"
import type { Context } from "./context.ts"
import { liveRevision, newestCreated, ourDeployment, ourId } from "./progress.ts"
import type { ServiceSeen } from "./service-seen.ts"
import type { Watched } from "./watch.ts"

/** Returns whether an earlier call has already started our deployment. */
function isStarted(seen: ServiceSeen, watched: Watched): boolean {
  const rolled = watched.rolled()
  return rolled.intent !== null && (ourId(seen, rolled) !== null || ourDeployment(seen, rolled) !== null)
}

/**
 * Whether ECS gave a revision up that the service is to run, or somebody stopped its deployment: for the same revision, ECS
 * starts another deployment only if it must.
 */
const isGivenUp = ({ deployments, history }: ServiceSeen, revision: string): boolean =>
  deployments.some(
    (one) =>
      one.primary &&
      one.revision === revision &&
      (one.state === "FAILED" || (one.state === "IN_PROGRESS" && history[0]?.status === "STOPPED")),
  )

/**
 * Calls UpdateService once. The intent is written first: a run that finds the intent and no deployment calls again, which
 * is harmless, because ECS starts nothing for a revision that is already live.
 *
 * @throws {RefusedUpdate}: no deployment was started.
 */
export async function start(
  context: Context,
  watched: Watched,
  seen: ServiceSeen,
  configuration: DeploymentConfiguration,
): Promise<"started" | "adopted" | "kept"> {
  const { request, aws, clock } = context
  const rolled = watched.rolled()
  const { revision } = rolled
  if (revision === null) throw new Error(`${watched.name} has no revision to start`)
  if (isStarted(seen, watched)) return "adopted"
  // What somebody made of a kept service since is not undone: the watch sees it.
  if (isKept(rolled)) return "kept"
  const again = isGivenUp(seen, revision)
  if (rolled.intent === null && !again && liveRevision(seen) === revision) {
    await watched.note({ ...rolled, deployment: seen.deployments.find(({ primary }) => primary)?.id ?? null })
    return "kept"
  }
  const after = rolled.intent === null ? newestCreated(seen) : rolled.after
  await watched.note({ ...rolled, intent: rolled.intent ?? clock.now(), after })
  const { cluster } = request.environment
  const update = { service: watched.name, revision, configuration, again }
  try {
    const deployment = await updateService(aws.ecs, clock, cluster, update)
    await watched.note({ ...watched.rolled(), deployment })
    return "started"
  } catch (error) {
    if (error instanceof RefusedUpdate) await watched.note(rolled)
    throw error
  }
}
