/** Finds which releases run, of which environments, by what ECS alone knows. */
import { describeServices } from "../aws/services.ts"
import { findTagged } from "../aws/task-definitions.ts"
import { nameOf } from "../core/text.ts"
import type { Context } from "./context.ts"

/** A revision that a service runs, by the tags that Slipway gave it. */
export interface Made {
  readonly service: string
  readonly revision: string
  readonly environment: string
  readonly release: number
}

/** Returns the revisions that services run and that Slipway registered, for this environment or another one. */
export async function madeBySlipway({ request, aws, clock, cluster }: Context): Promise<readonly Made[]> {
  const names = request.environment.services.map(({ name }) => name)
  const made: Made[] = []
  for (const [service, { taskDefinition: revision }] of await describeServices(cluster, names)) {
    if (revision === undefined) continue
    const tags = (await findTagged(aws.ecs, clock, revision))?.tags
    const release = Number(tags?.["slipway:release"])
    if (release > 0)
      made.push({ service, revision, environment: tags?.["slipway:environment"] ?? "", release })
  }
  return made
}

/** Says which revision a service runs, and of which release. */
export const madeText = ({ service, revision, release }: Made): string =>
  `${service} runs ${nameOf(revision)} of release ${release}`

/** Returns the newest release of this environment that runs; null: none that Slipway registered. */
export async function newestMade(context: Context): Promise<Made | null> {
  const { name } = context.request.environment
  const own = (await madeBySlipway(context)).filter(({ environment }) => environment === name)
  return own.reduce<Made | null>(
    (newest, one) => (newest === null || one.release > newest.release ? one : newest),
    null,
  )
}
