import type { Config } from "../config/config.js"
import { anyOf } from "../formats/pattern.js"

/** True where slipway.yaml describes the running app: what fails then is the app's fault. */
export const isDescribed = ({ app }: Config): boolean =>
  [app.services, app.routes, app.headers].some((described) => Object.keys(described).length > 0)

const VARIABLE = "(?<variable>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"
const MISSING =
  "(?:missing|required|undefined|unset|not (?:set|defined|found|provided|configured)|must be|needs?|provide|expected)"

/** Names in capitals that are no variables. */
const CODES = /^(?:ERR|UV|MODULE|UNHANDLED|NODE|EVENT)_/

/** What a program prints where it lacks something that only the team knows. The first that matches counts. */
const LACKS: readonly {
  readonly pattern: RegExp
  readonly say: (groups: Record<string, string>) => string
}[] = [
  ...[`\\b${VARIABLE}\\b.{0,60}?\\b${MISSING}`, `\\b${MISSING}\\b.{0,60}?\\b${VARIABLE}\\b`].map(
    (pattern) => ({
      pattern: new RegExp(pattern, "i"),
      say: ({ variable = "" }) =>
        `it wants the variable ${variable}; give it one under \`app.services.NAME.env\``,
    }),
  ),
  {
    pattern: /(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN)\s+(?<host>[\w.-]+(?::\d+)?)/,
    say: ({ host = "" }) => `it reaches no ${host}; name what runs there under \`services\``,
  },
  {
    pattern: /ended with exit code 0$/m,
    say: () =>
      "it ended with exit code 0, and is no server as it stands; describe the app under `app.services`",
  },
]

/** Lines of ours, and of stacks. */
const NOISE = anyOf([/^slipway: (?:service|migration):/, /^\s+at /])

/**
 * Returns what an app that did not come up lacks, where its log shows that nobody but the team can say it; null where
 * the app itself is at fault.
 *
 * @param name of its service in slipway.yaml.
 */
export function lackingWord(log: string, name: string): string | null {
  const lines = log.split("\n").filter((line) => !NOISE.test(line))
  for (const { pattern, say } of LACKS)
    for (const line of lines) {
      const groups = pattern.exec(line)?.groups ?? (pattern.test(line) ? {} : null)
      if (groups === null || (groups.variable !== undefined && !isVariable(groups.variable))) continue
      return `${name} does not start unasked: ${say(groups)} in slipway.yaml`.replace("NAME", name)
    }
  return null
}

const isVariable = (name: string): boolean => name === name.toUpperCase() && !CODES.test(name)
