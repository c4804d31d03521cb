/** The network of the migration's task. AWS refuses a task in awsvpc mode without one. */
import type { NetworkConfiguration } from "@aws-sdk/client-ecs"
import { describeServices } from "../aws/services.ts"
import { findDefinition } from "../aws/task-definitions.ts"
import { Ended, end } from "../core/outcome.ts"
import type { Migration, Service } from "../environment.ts"
import type { Context } from "./context.ts"

/** Returns the service whose network the migration uses: its own, or the first of the same image, or the first. */
function neighbourOf(services: readonly Service[], migration: Migration): Service | null {
  return (
    services.find(({ name }) => name === migration.service) ??
    services.find(({ image }) => image === migration.image) ??
    services[0] ??
    null
  )
}

const ownNetwork = ({ subnets, securityGroups, assignPublicIp }: Migration): NetworkConfiguration => ({
  awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: assignPublicIp ? "ENABLED" : "DISABLED" },
})

/** Returns the network of a task in awsvpc mode: as configured, or that of a service; null: none is known. */
export async function networkFor(
  { cluster, request }: Context,
  migration: Migration,
): Promise<NetworkConfiguration | null> {
  if (migration.subnets.length > 0) return ownNetwork(migration)
  const neighbour = neighbourOf(request.environment.services, migration)
  const described = await describeServices(cluster, neighbour === null ? [] : [neighbour.name])
  const network = described.get(neighbour?.name ?? "")?.networkConfiguration
  return network?.awsvpcConfiguration === undefined ? null : network
}

/**
 * Returns the network of the migration's task. Null: the network mode of its task definition takes none.
 *
 * @throws {Ended} `refused` if a network is required and none is known.
 */
export async function networkOf(
  context: Context,
  migration: Migration,
  definition: string,
): Promise<NetworkConfiguration | null> {
  const found = await findDefinition(context.aws.ecs, context.clock, definition)
  if (found?.networkMode !== "awsvpc") return null
  const network = await networkFor(context, migration)
  if (network !== null) return network
  throw new Ended(
    end("refused", "the migration's task needs subnets: its task definition has the network mode awsvpc", {
      todo: [
        "set `migration.subnets` and `migration.securityGroups` in slipway.yaml; no schema and no service was changed",
      ],
    }),
  )
}
