import type { StageResult } from "../run/stage.js"

/** How readers of settings say that a variable is not set. */
const UNSET: readonly RegExp[] = [
  // dotenv-safe, env-schema, @nestjs/config with Joi, env-var, envalid, Adonis, Prisma.
  /MissingEnvVarsError: The following variables were defined[^:]*:\s*(?<name>[A-Z]\w+)/,
  /env must have required property '(?<name>\w+)'/,
  /Config validation error:[^\n]*"(?<name>[A-Z]\w+)" is required/,
  /env-var: "(?<name>\w+)" is a required variable, but it was not set/,
  /Missing environment variables?:?\s+"?(?<name>[A-Z]\w+)/,
  /Environment variable not found: (?<name>\w+)/,
  // People's own words.
  /\b[Ee]nv(?:ironment)? variable "?(?<name>[A-Z]\w+)"? (?:is (?:not (?:set|defined)|required|missing)|must be (?:set|provided|defined))/,
]

/**
 * Says which variable a suite lacks of which no test ran, or whose failed tests all say so: nobody told Slipway its value.
 * Null for other failures.
 */
export function withoutVariable({ tests, log }: Pick<StageResult, "log" | "tests">): string | null {
  const failed = tests.filter(({ verdict }) => verdict === "failed").map(({ message }) => message ?? "")
  const names = (tests.length === 0 ? [log.text] : failed).map((said) =>
    UNSET.map((one) => one.exec(said)?.groups?.name).find(Boolean),
  )
  const [name] = names
  return name === undefined || names.includes(undefined)
    ? null
    : `the variable ${name} is not set: no job of the team's CI and no example of an env file says its value. Set it under \`stages.<stage>.env\` in slipway.yaml`
}
