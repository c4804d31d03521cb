import * as z from "zod/mini"
import { about, map, name } from "../config/parts.js"
import type { Room, SectionsOf } from "../config/room.js"

/**
 * `environments` in slipway.yaml. The deployer reads what stands in each, and says what is wrong with it: it is a
 * module of its own, and its schema is there alone.
 */
const environments = () =>
  map(
    name(),
    z.record(z.string(), z.unknown(), "what is deployed, by keys"),
    "a map of environments to what is deployed there",
  )

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
