import type { Directory } from "@dagger.io/dagger"
import { plural } from "../formats/figures.js"
import { type JsonRecord, parseJson, recordOf, recordsOf, textsOf } from "../formats/json.js"
import type { Image } from "../run/images.js"
import { fromCommand } from "../run/outcome.js"
import type { Finding, Looked, Severity } from "../run/result.js"
import { type Given, type Ran, type StageResult, WORKDIR, withEnvironment } from "../run/stage.js"

/** Finds patterns in code, by rules. */
export const SEMGREP: Image = { name: "semgrep/semgrep", tag: "1.182.0" }

const RULES = "/rules"
const REPORT = "/tmp/semgrep.json"

/** Files that are nobody's source, in place of Semgrep's own list, which leaves out tests. */
const LEAVE_OUT = [
  "node_modules/",
  "dist/",
  "build/",
  "vendor/",
  "*.min.js",
  "package-lock.json",
  "yarn.lock",
]

/** What Semgrep says of a folder. */
export interface SemgrepReport {
  readonly version: string
  /** Files that it looked at, as paths of the project. */
  readonly scanned: readonly string[]
  readonly findings: readonly Finding[]
  /** Rules that it could not use: it then has not looked for what they look for. */
  readonly broken: readonly string[]
  /** Files, or parts of them, that it could not read. */
  readonly unread: readonly string[]
}

/** A scan that looked, or the outcome of a stage whose scan did not. */
export type SemgrepScan =
  | { readonly looked: true; readonly ran: Ran; readonly report: SemgrepReport; readonly proof: Looked }
  | { readonly looked: false; readonly result: StageResult }

/**
 * Runs Semgrep with a folder of rules over a stage's files. Nothing is asked of the network.
 *
 * @param rules YAML files of rules; folders in it are looked into.
 * @param timeout seconds.
 */
export async function semgrep(
  given: Given,
  rules: Directory,
  timeout: number,
  env: Readonly<Record<string, string>> = {},
): Promise<SemgrepScan> {
  const source = given.project.files.includes(".semgrepignore")
    ? given.source
    : given.source.withNewFile(".semgrepignore", `${LEAVE_OUT.join("\n")}\n`)
  const ran = await given.command({
    container: withEnvironment(given.image(SEMGREP), env)
      .withDirectory(RULES, rules)
      .withDirectory(WORKDIR, source)
      .withWorkdir(WORKDIR),
    steps: [{ name: "semgrep", run: COMMAND, timeout }],
    reports: [REPORT],
  })
  return judge(ran)
}

const COMMAND = [
  `semgrep scan --config ${RULES} --json --output ${REPORT}`,
  "--metrics off --disable-version-check --no-git-ignore --no-rewrite-rule-ids --quiet .",
].join(" ")

/** A scan is one only when Semgrep says which files it read, and could use every rule. */
export function judge(ran: Ran): SemgrepScan {
  const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
  const not = (summary: string): SemgrepScan => ({
    looked: false,
    result: { ...outcome, verdict: "errored", cause: outcome.cause ?? "errored", summary },
  })
  if (ran.failed?.timedOut || ran.failed?.exitCode === 127) return not(outcome.summary)
  const report = readSemgrep(ran.reports[REPORT])
  if (report === null) return not(`semgrep left no report that can be read: ${lastLine(ran.log.text)}`)
  if (report.broken.length > 0) return not(`semgrep could not use a rule: ${report.broken[0]}`)
  if (ran.failed) return not(`semgrep exited with code ${ran.failed.exitCode}: ${lastLine(ran.log.text)}`)
  if (report.scanned.length === 0)
    return not("semgrep looked at no file: see .semgrepignore, and `ignore` in slipway.yaml")
  const unread = report.unread.length > 0 ? `, ${report.unread.length} not wholly read` : ""
  const what = `${plural(report.scanned.length, "file")}${unread}`
  const proof: Looked = { tool: "semgrep", version: report.version, verdict: "passed", what, database: null }
  return { looked: true, ran, report, proof }
}

const lastLine = (log: string) => log.trim().split("\n").at(-1) || "it wrote nothing"

/** `ERROR`, `WARNING` and `INFO` are Semgrep's older names. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  CRITICAL: "critical",
  HIGH: "high",
  ERROR: "high",
  MEDIUM: "medium",
  WARNING: "medium",
  LOW: "low",
  INFO: "info",
}

/** Reads the report of `semgrep --json`; null for what is none. */
export function readSemgrep(text: string | undefined): SemgrepReport | null {
  const json = recordOf(parseJson(text))
  if (typeof json.version !== "string" || !Array.isArray(json.results)) return null
  const errors: readonly Problem[] = recordsOf(json.errors).map(problem)
  return {
    version: json.version,
    scanned: textsOf(recordOf(json.paths).scanned).map(plain),
    findings: recordsOf(json.results).map(finding),
    broken: errors.filter(({ file }) => file === null).map(({ message }) => message),
    unread: [...new Set(errors.flatMap(({ file }) => file ?? []))],
  }
}

interface Problem {
  readonly message: string
  readonly file: string | null
}

function problem({ message, path }: JsonRecord): Problem {
  const text = typeof message === "string" ? message : "it gave no reason"
  return { message: text.split("\n")[0] ?? text, file: typeof path === "string" ? plain(path) : null }
}

function finding({ check_id, path, start, extra }: JsonRecord): Finding {
  const { message, severity } = recordOf(extra)
  const { line } = recordOf(start)
  return {
    rule: String(check_id),
    severity: SEVERITIES[String(severity)] ?? "medium",
    message: String(message).trim(),
    file: typeof path === "string" ? plain(path) : null,
    line: typeof line === "number" ? line : null,
    tools: ["semgrep"],
  }
}

const plain = (path: string) => path.replace(/^\.\//, "")
