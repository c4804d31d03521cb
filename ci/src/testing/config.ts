import * as z from "zod/mini"
import { about, INSIDE, orNull, section, text, whole } from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"

/** The name of the step that runs failed tests again, in records too. */
export const TESTS_AGAIN = "tests again"

/** What slipway.yaml says of tests: the services they need, how they run, what they must cover. */

const tests = () =>
  section({
    retries: about(
      "How often failed tests are tried again. One that then passes is named as flaky.",
      z._default(whole("a whole number from 0 to 5", 0, 5), 1),
    ),
    quarantine: about(
      "The file of flaky tests that are set aside: they run, and do not block.",
      z._default(text("a path in the project", INSIDE), "quarantine.yaml"),
    ),
    shards: about(
      "Containers that share the test files of each suite.",
      z._default(whole("a whole number from 1 to 64", 1, 64), 1),
    ),
    environments: about(
      "In how many of the environments that the team's CI gives to the same tests they run: jobs and entries of a matrix that differ by variables.",
      z._default(whole("a whole number from 1 to 16", 1, 16), 4),
    ),
    docker: about(
      "A Docker daemon, in a privileged container, for tests that start containers: true, or a list of stages.",
      z._default(docker(), false),
    ),
  })

const docker = () => {
  const expected = 'true, false, or a list of stages such as ["test:unit:api"]'
  return z.union([z.boolean(), z.array(text(expected, /^test:/))], expected)
}

const percent = () =>
  z
    .number("a percentage from 0 to 100")
    .check(z.gte(0, "a percentage from 0 to 100"), z.lte(100, "a percentage from 0 to 100"))

const coverage = () =>
  section({
    lines: about("Per cent of lines that all tests together must run.", z._default(percent(), 80)),
    unit: about("Per cent of lines that unit tests must run.", orNull(percent())),
    integration: about("Per cent of lines that integration tests must run.", orNull(percent())),
    e2e: about("Per cent of lines that end-to-end tests must run.", orNull(percent())),
    drop: about("Points that lines may drop against the base.", z._default(percent(), 2)),
  })

/** The tests of the project itself. */
export const ROOM = {
  sections: () => ({
    tests: about("How tests run.", tests()),
    coverage: about("Gates for the coverage of lines.", coverage()),
  }),
  stages: {
    unit: "Unit tests.",
    integration: "Integration tests, against a migrated PostgreSQL.",
    quarantine: "The file of tests that are set aside: what in it is expired, or for no test.",
    "test-files": "Test files that no script runs, by name.",
    coverage: "Coverage of all tests together, against its gates.",
  },
  seconds: { unit: 10, integration: 30 },
  clocks: { unit: "tests", integration: "tests" },
  gates: {
    coverage: { gate: "added", ownBy: ["coverage"] },
  },
  causes: {
    coverage: { code: 23, meaning: "coverage is below its gate, or dropped" },
  },
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
declare module "../run/causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
