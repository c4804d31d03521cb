import { plural } from "../formats/figures.js"
import { type JsonRecord, parseJson, recordOf, recordsOf } from "../formats/json.js"
import { measured, measureText } from "../run/measures.js"
import type { Finding } from "../run/result.js"
import type { Given, Ran, StageKind, StageResult } from "../run/stage.js"
import { judged, lookedAt, notLooked, standing } from "./looked.js"
import { runTool } from "./run-tool.js"
import { ENDINGS, sources } from "./sources.js"

const KIND = "maintainability"
const TOOL = "/tools/sonarjs"
const REPORT = "/tmp/sonarjs.json"
const TIMEOUT = 900

const RUN = [
  `node ${TOOL}/node_modules/eslint/bin/eslint.js . --no-config-lookup --config ${TOOL}/eslint.config.js`,
  `--format ${TOOL}/formatter.js --output-file ${REPORT}`,
].join(" ")

/** Bugs and code smells by SonarJS' own rules, against a gate of SonarQube's kind. */
export const maintainability: StageKind = {
  kind: KIND,
  applies(project) {
    const { any, ...inputs } = sources(project, ENDINGS.scripts)
    if (!any) return { applies: false, reason: "there is no source file of JavaScript or TypeScript" }
    const { bugs, smells } = project.config.quality
    const because = `SonarJS' rules; at most ${plural(bugs, "bug")}, ${plural(smells, "code smell")}`
    return { applies: true, stages: [{ name: KIND, kind: KIND, needs: [], because, inputs, run }] }
  },
}

const run = (given: Given) =>
  runTool(
    given,
    {
      kind: KIND,
      source: "quality/tools/sonarjs",
      name: "eslint-plugin-sonarjs",
      folder: TOOL,
      run: RUN,
      reports: [REPORT],
      timeout: TIMEOUT,
    },
    judge,
  )

/**
 * What a rule's type (ESLint's `meta.type`, which SonarJS fills from the types of Sonar's rules) makes of a finding.
 * Rules about security, problems too, are turned off in the tool's configuration.
 */
const TYPES = { problem: { severity: "high" }, suggestion: { severity: "low" } } as const

/** The outcome by the report that the formatter beside the tool writes. */
export function judge(given: Pick<Given, "base" | "project">, ran: Ran, version: string): StageResult {
  const allowed = given.project.config.quality
  const report = recordOf(parseJson(ran.reports[REPORT]))
  const { files } = report
  const messages = recordsOf(report.messages)
  if (typeof files !== "number") return notLooked(ran, "SonarJS", "left no report that can be read")
  const unread = messages.filter(({ rule }) => rule === null)
  if (files - unread.length <= 0) return notLooked(ran, "SonarJS", "could read no file")
  const of = (type: keyof typeof TYPES) =>
    messages.filter((message) => message.rule !== null && message.type === type).map((m) => found(m, type))
  const [bugs, smells] = [of("problem"), of("suggestion")]
  const measures = [
    measured(given, KIND, { name: "bugs", value: bugs.length, unit: "", limit: allowed.bugs }),
    measured(given, KIND, { name: "code smells", value: smells.length, unit: "", limit: allowed.smells }),
  ]
  const over = [bugs.length > allowed.bugs, smells.length > allowed.smells] as const
  const notParsed = unread.length > 0 ? `; ${plural(unread.length, "file")} could not be parsed` : ""
  return judged(ran, {
    passed: !over.includes(true),
    summary: `${measures.map(measureText).join("; ")}${notParsed}`,
    findings: [
      ...standing(bugs, over[0], `${plural(allowed.bugs, "bug")} allowed`),
      ...standing(smells, over[1], `${plural(allowed.smells, "code smell")} allowed`),
      ...standing(unread.map(unparsed), false, "what is not parsed is not looked at"),
    ],
    measures,
    looked: [lookedAt("eslint-plugin-sonarjs", version, `${plural(files, "file")}${notParsed}`)],
  })
}

const found = ({ file, line, rule, message }: JsonRecord, type: keyof typeof TYPES): Finding => ({
  rule: String(rule),
  severity: TYPES[type].severity,
  message: String(message),
  file: String(file),
  line: typeof line === "number" ? line : null,
  tools: ["eslint-plugin-sonarjs"],
})

const unparsed = (message: JsonRecord): Finding => ({
  ...found(message, "suggestion"),
  rule: "not-parsed",
})
