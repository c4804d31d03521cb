import * as z from "zod/mini"

/** What the schema of `slipway.yaml` is put together from. */

/** Between the names in the error text of an unknown key. */
export const KEY_SEPARATOR = ", "

const DURATION = /^(?=.*[1-9])(?=\d)(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s)?$/
/** Names that people choose: of stages, environments, services. */
export const NAME = /^[a-z][a-z0-9-]*$/
const NAME_EXPECTED = "lower-case letters, digits and dashes, a letter first"
/** Names of environment variables, as POSIX has them. */
// eslint-disable-next-line sonarjs/concise-regex -- the schema for editors has it: in some of their dialects, \w is any letter
export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
/** No leading dash: the value ends up as an argument of a command, where a dash would make it an option. */
export const ARGUMENT = /^[^\s-]\S*$/
/** Relative, and never up and out of the project. */
export const INSIDE = /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\\]+$/

/** The same for a pattern, in which a backslash takes a character as it is. */
const GLOB = /^(?!!?\/)(?!!?(?:.*\/)?\.\.(?:\/|$)).+$/

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

/** Text that matches a pattern; by default, text that is not blank. `expected` is the error. */
export const text = (expected: string, pattern = /\S/) => z.string(expected).check(z.regex(pattern, expected))
/** A whole number from `min` to `max`. */
export const whole = (expected: string, min: number, max: number) =>
  z.int(expected).check(z.gte(min, expected), z.lte(max, expected))
/** A key that may be left out, or be null: both give null. */
export const orNull = <T extends z.ZodMiniType>(schema: T) => z._default(z.nullable(schema), null)
/** Describes a key: in the JSON Schema that editors show, and in the docs. */
export const about = <T extends z.ZodMiniType>(description: string, schema: T): T =>
  schema.check(z.describe(description))

/** A name that matches {@link NAME}. */
export const name = () => text(NAME_EXPECTED, NAME)

/** A key with nothing behind it means the same as no key: people comment out what stands below it. */
export const list = <T extends z.ZodMiniType>(
  schema: T,
  expected: string,
  fallback: readonly unknown[] = [],
) =>
  z.prefault(
    z.pipe(
      z.transform((value: unknown) => value ?? fallback),
      z.array(schema, expected),
    ),
    fallback,
  )
/** A map whose keys people choose. A key with nothing behind it is an empty map. */
export const map = <T extends z.ZodMiniType>(key: z.ZodMiniString, value: T, expected: string) =>
  z.prefault(
    z.pipe(
      z.transform((value: unknown) => value ?? {}),
      z.record(key, value, expected),
    ),
    {},
  )
/** A map of {@link keyed} that may be left out: then all its keys have their defaults. */
export const section = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.prefault(
    z.pipe(
      z.transform((value: unknown) => value ?? {}),
      keyed(shape),
    ),
    {},
  )
/** A map with known keys alone. The error of an unknown key lists the known ones. */
export const keyed = <T extends z.core.$ZodLooseShape>(shape: T) => {
  const keys = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? keys.join(KEY_SEPARATOR)
        : `a map with keys such as "${keys.slice(0, 3).join('", "')}"`,
  })
}

/** A duration, read as seconds. */
export const duration = () =>
  z.pipe(text('a duration such as "90s", "10m" or "1h"', DURATION), z.transform(parseDuration))
/** A folder of the project. */
export const folder = () =>
  z.pipe(text("a folder in the project, relative to it", INSIDE), z.transform(normalizeFolder))
/** Glob patterns of files in the project; one that begins with `!` excludes. */
export const patterns = (fallback: readonly string[] = []) =>
  list(text("a glob pattern relative to the project", GLOB), "a list of glob patterns", fallback)
/** The reference of an image, with its tag or digest. */
export const image = () => text('an image such as "python:3.13-slim"', ARGUMENT)
/** Variables of a command, by their names. */
export const env = () =>
  about(
    "Environment variables. Not for secrets: this file is in the repository.",
    map(
      text("letters, digits and underscores", VARIABLE),
      z.string("text (put it in quotes)"),
      "a map of variable names to text",
    ),
  )
/** The timeout of a stage in seconds; null: the stage's default. */
export const timeout = () =>
  about("How long it may take: 90s, 10m, 1h, 1h30m. The stage has its own default.", orNull(duration()))
