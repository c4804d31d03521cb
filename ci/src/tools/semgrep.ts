import type { Directory } from "@dagger.io/dagger"
import { plural } from "../formats/figures.js"
import { type JsonRecord, parseJson, recordOf, recordsOf, textsOf } from "../formats/json.js"
import { readSarif } from "../formats/sarif-reader.js"
import type { Image } from "../run/images.js"
import type { Finding, Severity } from "../run/result.js"
import { type Command, type Given, type Unread, WORKDIR, withEnvironment } from "../run/stage.js"

/** Finds patterns in code, by rules. */
export const SEMGREP: Image = { name: "semgrep/semgrep", tag: "1.182.0" }
/** Files of the project that decide what it looks at. */
export const SEMGREP_SETTINGS: readonly string[] = [".semgrepignore"]
/** The report that {@link semgrepCommand} leaves, in the container. */
export const SEMGREP_REPORT = "/tmp/semgrep.json"

/** The same as SARIF, which alone has what a comment `nosemgrep` accepts. */
export const SEMGREP_SARIF = "/tmp/semgrep.sarif"

const RULES = "/rules"

/** What Semgrep spends on one file before it leaves it out, and names it. */
const BOUNDS = { megabytes: 1, seconds: 10, timeouts: 3, memoryMegabytes: 4000 } as const

const RUN = [
  `semgrep scan --config ${RULES} --json --output ${SEMGREP_REPORT} --sarif-output ${SEMGREP_SARIF} --oss-only --no-rewrite-rule-ids`,
  `--max-target-bytes ${BOUNDS.megabytes * 1_000_000} --max-memory ${BOUNDS.memoryMegabytes}`,
  `--timeout ${BOUNDS.seconds} --timeout-threshold ${BOUNDS.timeouts}`,
  // Only a verbose run's report names the files that it left out.
  "--metrics off --disable-version-check --no-git-ignore --verbose .",
].join(" ")

/** How Semgrep looks at a stage's files. */
export interface SemgrepOptions {
  /** YAML files of rules; folders in it are read too. */
  readonly rules: Directory
  /** Seconds for the whole scan. */
  readonly timeout: number
  readonly env?: Readonly<Record<string, string>>
  /** What to leave out where the project has no .semgrepignore; Semgrep's own list, which has tests, where absent. */
  readonly leaveOut?: readonly string[]
}

/** Returns the command that runs Semgrep's rules over a stage's files. It asks nothing of the network. */
export function semgrepCommand(
  given: Given,
  { rules, timeout, env = {}, leaveOut }: SemgrepOptions,
): Command {
  const own = SEMGREP_SETTINGS.some((file) => given.project.files.includes(file))
  const source =
    own || leaveOut === undefined
      ? given.source
      : given.source.withNewFile(".semgrepignore", `${leaveOut.join("\n")}\n`)
  return {
    container: withEnvironment(given.image(SEMGREP), env)
      .withDirectory(RULES, rules)
      .withDirectory(WORKDIR, source)
      .withWorkdir(WORKDIR),
    steps: [{ name: "semgrep", run: RUN, timeout }],
    reports: [SEMGREP_REPORT, SEMGREP_SARIF],
  }
}

/** What Semgrep says of a folder. */
export interface SemgrepReport {
  readonly version: string
  /** Files that it read wholly, as paths of the project. */
  readonly read: readonly string[]
  readonly findings: readonly Finding[]
  /** Findings that a comment `nosemgrep` accepts, as waived. */
  readonly accepted: readonly Finding[]
  /** How many files .semgrepignore left out. */
  readonly ignored: number
  /** Rules that it could not use: it did not look for what they look for. */
  readonly broken: readonly string[]
  readonly unread: readonly Unread[]
}

