import type { Config } from "../../ci/src/config/config.js"

/** Where a release is deployed as one: an environment, or waves of several. */
export interface Place {
  readonly name: string
  /** In the order in which the release reaches them. */
  readonly environments: readonly string[]
}

/**
 * Returns the places of a release, in the order of slipway.yaml. Waves stand for their environments, where the last of these
 * is; waves of which an environment belongs to earlier ones are left to people.
 */
export function placesOf({ environments, waves }: Pick<Config, "environments" | "waves">): readonly Place[] {
  const taken = new Map<string, Place>()
  for (const [name, { order }] of Object.entries(waves)) {
    const members = order.flat()
    if (members.some((one) => taken.has(one))) continue
    for (const one of members) taken.set(one, { name, environments: members })
  }
  const places = Object.keys(environments).map((name) => taken.get(name) ?? { name, environments: [name] })
  return places.filter(({ name }, index) => places.findLastIndex((other) => other.name === name) === index)
}
