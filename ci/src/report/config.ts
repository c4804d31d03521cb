import * as z from "zod/mini"
import { about, map, name, section, text } from "../config/parts.js"
import type { Room, SectionsOf } from "../config/room.js"

const PRICE = "a price of a minute: 0 or more"

/** What `slipway metrics` reads of slipway.yaml. */
const metrics = () =>
  section({
    currency: about("The currency of the prices.", z._default(text("a currency such as EUR"), "USD")),
    prices: about(
      "What a minute of a run costs, by CI vendor: github, gitlab, azure, circleci, buildkite, bitbucket, jenkins, codebuild, or laptop.",
      map(name(), z.number(PRICE).check(z.gte(0, PRICE)), "a map of CI vendors to prices of a minute"),
    ),
  })

/** What is shown of runs. */
export const ROOM = {
  sections: () => ({
    metrics: about("What runs cost, for `slipway metrics`.", metrics()),
  }),
  stages: {},
  causes: {},
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
