/** Keeps a service as it is: it serves its revision already, so nothing is deployed. */
import { isDeepStrictEqual } from "node:util"
import type { DeploymentConfiguration } from "@aws-sdk/client-ecs"
import { configure } from "../aws/deployments.ts"
import { staysText } from "../core/text.ts"
import type { Context } from "./context.ts"
import { tidy } from "./differences.ts"
import { liveRevision } from "./progress.ts"
import type { ServiceSeen } from "./service-seen.ts"
import type { Watched } from "./watch.ts"

/** Returns whether a configuration would change nothing. */
const isSet = (has: DeploymentConfiguration, wanted: DeploymentConfiguration): boolean =>
  isDeepStrictEqual(tidy({ ...has, ...wanted }), tidy(has))

/** Names a service that stays, and gives it the settings of slipway.yaml. */
export async function keep(
  { request, aws, clock, book, reporter }: Context,
  { name, rolled }: Watched,
  seen: ServiceSeen,
  wanted: DeploymentConfiguration,
): Promise<void> {
  const { revision } = rolled()
  // Somebody changed it since: the watch says so.
  if (revision === null || liveRevision(seen) !== revision) return
  reporter.say(`  ${name}: ${staysText(revision)}`)
  if (isSet(seen.configuration, wanted)) return
  await book.note({})
  await configure(aws.ecs, clock, request.environment.cluster, name, wanted)
  reporter.say(`  ${name}: settings updated`)
}
