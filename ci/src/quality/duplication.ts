import { plural } from "../formats/figures.js"
import { parseJson, recordOf, recordsOf } from "../formats/json.js"
import { measured, measureText } from "../run/measures.js"
import type { Finding } from "../run/result.js"
import { type Given, type Ran, type StageKind, type StageResult, WORKDIR } from "../run/stage.js"
import { judged, lookedAt, noReport, notLooked, standing, tooLarge } from "./looked.js"
import { LEAVE_OUT_MINIFIED, linesOf, MEMORY, MINIFIED, runTool } from "./run-tool.js"
import { ENDINGS, sources, withLeftOut } from "./sources.js"

const KIND = "duplication"
const TOOL = "/tools/jscpd"
const REPORT = "/tmp/jscpd/jscpd-report.json"
/** Written where no file is as long as the shortest clone: jscpd then leaves no report. */
const NONE = "/tmp/jscpd-none"
/** Names of the files that jscpd leaves out for their size, one a line. It does not tell them itself. */
const LARGE = "/tmp/jscpd-large"
const TIMEOUT = 600
const LINES = 10
/** The largest file that jscpd reads. No file of this size has more lines than that. */
const MEBIBYTES = 5
const BYTES = MEBIBYTES * 1024 ** 2

/** As SonarQube counts: 100 tokens in a row, over at least 10 lines (its "Metric definitions", duplications). */
const RUN = [
  `find . -type f -size +${BYTES}c >${LARGE};`,
  LEAVE_OUT_MINIFIED,
  `node --max-old-space-size=${MEMORY} ${TOOL}/node_modules/jscpd/bin/jscpd . --min-tokens 100 --min-lines ${LINES} --max-lines ${BYTES + 1} --max-size ${BYTES}`,
  "--no-gitignore --noSymlinks --silent --reporters json --output /tmp/jscpd &&",
  `{ [ -e ${REPORT} ] || [ -n "$(find . -type f -exec awk 'FNR == ${LINES}' {} +)" ] || echo none > ${NONE}; }`,
].join(" ")

/** Looks for lines that are repeated, against a limit (jscpd). */
export const duplication: StageKind = {
  kind: KIND,
  applies(project) {
    const { any, leftOut, ...inputs } = sources(project, ENDINGS.all)
    if (!any) return { applies: false, reason: "no source file of a language that jscpd knows" }
    const stage = {
      name: KIND,
      kind: KIND,
      needs: [],
      because: `jscpd; at most ${project.config.quality.duplication} % of lines`,
      inputs: { ...inputs, include: [...inputs.include, ".jscpd.json"] },
      run: (given: Given) => run(given, leftOut),
    }
    return { applies: true, stages: [stage] }
  },
}

const run = (given: Given, leftOut: number) =>
  runTool(
    given,
    {
      kind: KIND,
      source: "quality/tools/jscpd",
      name: "jscpd",
      folder: TOOL,
      run: RUN,
      reports: [REPORT, NONE, LARGE, MINIFIED],
      timeout: TIMEOUT,
    },
    (all, ran, version) => withLeftOut(judge(all, ran, version), leftOut + linesOf(ran.reports[MINIFIED])),
  )

/** Returns the outcome by jscpd's report. */
export function judge(given: Pick<Given, "base" | "project">, ran: Ran, version: string): StageResult {
  const limit = given.project.config.quality.duplication
  const unread = tooLarge(ran.reports[LARGE], `${MEBIBYTES} MiB`, "jscpd")
  if (ran.reports[NONE] !== undefined)
    return judged(ran, {
      passed: true,
      summary: `no file has ${LINES} lines, so none is duplicated`,
      findings: [],
      looked: [lookedAt("jscpd", version, "files of a few lines")],
      unread,
    })
  const { statistics, duplicates } = recordOf(parseJson(ran.reports[REPORT]))
  const total = recordOf(recordOf(statistics).total)
  const { sources: files, lines, duplicatedLines } = total
  if (typeof files !== "number" || typeof lines !== "number" || typeof duplicatedLines !== "number")
    return noReport(ran, "jscpd")
  if (files === 0) return notLooked(ran, "jscpd read no file")
  const value = lines === 0 ? 0 : Math.round((10_000 * duplicatedLines) / lines) / 100
  const measure = measured(given, KIND, { name: "duplicated lines", value, unit: "%", limit })
  const passed = value <= limit
  return judged(ran, {
    passed,
    summary: measureText(measure),
    findings: standing(recordsOf(duplicates).map(clone), !passed, `${limit} % of lines may be duplicated`),
    measures: [measure],
    looked: [lookedAt("jscpd", version, `${plural(files, "file")}, ${plural(lines, "line")}`)],
    unread,
  })
}

function clone({ lines, firstFile, secondFile }: Readonly<Record<string, unknown>>): Finding {
  const [first, second] = [place(firstFile), place(secondFile)]
  return {
    rule: "duplicated-lines",
    severity: "low",
    message: `${plural(Number(lines), "line")} as at ${first.file}:${first.line}`,
    ...second,
    tools: ["jscpd"],
  }
}

function place(value: unknown): { readonly file: string; readonly line: number | null } {
  const { name, start } = recordOf(value)
  const file = String(name).replace(`${WORKDIR}/`, "").replace(/^\.\//, "")
  return { file, line: typeof start === "number" ? start : null }
}
