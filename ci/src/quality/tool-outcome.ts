import { plural } from "../formats/figures.js"
import { baseName } from "../project/paths.js"
import { fromCommand } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import { type Ran, type StageResult, WORKDIR } from "../run/stage.js"
import { type ToolRun, toolRuns } from "../tools/hook.js"
import { CHANGES, COMPARE, readChanges } from "./changes.js"
import { readEslint, readFindings } from "./findings.js"

/** Readers of what the tools wrote, and the tools whose lines in a log then say the same. */
const READERS: Readonly<
  Record<string, { readonly tools: readonly string[]; readonly read: typeof readEslint }>
> = {
  "eslint.json": { tools: ["ESLint"], read: readEslint },
  "annotations.txt": {
    tools: ["Biome", "annotations"],
    read: (text, root, folder) => readFindings(text, root, folder),
  },
}

function findingsOf(ran: Ran, folder: string): readonly Finding[] {
  const runs = toolRuns(ran.reports)
  const written = runs.flatMap((run) => readersOf(run).map((reader) => ({ run, ...reader })))
  const known = written.flatMap(({ tools }) => tools)
  return [
    ...written.flatMap(({ run, read, text }) => read(text, WORKDIR, run.folder)),
    ...readFindings(ran.log.text, WORKDIR, folder, known),
  ]
}

const readersOf = ({ files }: ToolRun) =>
  Object.entries(READERS).flatMap(([name, reader]) => {
    const text = files[name]
    return text === undefined ? [] : [{ ...reader, text }]
  })

const isWarning = ({ severity }: Finding) => severity === "low"
const isHint = ({ severity }: Finding) => severity === "info"
const isError = (finding: Finding) => !isWarning(finding) && !isHint(finding)

/** `2 findings` of errors alone, `1 error, 8 warnings, 10 hints` of several kinds; empty for none. */
function counted(findings: readonly Finding[]): string {
  const counts = [
    { word: "error", count: findings.filter(isError).length },
    { word: "warning", count: findings.filter(isWarning).length },
    { word: "hint", count: findings.filter(isHint).length },
  ].filter(({ count }) => count > 0)
  const [only] = counts
  if (only?.word === "error" && counts.length === 1) return plural(only.count, "finding")
  return counts.map(({ word, count }) => plural(count, word)).join(", ")
}

/** A script may hide its linter's errors: `eslint . || true`, `eslint . | tee log`. */
function passedText(findings: readonly Finding[], count: string): string {
  if (count === "") return "nothing found"
  return findings.some(isError) ? `${count}, though the script exits with code 0` : count
}

/** Of a tool that failed by its errors: its warnings are shown, and block nothing. */
function standing(findings: readonly Finding[]): readonly Finding[] {
  if (!findings.some(isError)) return findings
  return findings.map((finding) =>
    isError(finding) ? finding : { ...finding, standing: { status: "reported", why: "" } },
  )
}

/**
 * Judges a linter, formatter or type checker: by its exit code, and by the files that it changed.
 *
 * @param folder where it ran, relative to the project.
 */
export function judgeTool(ran: Ran, folder: string): StageResult {
  const findings = findingsOf(ran, folder)
  const count = counted(findings)
  const outcome = fromCommand(ran, {
    passed: passedText(findings, count),
    failed: count === "" ? null : count,
    findings: ran.failed === null ? findings : standing(findings),
    tests: [],
  })
  if (ran.failed?.name === COMPARE.name) return { ...outcome, verdict: "errored", cause: "errored" }
  const changes = readChanges(ran.reports[CHANGES])
  if (ran.failed !== null || changes.length === 0) return outcome
  const reported = findings.map((one): Finding => ({ ...one, standing: { status: "reported", why: "" } }))
  return {
    ...outcome,
    verdict: "failed",
    cause: "failed",
    summary: `the script changed ${plural(changes.length, "file")}: it repairs what it should report`,
    findings: [...changes, ...reported],
  }
}

/** What linters say when they have no configuration. */
const UNCONFIGURED =
  /^.*(?:couldn't find (?:an eslint\.config\.|a configuration file)|No configuration provided for).*$/m

/** What a shell says of a linter that is not installed. */
const UNINSTALLED =
  /^.*\b(?<program>eslint|standard|semistandard|xo|oxlint|biome|tslint|jshint): (?:command )?not found$/m

/** Returns what a linter has to look by, and does not: its configuration, or itself. Null where it lacks neither. */
function lacked({ verdict }: StageResult, log: string, packages: readonly string[]): string | null {
  const line = UNCONFIGURED.exec(log)?.[0].trim()
  if (verdict === "failed" && line !== undefined)
    return `lacks its configuration, and the team's CI does not run it: ${line}`
  const { program } = UNINSTALLED.exec(log)?.groups ?? {}
  const isOther = program === undefined || packages.some((name) => baseName(name) === program)
  return verdict === "passed" || isOther
    ? null
    : `calls ${program}, which no package.json names, and the team's CI does not run it`
}

/**
 * Skips a linter that has no configuration, or is no dependency, and that the team's CI does not run either: there is
 * nothing to look by.
 *
 * @param packages the dependencies.
 */
export function withoutConfiguration(
  result: StageResult,
  log: string,
  script: string,
  packages: readonly string[],
): StageResult {
  const why = lacked(result, log, packages)
  if (why === null) return result
  return { ...result, verdict: "skipped", cause: null, findings: [], summary: `the script ${script} ${why}` }
}

/** Where it is noted how a script that only repairs ended. */
export const ENDED = "/slipway/ended"

/** Runs a script that only repairs: what it changed decides, however it ends. */
export const repairing = (command: string): string => `(${command}); echo $? >${ENDED}`

/** Judges a script that only repairs. One that fails and changed nothing is no check. */
export function judgeRepair(ran: Ran, folder: string): StageResult {
  const outcome = judgeTool(ran, folder)
  const code = Number(ran.reports[ENDED] ?? 0)
  if (outcome.verdict !== "passed" || code === 0) return outcome
  const summary = `the script only repairs, and ended with exit code ${code} without a change`
  return { ...outcome, verdict: "skipped", cause: null, summary }
}
