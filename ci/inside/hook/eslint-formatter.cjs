// A formatter of ESLint that prints what people read, and writes JSON.
const fs = require("node:fs")
const path = require("node:path")

const LEVELS = { 1: "warning", 2: "error" }

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`

const lineOf = ({ line = 0, column = 0, severity, message, ruleId }) =>
  `  ${line}:${column}  ${LEVELS[severity]}  ${message.replace(/\.$/, "")}  ${ruleId ?? ""}`.trimEnd()

module.exports = (results) => {
  const written = results.map(({ filePath, messages }) => ({ filePath, messages }))
  fs.writeFileSync(path.join(process.env.SLIPWAY_RUN, "eslint.json"), JSON.stringify(written))
  const files = results.filter(({ messages }) => messages.length > 0)
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  const [errors, warnings] = [sum("errorCount"), sum("warningCount")]
  if (files.length === 0) return ""
  const blocks = files.map(({ filePath, messages }) => [filePath, ...messages.map(lineOf), ""].join("\n"))
  const all = `✖ ${plural(errors + warnings, "problem")} (${plural(errors, "error")}, ${plural(warnings, "warning")})`
  return `\n${blocks.join("\n")}\n${all}\n`
}
