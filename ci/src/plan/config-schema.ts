import * as z from "zod/mini"

/**
 * The schema of `slipway.yaml`. An error text in it completes "expected …", for {@link parseConfig} to build
 * messages from; that of a map with fixed keys is the list of those keys when a key is unknown.
 */

/** What is used where slipway.yaml does not say. */
export const DEFAULTS = {
  concurrency: 4,
  postgres: { version: "15", database: "test", user: "test" },
  inputs: ["**"],
} as const

/** Between the names in the error text of an unknown key. */
export const KEY_SEPARATOR = ", "

/** The major versions of Node.js that Slipway has images for. */
export const NODE_MAJORS = ["18", "19", "20", "21", "22", "23", "24", "25", "26"] as const

const DURATION = /^(?=.*[1-9])(?=\d)(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s)?$/
const NAME = /^[a-z][a-z0-9-]*$/
const NAME_EXPECTED = "lower-case letters, digits and dashes, a letter first"
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
/** No leading dash: the value ends up as an argument of a command, where a dash would make it an option. */
const ARGUMENT = /^[^\s-]\S*$/
/** Relative, and never up and out of the project. */
const INSIDE = /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\\]+$/

/** The seconds in a duration such as `90s`, `10m` or `1h30m`; null for any other text, and for no time at all. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text)
  if (match === null) return null
  const [hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0))
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)
}

/** A folder as Slipway writes it: without `./` before or `/` behind, and "" for the project itself. */
export function normalizeFolder(path: string): string {
  return path
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".")
    .join("/")
}

const text = (expected: string, pattern = /\S/) => z.string(expected).check(z.regex(pattern, expected))
const whole = (expected: string, min: number, max: number) =>
  z.int(expected).check(z.gte(min, expected), z.lte(max, expected))
const orNull = <T extends z.ZodMiniType>(schema: T) => z._default(z.nullable(schema), null)
const about = <T extends z.ZodMiniType>(description: string, schema: T): T =>
  schema.check(z.describe(description))

const name = () => text(NAME_EXPECTED, NAME)

/** A key with nothing behind it means the same as no key: people comment out what stands below it. */
const list = <T extends z.ZodMiniType>(schema: T, expected: string, fallback: readonly unknown[] = []) =>
  z.prefault(
    z.pipe(
      z.transform((value: unknown) => value ?? fallback),
      z.array(schema, expected),
    ),
    fallback,
  )
const map = <T extends z.ZodMiniType>(key: z.ZodMiniString, value: T, expected: string) =>
  z.prefault(
    z.pipe(
      z.transform((value: unknown) => value ?? {}),
      z.record(key, value, expected),
    ),
    {},
  )
const section = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.prefault(
    z.pipe(
      z.transform((value: unknown) => value ?? {}),
      keyed(shape),
    ),
    {},
  )
const keyed = <T extends z.core.$ZodLooseShape>(shape: T) => {
  const keys = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? keys.join(KEY_SEPARATOR)
        : `a map with keys such as "${keys.slice(0, 3).join('", "')}"`,
  })
}

const duration = () =>
  z.pipe(text('a duration such as "90s", "10m" or "1h"', DURATION), z.transform(parseDuration))
const folder = () =>
  z.pipe(text("a folder in the project, relative to it", INSIDE), z.transform(normalizeFolder))
const patterns = (fallback: readonly string[] = []) =>
  list(text("a glob pattern relative to the project", INSIDE), "a list of glob patterns", fallback)
const image = () => text('an image such as "python:3.13-slim"', ARGUMENT)
const env = () =>
  about(
    "Environment variables. Not for secrets: this file is in the repository.",
    map(
      text("letters, digits and underscores", VARIABLE),
      z.string("text (put it in quotes)"),
      "a map of variable names to text",
    ),
  )
const timeout = () =>
  about("How long it may take: 90s, 10m, 1h, 1h30m. The stage has its own default.", orNull(duration()))

