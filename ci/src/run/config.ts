import * as z from "zod/mini"
import { about, image, map, orNull, section, text, whole } from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"

const images = () =>
  section({
    prefix: about(
      "Put before the names of Docker Hub images: a mirror of your own.",
      orNull(
        text(
          'a registry and path such as "registry.example.org/dockerhub"',
          /^[A-Za-z0-9][\w.-]*(:\d+)?(\/[\w.-]+)*$/,
        ),
      ),
    ),
    overrides: about(
      "Images to use instead, by name.",
      map(text("an image"), image(), "a map of images to images"),
    ),
  })

/** What gates that the project did not ask for come to: see docs/verdicts.md. */
export const POLICIES = ["default", "strict", "report"] as const

const policy = () =>
  about(
    "What blocks. default: the project's own gates, and what is new in the gates that Slipway adds; strict: every gate; report: the project's own gates alone.",
    z._default(z.enum(POLICIES, `one of ${POLICIES.join(", ")}`), "default"),
  )

/** What every run has, whatever its stages. Exit codes from 30 to 39 are the host's: see `cli/fault.ts`. */
export const ROOM = {
  sections: () => ({
    policy: policy(),
    concurrency: about(
      "How many stages run side by side.",
      z._default(whole("a whole number from 1 to 64", 1, 64), 4),
    ),
    images: about("Where images come from.", images()),
  }),
  stages: {},
  causes: {
    passed: { code: 0, meaning: "passed" },
    failed: { code: 10, meaning: "failed: a finding or a test" },
    errored: { code: 11, meaning: "errored: a tool, a service or the engine failed" },
    "timed-out": { code: 12, meaning: "a command took too long and was stopped" },
    service: { code: 15, meaning: "a service (PostgreSQL) did not start" },
    download: { code: 17, meaning: "a download failed: an image, a package, a tool" },
    token: { code: 19, meaning: "a token or key is missing or was refused" },
    configuration: { code: 20, meaning: "slipway.yaml, or another file that Slipway reads, is invalid" },
    policy: { code: 22, meaning: "a finding blocks under the policy" },
    budget: { code: 24, meaning: "a budget is exceeded: the size of a bundle, the threshold of a load test" },
  },
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
declare module "./causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
