/** What the deployer watches after the rollout. This file and its copy differ in their imports alone. */
import * as z from "zod/mini"
import { about, keyed, list, map, orNull, text } from "./parts.ts"
import { between } from "./services.ts"

/** A bound of a metric. */
const bound = () =>
  z.union(
    [keyed({ below: z.number("a number") }), keyed({ above: z.number("a number") })],
    "{ below: … } or { above: … }",
  )

/** A metric of CloudWatch. */
export const series = () => ({
  namespace: text("a namespace"),
  metric: text("the name of a metric"),
  statistic: z._default(z.string("a statistic such as Average"), "Average"),
  dimensions: map(text("a name"), z.string("text"), "a map of names to text"),
})

const metric = () =>
  keyed({
    name: text("a name"),
    ...series(),
    good: about("Where the metric succeeds.", bound()),
    bad: about("Where it fails: everything that is not good, by default.", orNull(bound())),
  })

/** The time after the rollout in which a release can still go back. */
export const bake = () =>
  keyed({
    minutes: between("minutes: a number from 0 to 1440", 0, 1440),
    alarms: list(z.string("the name of an alarm"), "a list of alarms"),
    metrics: list(metric(), "a list of metrics"),
  })
