import { oneLine } from "../formats/clean.js"
import { share, thousands } from "../formats/figures.js"
import { groupBy } from "../formats/group-by.js"
import type { Finding, StageRecord, Standing, Vulnerability } from "../run/result.js"
import { SEVERITIES, STANDINGS } from "./labels.js"

const STANDING_ORDER = Object.keys(STANDINGS)

/** Returns the standing of a finding. Without a policy, every finding of a failed stage blocks. */
export const standingOf = (stage: StageRecord, { standing }: Finding): Standing["status"] =>
  standing?.status ?? (stage.verdict === "failed" ? "blocks" : "reported")

/** A finding and the stage that has it. */
interface Found {
  readonly stage: StageRecord
  readonly finding: Finding
}

/** Sorts findings: blocking ones first, then by severity. */
export function byRank(found: readonly Found[]): readonly Found[] {
  const rank = ({ stage, finding }: Found) =>
    STANDING_ORDER.indexOf(standingOf(stage, finding)) * SEVERITIES.length +
    SEVERITIES.indexOf(finding.severity)
  return found.toSorted((a, b) => rank(a) - rank(b))
}

/** Returns a stage's findings, sorted {@link byRank}. */
export const worstFindings = (stage: StageRecord): readonly Finding[] =>
  byRank(stage.findings.map((finding) => ({ stage, finding }))).map(({ finding }) => finding)

/** Returns the tools that reported a finding, or the stage's name if it names none. */
export const toolsOf = (stage: StageRecord, { tools }: Finding): readonly string[] =>
  (tools && tools.length > 0 ? tools : [stage.name]).map((tool) => oneLine(tool))

/** Returns the findings that make a stage red; all findings if none blocks. */
export function causes(stage: StageRecord): readonly Finding[] {
  const sorted = worstFindings(stage)
  const blocking = sorted.filter((finding) => standingOf(stage, finding) === "blocks")
  return blocking.length > 0 ? blocking : sorted
}

/** Counts the findings after the first ones of {@link worstFindings}: `12 more findings: 2 blocking, 10 known`. */
export function remainder(stage: StageRecord, shown: number): string {
  const rest = worstFindings(stage).slice(shown)
  if (rest.length === 0) return ""
  const kinds = groupBy(rest, (finding) => STANDINGS[standingOf(stage, finding)].many)
  const counts = [...kinds].map(([many, findings]) => `${thousands(findings.length)} ${many}`)
  const all = `${thousands(rest.length)} more findings`
  return kinds.size > 1 ? `${all}: ${counts.join(", ")}` : all
}

/** Returns the facts beside a finding's message: package, fix, scores, the reason of its standing. */
export function facts({ vulnerability, standing }: Finding): readonly string[] {
  const why = standing?.why ?? ""
  return [...(vulnerability ? packageFacts(vulnerability) : []), ...(why === "" ? [] : [why])]
}

/** `pkg:npm/lodash@4.17.20`, `fixed in 4.17.21`, `CVSS 9.8`, `EPSS 43.1 %`, `known exploited (KEV)` */
export const packageFacts = (known: Vulnerability): readonly string[] => [
  known.package,
  known.fixed === null ? "no fix yet" : `fixed in ${known.fixed}`,
  ...(known.cvss === null ? [] : [`CVSS ${known.cvss.toFixed(1)}`]),
  ...(known.epss === null ? [] : [`EPSS ${share(known.epss)}`]),
  ...(known.kev ? ["known exploited (KEV)"] : []),
]

/** Returns the place of a finding (`backend/src/app.ts:12`), or "" without one. */
export function place(finding: Finding): string {
  if (finding.file === null) return ""
  return finding.line === null ? finding.file : `${finding.file}:${finding.line}`
}
