import * as z from "zod/mini"
import {
  about,
  duration,
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
  VARIABLE,
  whole,
} from "../config/parts.js"
import type { CausesOf, Room, SectionsOf } from "../config/room.js"

/** The major versions of Node.js that projects may run on: of 14, from 14.18, which the hook of the test runners needs. */
export const NODE_MAJORS = ["14", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26"] as const

/** Matches a version of them, as exact as it is written. */
export const NODE_VERSION = new RegExp(
  `^(?!14\\.(?:\\d|1[0-7])(?:\\.|$))(?:${NODE_MAJORS.join("|")})(?:\\.\\d+){0,2}$`,
)

const NODE_EXPECTED = `a version of Node.js from ${NODE_MAJORS[0]} to ${NODE_MAJORS.at(-1)}: 22, or "20.11.1" in quotes`

const node = () => {
  const version = text(NODE_EXPECTED, NODE_VERSION)
  const number = z.literal(NODE_MAJORS.map(Number), NODE_EXPECTED)
  return z.pipe(z.union([version, number], NODE_EXPECTED), z.transform(String))
}

/** One version, or those of a matrix: a list in any case. */
const oneOrMore = <T extends z.ZodMiniType<string>>(version: T, expected: string) =>
  z.pipe(
    z.union([version, z.array(version).check(z.minLength(1, expected))], expected),
    z.transform((versions) => (Array.isArray(versions) ? [...new Set(versions)] : [versions])),
  )

/** The minor versions of Python that Slipway has images for. */
export const PYTHON_MINORS = ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"] as const

/** Versions of Python. YAML reads 3.10 as the number 3.1, so a version with a zero at its end must be in quotes. */
const pythons = () => {
  const expected = `a version of Python from ${PYTHON_MINORS[0]} to ${PYTHON_MINORS.at(-1)}, in quotes: "3.12"`
  const minors = PYTHON_MINORS.map((minor) => minor.replace(".", "\\.")).join("|")
  const version = text(expected, new RegExp(`^(?:${minors})(?:\\.\\d+)?$`))
  const number = z
    .number(expected)
    .check(z.refine((value) => PYTHON_MINORS.some((minor) => minor === String(value)), expected))
  return oneOrMore(z.pipe(z.union([version, number], expected), z.transform(String)), expected)
}

const postgres = () => {
  const version = 'a version such as "15" (one with a dot in quotes)'
  const role = () => text("letters, digits, dashes and underscores, no digit first", /^[A-Za-z_][\w-]{0,62}$/)
  return section({
    version: orNull(
      z.pipe(
        z.union([text(version, /^\d{1,2}(\.\d{1,2})?$/), whole(version, 1, 99)], version),
        z.transform(String),
      ),
    ),
    database: orNull(role()),
    user: orNull(role()),
  })
}

/** When a service is ready: a shell command, or a map. */
const ready = () =>
  z.prefault(
    z.pipe(
      z.transform((value: unknown) => (typeof value === "string" ? { command: value } : (value ?? {}))),
      keyed({
        command: about(
          "A shell command that succeeds in the service once it is ready.",
          orNull(text("a shell command")),
        ),
        log: about("A pattern (grep -E) that its log matches once it is ready.", orNull(text("a pattern"))),
        timeout: about("How long it may take: 90s, 2m.", z._default(duration(), 120)),
      }),
    ),
    {},
  )

const beside = () => ({
  image: about("The service's image.", image()),
  port: about("The port it listens on.", whole("a port from 1 to 65535", 1, 65535)),
  env: env(),
  command: about(
    "Replaces the image's command: a list of words.",
    orNull(z.array(z.string("text (put it in quotes)"), "a list of words")),
  ),
  ready: about(
    "When it is ready: a shell command that runs in it, or `log` with a pattern of its output.",
    ready(),
  ),
  init: about(
    "Shell commands that run in it once, when it is ready.",
    list(text("a shell command"), "a list of shell commands"),
  ),
})

/** A service of one stage. */
export const service = () => keyed(beside())

const shared = () =>
  keyed({
    ...beside(),
    variables: about(
      "Environment variables by which tests and the app find it: REDIS_URL.",
      map(
        text("letters, digits and underscores", VARIABLE),
        z.string("text (put it in quotes)"),
        "a map of variable names to text",
      ),
    ),
    unit: about("true gives it to unit tests too.", z._default(z.boolean("true or false"), false)),
  })

const build = () =>
  section({
    environments: about(
      "Environments that each package is built for, side by side: by its script `build:<environment>`, else with NODE_ENV.",
      list(text("letters, digits and dashes", /^[A-Za-z][\w-]*$/), "a list of environments"),
    ),
  })

/** What a project consists of, and what it needs. */
export const ROOM = {
  sections: () => ({
    project: about("The name shown in reports.", orNull(text("a name"))),
    node: about(
      "The version of Node.js: a major version, or an exact one. With a list, tests run on each, and everything else on the first.",
      orNull(oneOrMore(node(), NODE_EXPECTED)),
    ),
    python: about(
      'The version of Python, in quotes: "3.12". With a list, tests run on each, and everything else on the first.',
      orNull(pythons()),
    ),
    workspaces: about(
      "The folders to treat as workspaces instead of the detected ones; [] for the root package alone.",
      orNull(z.array(folder(), "a list of folders")),
    ),
    projects: about(
      'The folders that are projects, with dependencies of their own, instead of the detected ones; "." for the root.',
      orNull(z.array(folder(), "a list of folders")),
    ),
    ignore: about("Files left out of the source, besides those always left out.", patterns()),
    build: about("The project's own builds.", build()),
    secrets: about(
      "Environment variables that hold secrets for installing, the project's own commands and image builds: NPM_TOKEN. ./slipway passes those that are set.",
      z._default(z.array(text("letters, digits and underscores", VARIABLE), "a list of variables"), []),
    ),
    postgres: about(
      "The PostgreSQL of tests and of the running app, where no file of the project describes one.",
      postgres(),
    ),
    services: about(
      "Services that tests and the running app need, by the host name they answer to.",
      map(name(), shared(), "a map of host names to services"),
    ),
  }),
  stages: {
    checkout: "Whether the checkout is whole: submodules, and files of Git LFS.",
    install: "Dependencies, installed from the lock file by its own package manager.",
    prepare: "The project's own scripts of an install, run with its sources: postinstall, prepare.",
    build: "The project's own build; what it makes is there for the packages that need it.",
  },
  seconds: { install: 30, build: 20 },
  clocks: { install: "build", prepare: "build", build: "build" },
  causes: {
    "lock-file": {
      code: 13,
      meaning: "the lock file disagrees with package.json, or its package manager cannot read it",
    },
    migration: { code: 16, meaning: "a migration of the database failed" },
    "no-project": { code: 21, meaning: "there is nothing to check in this folder" },
  },
} as const satisfies Room

declare module "../config/config.js" {
  interface Config extends SectionsOf<typeof ROOM> {}
}
declare module "../run/causes.js" {
  interface Causes extends CausesOf<typeof ROOM> {}
}
