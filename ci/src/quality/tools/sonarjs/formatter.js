import * as path from "node:path"

/**
 * What Slipway reads of ESLint: each file that was looked at, and each message of a SonarJS rule with the type that
 * the rule gives itself. A message without a rule is a file that could not be parsed.
 */
export default function formatter(results, { cwd, rulesMeta }) {
  const messages = results.flatMap(({ filePath, messages }) =>
    messages
      .filter(({ ruleId, fatal }) => fatal || ruleId?.startsWith("sonarjs/"))
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
