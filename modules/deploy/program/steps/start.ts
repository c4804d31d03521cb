/** Starts a service's deployment, unless it is under way already. */
import type { DeploymentConfiguration } from "@aws-sdk/client-ecs"
import { updateService } from "../aws/deployments.ts"
import type { Given } from "../given.ts"
import {
  isSteady,
  liveRevision,
  newestCreated,
  ourDeployment,
  ourId,
  type ServiceSeen,
} from "../plan/rollout.ts"
import type { Watched } from "./watch.ts"

/** Whether our revision is in place, or on its way, by an earlier call of ours. */
function known(seen: ServiceSeen, watched: Watched): boolean {
  const rolled = watched.rolled()
  return rolled.intent !== null && (ourId(seen, rolled) !== null || ourDeployment(seen, rolled) !== null)
}

/**
 * Asks ECS for the revision, once. That it will is written down first: a run that finds the note and no deployment
 * asks again, which is harmless, as ECS starts nothing for a revision that is in place.
 *
 * @returns what was done, for people.
 */
export async function start(
  given: Given,
  watched: Watched,
  seen: ServiceSeen,
  configuration: DeploymentConfiguration,
): Promise<"started" | "adopted" | "in place"> {
  const { request, aws, clock } = given
  const rolled = watched.rolled()
  const { revision } = rolled
  if (revision === null) throw new Error(`${watched.name} has no revision to start`)
  if (known(seen, watched)) return "adopted"
  if (rolled.intent === null && liveRevision(seen) === revision && isSteady(seen)) {
    await watched.note({ ...rolled, deployment: seen.deployments.find(({ primary }) => primary)?.id ?? null })
    return "in place"
  }
  const after = rolled.intent === null ? newestCreated(seen) : rolled.after
  await watched.note({ ...rolled, intent: rolled.intent ?? clock.now(), after })
  const { cluster } = request.environment
  const deployment = await updateService(aws.ecs, clock, cluster, {
    service: watched.name,
    revision,
    configuration,
  })
  await watched.note({ ...watched.rolled(), deployment })
  return "started"
}
