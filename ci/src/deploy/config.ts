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

/** What of slipway.yaml must fit together here. */
interface Together {
  readonly environments: Readonly<
    Record<
      string,
      {
        readonly account: string
        readonly region: string
        readonly cluster: string
        readonly services: readonly { readonly name: string }[]
      }
    >
  >
  readonly waves: Readonly<Record<string, { readonly order: readonly (readonly string[])[] }>>
}

type Wrong = (path: PropertyKey[], expected: string) => void

/** Checks waves against the environments, and environments against each other. */
export function fits({ value, issues }: z.core.ParsePayload<Together>): void {
  const wrong: Wrong = (path, message) => issues.push({ code: "custom", input: value, path, message })
  wavesFit(value, wrong)
  servicesFit(value, wrong)
}

function wavesFit({ environments, waves }: Together, wrong: Wrong): void {
  const names = Object.keys(environments)
  const known = `one of the environments: ${names.join(", ") || "there are none"}`
  for (const [name, { order }] of Object.entries(waves)) {
    if (names.includes(name)) wrong(["waves", name], "another name: an environment has this one")
    for (const [i, wave] of order.entries())
      for (const [j, one] of wave.entries())
        if (!names.includes(one)) wrong(["waves", name, "order", i, j], known)
  }
}

function servicesFit({ environments }: Together, wrong: Wrong): void {
  const owners = new Map<string, string>()
  for (const [name, { account, region, cluster, services }] of Object.entries(environments))
    for (const [i, service] of services.entries()) {
      const place = [account, region, cluster, service.name].join(" ")
      const owner = owners.get(place) ?? name
      owners.set(place, owner)
      if (owner !== name)
        wrong(
          ["environments", name, "services", i, "name"],
          `a service that no other environment deploys: ${owner} deploys the same one, with a separate ledger`,
        )
    }
}

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
