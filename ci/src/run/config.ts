import * as z from "zod/mini"
import { about, duration, image, keyed, map, orNull, section, text, whole } from "../config/parts.js"
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
const POLICIES = ["default", "strict", "report"] as const

const policy = () =>
  about(
    "What blocks. default: the project's own gates, and what is new in the gates that Slipway adds; strict: every gate; report: the project's own gates alone.",
    z._default(z.enum(POLICIES, `one of ${POLICIES.join(", ")}`), "default"),
  )

/** The share of a limit from which on a run is warned of, unless slipway.yaml names another. */
const WARN = 0.8

/** A limit: one duration, of which four fifths warn, or both. In seconds. */
const limit = () =>
  z.pipe(
    z.transform((value: unknown) => (typeof value === "string" ? { fail: value } : value)),
    z.pipe(
      keyed({
        warn: about("From when on it is warned of: four fifths of fail.", orNull(duration())),
        fail: about("How long it may take.", duration()),
      }).check(({ value, issues }) => {
        const [warn, fail] = [value.warn ?? 0, value.fail ?? 0]
        if (warn > fail)
          issues.push({
            code: "custom",
            input: value,
            path: ["warn"],
            message: `no more than its fail, ${fail} s: a run would fail before it is warned of`,
          })
      }),
      // The pattern of a duration lets no other text in.
      z.transform(({ warn, fail }) => ({ warn: warn ?? (fail ?? 0) * WARN, fail: fail ?? 0 })),
    ),
  )

/** The limits that `init --strict` writes. */
export const STRICT_LIMITS = { build: "10m", tests: "20m", deploy: "15m", all: "45m" } as const

/** Limits of parts of the whole check: none may exceed the limit of the whole. */
const PARTS = ["build", "tests"] as const

const limits = () =>
  z.prefault(
    z.pipe(
      z.transform((value: unknown) => value ?? {}),
      keyed({
        build: about("How long installing and building may take.", orNull(limit())),
        tests: about("How long tests may take.", orNull(limit())),
        deploy: about("How long a deployment may take.", orNull(limit())),
        all: about("How long a whole check may take.", orNull(limit())),
      }).check(({ value, issues }) => {
        const all = value.all?.fail ?? Number.POSITIVE_INFINITY
        for (const part of PARTS)
          if ((value[part]?.fail ?? 0) > all)
            issues.push({
              code: "custom",
              input: value,
              path: [part],
              message: `no more than limits.all, ${all} s, of which it is a part`,
            })
      }),
    ),
    {},
  )

/** What every run has, whatever its stages. Exit codes from 30 to 39 are the host's: see `engine/host/fault.ts`. */
export const ROOM = {
  sections: () => ({
    policy: policy(),
    concurrency: about(
      "How many stages run side by side.",
      z._default(whole("a whole number from 1 to 64", 1, 64), 4),
    ),
    limits: about(
      "How long things may take. A duration fails, and four fifths of it warn; or a map with warn and fail.",
      limits(),
    ),
    images: about("Where images come from.", images()),
  }),
  stages: {
    limits: "How long the run took, against the limits of slipway.yaml.",
  },
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
    limit: { code: 29, meaning: "the run took longer than a limit of slipway.yaml allows" },
    commit: { code: 65, meaning: "the commit is unknown, or missing in the git history" },
    budget: { code: 24, meaning: "a budget is exceeded: the size of a bundle, the threshold of a load test" },
  },
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
declare module "./causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
