import { about, keyed, map, name } from "../config/parts.js"
import type { Room, SectionsOf } from "../config/room.js"
import { environmentKeys, fitTogether } from "./environment/keys.js"

/** `environments` in slipway.yaml: what the deployer is told of each, by the schema that it has itself. */
const environments = () =>
  map(name(), keyed(environmentKeys()).check(fitTogether), "a map of environments to what is deployed there")

/** Where releases go. */
export const ROOM = {
  sections: () => ({
    environments: about("Where releases are deployed, by name.", environments()),
  }),
  stages: {},
  causes: {},
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
