import * as path from "node:path"

/** Whether a name says by its underscore that it is unused on purpose, as TypeScript, ESLint and Biome take it. */
const unusedOnPurpose = ({ ruleId, message }) =>
  ruleId === "sonarjs/no-unused-vars" && /unused (?:function )?'_/.test(message)

/**
 * What Slipway reads of ESLint: each file that was looked at, and each message of a SonarJS rule with the type that
 * the rule gives itself. A message without a rule is a file that could not be parsed.
 */
export default function formatter(results, { cwd, rulesMeta }) {
  const messages = results.flatMap(({ filePath, messages }) =>
    messages
      .filter((found) => found.fatal || (found.ruleId?.startsWith("sonarjs/") && !unusedOnPurpose(found)))
      .map(({ ruleId, message, line }) => ({
        file: path.relative(cwd, filePath),
        line: line ?? null,
        rule: ruleId,
        type: rulesMeta[ruleId]?.type ?? null,
        message,
      })),
  )
  return JSON.stringify({ files: results.length, messages })
}