const stage = (description: string) =>
  about(
    description,
    section({
      enabled: about("false leaves the stage out.", z._default(z.boolean("true or false"), true)),
      script: about(
        "The package.json script to run instead of the detected one.",
        orNull(text("the name of a package.json script", ARGUMENT)),
      ),
      timeout: timeout(),
      env: env(),
    }),
  )

const service = () =>
  keyed({
    image: about("The service's image.", image()),
    port: about("The port it listens on.", whole("a port from 1 to 65535", 1, 65535)),
    env: env(),
  })

const custom = () =>
  keyed({
    image: about("The image that the commands run in.", image()),
    commands: about(
      "Shell commands, run in this order by sh -c.",
      z.array(text("a shell command"), "a list of commands").check(z.minLength(1, "at least one command")),
    ),
    workdir: about("The folder the commands run in, relative to the project.", z._default(folder(), "")),
    inputs: about(
      "The files the stage reads. It runs again only when one changes.",
      patterns(DEFAULTS.inputs),
    ),
    needs: about("Stages that must pass first.", list(text("the name of a stage"), "a list of stage names")),
    services: about(
      "Services to run beside it, by the host name they answer to.",
      map(name(), service(), "a map of host names to services"),
    ),
    caches: about(
      "Folders kept from run to run, by name.",
      map(name(), text("the path of a folder"), "a map of cache names to paths"),
    ),
    env: env(),
    timeout: timeout(),
    junit: about(
      "Where the commands leave JUnit reports, as a glob pattern.",
      orNull(text("a glob pattern relative to the project", INSIDE)),
    ),
  })

const node = () => {
  const expected = `a major version of Node.js from ${NODE_MAJORS[0]} to ${NODE_MAJORS.at(-1)}`
  const number = whole(expected, Number(NODE_MAJORS[0]), Number(NODE_MAJORS.at(-1)))
  return z.pipe(z.union([z.enum(NODE_MAJORS), number], expected), z.transform(String))
}

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

const postgres = () => {
  const version = 'a version such as "15" (one with a dot in quotes)'
  const role = () => text("letters, digits, dashes and underscores, no digit first", /^[A-Za-z_][\w-]{0,62}$/)
  return section({
    version: z._default(
      z.pipe(
        z.union([text(version, /^\d{1,2}(\.\d{1,2})?$/), whole(version, 1, 99)], version),
        z.transform(String),
      ),
      DEFAULTS.postgres.version,
    ),
    database: z._default(role(), DEFAULTS.postgres.database),
    user: z._default(role(), DEFAULTS.postgres.user),
  })
}

const stages = () =>
  section({
    install: stage("Dependencies, installed from the lock file."),
    lint: stage("The linter."),
    format: stage("The formatter, checking only."),
    types: stage("The type checker."),
    unit: stage("Unit tests."),
    integration: stage("Integration tests, against a migrated PostgreSQL."),
    image: stage("The images built from Dockerfiles."),
  })

/** Builds the schema. Done only when there is a file to check: building takes longer than most checks. */
export function configSchema() {
  return keyed({
    project: about("The name shown in reports.", orNull(text("a name"))),
    node: about("The major version of Node.js.", orNull(node())),
    workspaces: about(
      "The folders to treat as workspaces instead of the detected ones; [] for the root package alone.",
      orNull(z.array(folder(), "a list of folders")),
    ),
    concurrency: about(
      "How many stages run side by side.",
      z._default(whole("a whole number from 1 to 64", 1, 64), DEFAULTS.concurrency),
    ),
    ignore: about("Files left out of the source, besides those always left out.", patterns()),
    images: about("Where images come from.", images()),
    postgres: about("The PostgreSQL of integration tests.", postgres()),
    stages: about("Settings of the built-in stages.", stages()),
    custom: about("Stages of your own, by name.", map(name(), custom(), "a map of stage names to stages")),
  })
}

/** The JSON Schema of `slipway.yaml`, for editors: `ci/slipway.schema.json`. */
export function jsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(configSchema(), { io: "input", target: "draft-07" })
  return {
    $schema,
    title: "slipway.yaml",
    description: "What Slipway does not find out by itself.",
    ...schema,
  }
}
