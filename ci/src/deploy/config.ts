import { about, keyed, map, name } from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"
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
  causes: {
    incompatible: { code: 47, meaning: "the live release does not work on the migrated schema" },
  },
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
declare module "../run/causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