/** Reads the report of `semgrep --json --verbose`, and the same as SARIF; null where it is not one. */
export function readSemgrep(text: string | undefined, sarif?: string): SemgrepReport | null {
  const json = recordOf(parseJson(text))
  const { scanned, skipped } = recordOf(json.paths)
  if (typeof json.version !== "string" || !Array.isArray(json.results) || !Array.isArray(scanned)) return null
  const errors = recordsOf(json.errors)
  const inFiles = errors.flatMap(unreadBy)
  const reasons = [...inFiles, ...recordsOf(skipped).flatMap(leftOut)]
  const unread = new Map(reasons.toReversed().map((one) => [one.file, one]))
  return {
    version: json.version,
    read: textsOf(scanned)
      .map(plain)
      .filter((file) => !unread.has(file)),
    findings: recordsOf(json.results).map(finding),
    accepted: acceptedIn(sarif),
    ignored: recordsOf(skipped).filter(({ reason }) => reason === "semgrepignore_patterns_match").length,
    broken: errors.filter((error) => unreadBy(error).length === 0).map(({ message }) => firstLine(message)),
    unread: [...unread.values()],
  }
}

/** Without fingerprints of Semgrep's own, which other findings do not have. */
function acceptedIn(sarif: string | undefined): readonly Finding[] {
  if (sarif === undefined) return []
  return readSarif(sarif)
    .flatMap(({ findings }) => findings)
    .filter(({ standing }) => standing?.status === "waived")
    .map(({ fingerprint: _, ...one }) => ({ ...one, tools: ["semgrep"] }))
}

/** `12 files, 3 left out by .semgrepignore` */
export const semgrepLooked = ({ read, ignored }: SemgrepReport, files: readonly string[]): string => {
  const own = SEMGREP_SETTINGS.some((file) => files.includes(file))
  const out = own && ignored > 0 ? `, ${ignored} left out by .semgrepignore` : ""
  return `${plural(read.length, "file")}${out}`
}

const firstLine = (message: unknown): string =>
  typeof message === "string" ? (message.split("\n")[0] ?? "") : "no reason given"

/** Why Semgrep left a file out unasked. All other reasons are choices: ignore files, other languages. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  exceeded_size_limit: `larger than ${BOUNDS.megabytes} MB`,
  too_big: `larger than ${BOUNDS.megabytes} MB`,
  too_many_matches: "too many matches",
  insufficient_permissions: "permission denied",
  analysis_failed_parser_or_internal_error: "parser or internal error",
}

function leftOut({ path, reason }: JsonRecord): readonly Unread[] {
  const why = LEFT_OUT[String(reason)]
  return typeof path === "string" && why !== undefined ? [unread(path, null, why)] : []
}

/** The file that an error is about; none for an error of a rule. */
function unreadBy(error: JsonRecord): readonly Unread[] {
  const { path, message, spans } = error
  if (typeof path !== "string" || path.startsWith(RULES)) return []
  const { line } = recordOf(recordOf(recordsOf(spans)[0]).start)
  const told = Number(/^[^\n]*:(\d+):(?:\n|$)/.exec(String(message))?.[1]) || null
  return [unread(path, typeof line === "number" ? line : told, reasonOf(error))]
}

/** Longest piece of a file that a reason quotes: more of it could be anybody's data. */
const QUOTED = 40

const KINDS: Readonly<Record<string, string>> = {
  PartialParsing: "syntax error, read in part",
  // Without its rule: which one it is depends on how busy the machine was.
  Timeout: `timeout after ${BOUNDS.seconds} s`,
}

/** `syntax error, read in part: "=" was unexpected`, `timeout after 10 s`, `out of memory` */
function reasonOf({ type, message }: JsonRecord): string {
  const kind = String(Array.isArray(type) ? type[0] : type)
  const name = KINDS[kind] ?? kind.toLowerCase()
  const [, quoted] = /\n\s*`([^\n`]+)` was unexpected\s*$/.exec(String(message)) ?? []
  return quoted === undefined || quoted.length > QUOTED ? name : `${name}: "${quoted}" was unexpected`
}

const unread = (path: string, line: number | null, reason: string): Unread => ({
  file: plain(path),
  line,
  reason,
  tools: ["semgrep"],
})

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

function finding({ check_id, path, start, extra }: JsonRecord): Finding {
  const { message, severity } = recordOf(extra)
  const { line } = recordOf(start)
  return {
    rule: String(check_id),
    severity: SEVERITIES[String(severity)] ?? "medium",
    message: String(message).replace(/\s+/g, " ").trim(),
    file: typeof path === "string" ? plain(path) : null,
    line: typeof line === "number" ? line : null,
    tools: ["semgrep"],
  }
}

const plain = (path: string) => path.replace(/^\.\//, "")
