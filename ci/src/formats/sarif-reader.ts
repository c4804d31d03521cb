import type { Finding, Severity } from "../run/result.js"
import { severityOfScore } from "./cvss.js"
import { type JsonRecord, recordOf } from "./json.js"

/** A tool's run in a SARIF file. */
export interface SarifRun {
  /** The tool's name. */
  readonly tool: string
  readonly version: string | null
  readonly findings: readonly Finding[]
}

const LEVELS: Readonly<Record<string, Severity>> = {
  error: "high",
  warning: "medium",
  note: "low",
  none: "info",
}

/**
 * Reads a SARIF 2.1.0 file of any tool. Skips results that are not problems; those that
 * the tool suppressed, as somebody accepted them, are waived.
 *
 * @throws {Error} with the reason, as words after the file's name: `is not JSON: …`.
 */
export function readSarif(text: string): readonly SarifRun[] {
  let log: unknown
  try {
    log = JSON.parse(text.replace(/^\uFEFF/, ""))
  } catch (error) {
    throw new Error(`is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const { version, runs } = recordOf(log)
  if (version !== "2.1.0")
    throw new Error(`is not SARIF 2.1.0: its version is ${JSON.stringify(version ?? null)}`)
  if (!Array.isArray(runs)) throw new Error("has no runs")
  return runs.map(readRun)
}

function readRun(run: unknown): SarifRun {
  const { tool, results, invocations } = recordOf(run)
  const { driver, extensions } = recordOf(tool)
  const { name, semanticVersion, version } = recordOf(driver)
  if (typeof name !== "string") throw new Error("has a run without the name of its tool")
  if (!Array.isArray(results)) throw new Error(`has a run of ${name} without results: the tool did not run`)
  if (items(invocations).some((one) => recordOf(one).executionSuccessful === false))
    throw new Error(`has a run of ${name} that failed`)
  const rules = [driver, ...items(extensions)].map((part) => items(recordOf(part).rules).map(recordOf))
  return {
    tool: name,
    version: word(semanticVersion) ?? word(version),
    findings: results.flatMap((result) => readResult(recordOf(result), name, rules)),
  }
}

function readResult(
  result: JsonRecord,
  tool: string,
  rules: readonly (readonly JsonRecord[])[],
): readonly Finding[] {
  const { ruleId, ruleIndex, rule: reference, message, locations, level, kind, suppressions } = result
  if (kind !== undefined && kind !== "fail") return []
  const all = items(suppressions).map(recordOf)
  // Under review, or rejected, it is not accepted (3.35.2 of the standard).
  const accepted = all.every(({ status }) => status === undefined || status === "accepted") ? all : []
  const { id, index, toolComponent } = recordOf(reference)
  const component = rules[Number(recordOf(toolComponent).index ?? -1) + 1] ?? []
  const named = word(ruleId) ?? word(id)
  const rule =
    component[Number(ruleIndex ?? index ?? -1)] ?? rules.flat().find((one) => one.id === named) ?? {}
  const place = recordOf(recordOf(items(locations)[0]).physicalLocation)
  const uri = word(recordOf(place.artifactLocation).uri)
  const line = recordOf(place.region).startLine
  const fingerprint = partial(result)
  const name = named ?? word(rule.id) ?? "unnamed"
  return [
    {
      rule: name,
      severity: severityOf(rule, word(level)),
      message: plain(word(recordOf(message).text) ?? word(recordOf(rule.shortDescription).text) ?? name),
      file: uri === null ? null : pathOf(uri),
      line: typeof line === "number" && line > 0 ? line : null,
      tools: [tool],
      ...(fingerprint ? { fingerprint } : {}),
      ...(accepted.length > 0 ? { standing: { status: "waived", why: whyAccepted(accepted[0] ?? {}) } } : {}),
    },
  ]
}

/** `accepted in the source`, `accepted: only in tests` */
function whyAccepted({ kind, justification }: JsonRecord): string {
  const why = word(justification)
  const how = kind === "inSource" ? "accepted in the source" : "accepted"
  return why ? `${how}: ${plain(why)}` : how
}

/** Removes the links to related places (3.11.6 of the standard) from a message, and puts it on one line. */
const plain = (text: string): string => text.replace(/\[([^[\]]+)\]\(\d+\)/g, "$1").replace(/\s+/g, " ")

/** Returns the severity by the rule's score, else by the level of the result, else by the rule's default level. */
function severityOf(rule: JsonRecord, level: string | null): Severity {
  const score = Number(recordOf(rule.properties)["security-severity"] ?? Number.NaN)
  if (!Number.isNaN(score)) return severityOfScore(score)
  return LEVELS[level ?? word(recordOf(rule.defaultConfiguration).level) ?? "warning"] ?? "medium"
}

/** Returns the tool's own fingerprint: it survives moved lines better than one made of the line's text. */
function partial({ partialFingerprints, ruleId }: JsonRecord): string | null {
  const own = Object.entries(recordOf(partialFingerprints)).sort(([a], [b]) => (a < b ? -1 : 1))
  const first = own.find(([key]) => key.includes("primaryLocationLineHash")) ?? own[0]
  return first ? `${String(ruleId)}:${String(first[1])}` : null
}

function pathOf(uri: string): string {
  const plain = uri.replace(/^file:\/\//, "").replace(/^(?:\/app\/|\.\/)/, "")
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const word = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)
