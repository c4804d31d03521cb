/** Finds the newest release that runs, by what ECS alone knows. */
import { describeServices } from "../aws/services.ts"
import { findTagged } from "../aws/task-definitions.ts"
import { nameOf } from "../core/text.ts"
import type { Context } from "./context.ts"

/** A release, and a service that runs a revision of it; 0: none that Slipway registered for this environment. */
interface Made {
  readonly release: number
  readonly text: string
}

const NOTHING: Made = { release: 0, text: "" }

/** Returns the newest release that made a revision which a service runs, by the revision's tags. */
export async function newestMade({ request, aws, clock, cluster }: Context): Promise<Made> {
  const { environment } = request
  const names = environment.services.map(({ name }) => name)
  const made: Made[] = []
  for (const [name, { taskDefinition }] of await describeServices(cluster, names)) {
    const tags = taskDefinition ? (await findTagged(aws.ecs, clock, taskDefinition))?.tags : undefined
    const release = Number(tags?.["slipway:release"])
    if (tags?.["slipway:environment"] === environment.name && release > 0)
      made.push({ release, text: `${name} runs ${nameOf(taskDefinition ?? "")} of release ${release}` })
  }
  return made.reduce((newest, one) => (one.release > newest.release ? one : newest), NOTHING)
}
