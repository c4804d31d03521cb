import { plural } from "../formats/figures.js"
import { type JsonRecord, parseJson, recordOf, recordsOf } from "../formats/json.js"
import { measured, measureText } from "../run/measures.js"
import type { Finding } from "../run/result.js"
import type { Given, Ran, StageKind, StageResult, Unread } from "../run/stage.js"
import { judged, lookedAt, noReport, notLooked, standing, tooLarge } from "./looked.js"
import { LEAVE_OUT_MINIFIED, linesOf, MEMORY, MINIFIED, runTool } from "./run-tool.js"
import { ENDINGS, sources, withLeftOut } from "./sources.js"

const KIND = "maintainability"
/** The package whose rules are used. */
const RULES = "eslint-plugin-sonarjs"
const TOOL = "/tools/sonarjs"
const REPORT = "/tmp/sonarjs.json"
const TIMEOUT = 900

/** Names of the files that SonarJS leaves out for their size, one a line. */
const LARGE = "/tmp/sonarjs-large"
/** The largest file that it reads, in kB: its rules take minutes for a larger one. */
const KILOBYTES = 500

const RUN = [
  `find . -type f -size +${KILOBYTES * 1000}c -print -delete >${LARGE};`,
  LEAVE_OUT_MINIFIED,
  `node --max-old-space-size=${MEMORY} ${TOOL}/node_modules/eslint/bin/eslint.js . --no-config-lookup --no-error-on-unmatched-pattern --config ${TOOL}/eslint.config.js`,
  `--format ${TOOL}/formatter.js --output-file ${REPORT}`,
].join(" ")

/** Looks for bugs and code smells with SonarJS' own rules, against a gate of SonarQube's kind. */
export const maintainability: StageKind = {
  kind: KIND,
  applies(project) {
    const { any, leftOut, ...inputs } = sources(project, ENDINGS.scripts)
    if (!any) return { applies: false, reason: "no source file of JavaScript or TypeScript" }
    const { bugs, smells } = project.config.quality
    const because = `SonarJS' rules; at most ${plural(bugs, "bug")}, ${plural(smells, "code smell")}`
    return {
      applies: true,
      stages: [{ name: KIND, kind: KIND, needs: [], because, inputs, run: (given) => run(given, leftOut) }],
    }
  },
}

const run = (given: Given, leftOut: number) =>
  runTool(
    given,
    {
      kind: KIND,
      source: "quality/tools/sonarjs",
      name: RULES,
      folder: TOOL,
      run: RUN,
      reports: [REPORT, LARGE, MINIFIED],
      timeout: TIMEOUT,
    },
    (all, ran, version) => withLeftOut(judge(all, ran, version), leftOut + linesOf(ran.reports[MINIFIED])),
  )

/**
 * Severity of a finding by its rule's type (ESLint's `meta.type`, which SonarJS fills from the types of Sonar's rules).
 * The tool's configuration turns rules about security off.
 */
const TYPES = { problem: { severity: "high" }, suggestion: { severity: "low" } } as const

/** Returns the outcome by the report that the formatter beside the tool writes. */
export function judge(given: Pick<Given, "base" | "project">, ran: Ran, version: string): StageResult {
  const allowed = given.project.config.quality
  const report = recordOf(parseJson(ran.reports[REPORT]))
  const { files } = report
  const messages = recordsOf(report.messages)
  if (typeof files !== "number") return noReport(ran, "SonarJS")
  const broken = messages.filter(({ rule }) => rule === null).map(unparsed)
  const unread = [...broken, ...tooLarge(ran.reports[LARGE], `${KILOBYTES} kB`, RULES)]
  const read = files - new Set(broken.map(({ file }) => file)).size
  const taken = linesOf(ran.reports[MINIFIED]) + linesOf(ran.reports[LARGE])
  // Of a project with minified files alone, nothing is left to read.
  if (read <= 0 && (files > 0 || taken === 0))
    return notLooked(ran, `SonarJS read no file: ${unread[0]?.reason ?? "all are left out"}`)
  const of = (type: keyof typeof TYPES) =>
    messages.filter((message) => message.rule !== null && message.type === type).map((m) => found(m, type))
  const [bugs, smells] = [of("problem"), of("suggestion")]
  const measures = [
    measured(given, KIND, { name: "bugs", value: bugs.length, unit: "", limit: allowed.bugs }),
    measured(given, KIND, { name: "code smells", value: smells.length, unit: "", limit: allowed.smells }),
  ]
  const over = [bugs.length > allowed.bugs, smells.length > allowed.smells] as const
  return judged(ran, {
    passed: !over.includes(true),
    summary: measures.map(measureText).join("; "),
    findings: [
      ...standing(bugs, over[0], `${plural(allowed.bugs, "bug")} allowed`),
      ...standing(smells, over[1], `${plural(allowed.smells, "code smell")} allowed`),
    ],
    measures,
    looked: [lookedAt(RULES, version, plural(read, "file"))],
    unread,
  })
}

const found = ({ file, line, rule, message }: JsonRecord, type: keyof typeof TYPES): Finding => ({
  rule: String(rule),
  severity: TYPES[type].severity,
  message: String(message),
  file: String(file),
  line: lineOf(line),
  tools: [RULES],
})

const unparsed = ({ file, line, message }: JsonRecord): Unread => ({
  file: String(file),
  line: lineOf(line),
  reason: String(message),
  tools: [RULES],
})

const lineOf = (line: unknown): number | null => (typeof line === "number" ? line : null)
