import * as z from "zod/mini"
import { about, keyed, list, map, name, section, text } from "../config/parts.js"
import type { Room, SectionsOf } from "../config/room.js"
import { SEVERITIES } from "../run/finding-schema.js"

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

/** Events of the branch that is released, which people can be told of. */
export const EVENTS = ["red", "fixed", "flaky", "finding", "slow"] as const

const told = () => ({
  on: about(
    "Events that it gets: red, fixed, flaky (a new flaky test), finding (a new one of a scan), slow (over a limit). Default: all.",
    list(z.enum(EVENTS, `one of ${EVENTS.join(", ")}`), "a list of events", EVENTS),
  ),
  severity: about(
    "The least severity that it gets. red is high, or medium where there is no verdict; flaky is low.",
    z._default(z.enum(SEVERITIES, `one of ${SEVERITIES.join(", ")}`), "low"),
  ),
})

const channel = () => {
  const key = () => about("The key of its address in the secret of notifications.", text("a name"))
  const posted = <K extends string>(kind: K) => keyed({ kind: z.literal(kind), name: key(), ...told() })
  return z.discriminatedUnion(
    "kind",
    [
      posted("slack"),
      posted("pagerduty"),
      posted("webhook"),
      keyed({
        kind: z.literal("email"),
        topic: about(
          "A topic of Amazon SNS.",
          text("the ARN of a topic", /^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/),
        ),
        ...told(),
      }),
    ],
    { error: () => "a channel with the kind slack, pagerduty, webhook or email" },
  )
}

/** Notifications and metrics of runs. */
export const ROOM = {
  sections: () => ({
    notifications: about(
      "Whom `slipway notify` tells of the branch that is released.",
      list(channel(), "a list of channels"),
    ),
    metrics: about("What runs cost, for `slipway metrics`.", metrics()),
  }),
  stages: {},
  causes: {},
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
