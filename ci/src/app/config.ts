import * as z from "zod/mini"
import {
  about,
  env,
  folder,
  image,
  keyed,
  list,
  map,
  name,
  orNull,
  patterns,
  section,
  text,
  whole,
} from "../config/parts.js"
import type { Room, SectionsOf } from "../config/room.js"

/** What slipway.yaml says of the running app, and of the stages that look at it from outside. */

const PATH = /^\/[^\s"'\\{};$]*$/
const path = () => text("a path that begins with a slash", PATH)
const paths = (fallback: readonly string[]) => list(path(), "a list of paths", fallback)

const service = () =>
  keyed({
    workspace: about("The workspace whose image it is, by its folder.", orNull(folder())),
    image: about("An image to run instead of a workspace's.", orNull(image())),
    port: about(
      "The port it listens on. Without it, the one that its image exposes.",
      orNull(whole("a port from 1 to 65535", 1, 65535)),
    ),
    env: env(),
    migrate: about(
      'The command that brings its database to its schema, run in its image before it starts; "" for none. Without it, the workspace\'s script such as db:migrate.',
      orNull(z.string("a shell command")),
    ),
    health: about(
      "The path that answers with 200 once it is up. Without it, /health is asked, and any answer below 500 will do.",
      orNull(path()),
    ),
  })

/** `app`: what runs, and how it is reached. */
const app = () =>
  section({
    services: about(
      "What the app consists of, by host name. Without it, the images of the Dockerfiles.",
      map(name(), service(), "a map of host names to services"),
    ),
    routes: about(
      "Which service answers which paths: the rules of the load balancer. Without it, /api/ leads to the backend and all else to the frontend.",
      map(path(), name(), "a map of paths to services"),
    ),
    headers: about(
      "Headers that the load balancer adds to each request.",
      map(
        text("a header's name", /^[A-Za-z0-9-]+$/),
        text("a header's value, without quotes, dollars and backslashes", /^[^"'\\$\n\r]+$/),
        "a map of headers to values",
      ),
    ),
  })

const IMPACTS = ["minor", "moderate", "serious", "critical"] as const

/** `a11y`: the pages that axe looks at. */
const a11y = () =>
  section({
    paths: about("The pages to look at.", paths(["/"])),
    impact: about(
      "The least impact that fails the stage.",
      z._default(z.enum(IMPACTS, `one of ${IMPACTS.join(", ")}`), "serious"),
    ),
  })

const positive = (expected: string) => z.number(expected).check(z.gt(0, expected))

/** `load`: what is asked of the app, how often, and how slow an answer may be. */
const load = () =>
  section({
    scripts: about("k6 scripts of the project.", patterns(["load/*.js"])),
    paths: about("Paths to ask for, where there is no script.", list(path(), "a list of paths")),
    vus: about(
      "Users at a time in the profile load; stress goes to 3 times as many, spike to 5 times.",
      z._default(whole("a whole number from 1 to 1000", 1, 1000), 10),
    ),
    p95: about(
      "Milliseconds within which 95 % of the answers must come.",
      z._default(positive("a number of milliseconds"), 500),
    ),
    errors: about(
      "Per cent of requests that may fail.",
      z._default(
        z
          .number("a percentage from 0 to 100")
          .check(z.gte(0, "a percentage from 0 to 100"), z.lte(100, "a percentage from 0 to 100")),
        1,
      ),
    ),
  })

/** `dast`: what is probed from outside. */
const dast = () =>
  section({
    paths: about(
      "Paths to begin with, beside the start page, what it links to, and what an OpenAPI description names.",
      paths(["/"]),
    ),
    ignore: about("Rules that do not count for this app.", list(text("a rule's name"), "a list of rules")),
    zap: about("An image of ZAP, whose baseline scan looks at the app as well.", orNull(image())),
  })

/** The running app, and the stages that look at it from outside. */
export const ROOM = {
  sections: () => ({
    app: about("The running app, for the tests that look at it from outside.", app()),
    a11y: about("The accessibility check.", a11y()),
    load: about("Load tests.", load()),
    dast: about("Probes of the running app.", dast()),
  }),
  stages: {
    e2e: "End-to-end tests in a browser, on the built app with its database.",
    a11y: "Accessibility of the built app's pages (axe).",
    load: "Load tests (k6).",
    dast: "Probes of the running app from outside.",
  },
  seconds: { e2e: 90, a11y: 45, load: 45, dast: 30 },
  clocks: { e2e: "tests", a11y: "tests", load: "tests" },
  gates: {
    a11y: { gate: "added", ownBy: ["a11y"] },
    dast: { gate: "added", ownBy: ["dast"] },
  },
  causes: {},
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
