import * as z from "zod/mini"
import { about, keyed, map, name, whole } from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"
import { environmentKeys, fitTogether } from "./environment/keys.js"

/** `environments` in slipway.yaml: what the deployer is told of each, by the schema that it has itself. */
const environments = () =>
  map(name(), keyed(environmentKeys()).check(fitTogether), "a map of environments to what is deployed there")

/** `waves` in slipway.yaml. */
const waves = () =>
  map(
    name(),
    keyed({
      order: about("Environments by wave: those of a wave at the same time.", order()),
      bakeMinutes: about(
        "How long a wave is live before the next one starts.",
        z._default(whole("minutes: a whole number from 0 to 1440", 0, 1440), 0),
      ),
      onFailure: about(
        "stop: environments that have the release keep it where a later one fails; rollback: they go back.",
        z._default(z.enum(["stop", "rollback"], "stop or rollback"), "stop"),
      ),
    }),
    "a map of names to waves",
  )

const order = () =>
  z
    .array(
      z.array(name(), "a list of environments").check(z.minLength(1, "at least one environment")),
      "a list of waves",
    )
    .check(
      z.minLength(1, "at least one wave"),
      z.refine((waves) => new Set(waves.flat()).size === waves.flat().length, "each environment once"),
    )

/** Where releases go. */
export const ROOM = {
  sections: () => ({
    environments: about("Where releases are deployed, by name.", environments()),
    waves: about(
      "Environments that get a release one after another, as one, by the name for `--env`.",
      waves(),
    ),
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
