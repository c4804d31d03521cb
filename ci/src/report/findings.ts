import { oneLine } from "../formats/clean.js"
import { share, thousands } from "../formats/figures.js"
import type { Finding, StageRecord, Standing, Vulnerability } from "../run/result.js"
import { groupBy } from "./group-by.js"
import { SEVERITIES, STANDINGS } from "./labels.js"

const STANDING_ORDER = Object.keys(STANDINGS)

/** What a finding counts as: where no policy was asked, any of a failed stage blocks. */
export const standingOf = (stage: StageRecord, { standing }: Finding): Standing["status"] =>
  standing?.status ?? (stage.verdict === "failed" ? "blocks" : "reported")

/** A finding and the stage that has it. */
interface Found {
  readonly stage: StageRecord
  readonly finding: Finding
}

/** Those that block first, then the worst, else in the order given. */
export function byRank(found: readonly Found[]): readonly Found[] {
  const rank = ({ stage, finding }: Found) =>
    STANDING_ORDER.indexOf(standingOf(stage, finding)) * SEVERITIES.length +
    SEVERITIES.indexOf(finding.severity)
  return found.toSorted((a, b) => rank(a) - rank(b))
}

/** A stage's findings {@link byRank}. */
export const worstFindings = (stage: StageRecord): readonly Finding[] =>
  byRank(stage.findings.map((finding) => ({ stage, finding }))).map(({ finding }) => finding)

/** The tools that saw a finding; the stage where it does not say. */
export const toolsOf = (stage: StageRecord, { tools }: Finding): readonly string[] =>
  (tools && tools.length > 0 ? tools : [stage.name]).map((tool) => oneLine(tool))

/** The findings that a red stage is red for; all where none is. */
export function causes(stage: StageRecord): readonly Finding[] {
  const sorted = worstFindings(stage)
  const blocking = sorted.filter((finding) => standingOf(stage, finding) === "blocks")
  return blocking.length > 0 ? blocking : sorted
}

/** What follows the first findings of {@link worstFindings}: `12 more findings: 2 block, 10 known`; "" for none. */
export function remainder(stage: StageRecord, shown: number): string {
  const rest = worstFindings(stage).slice(shown)
  if (rest.length === 0) return ""
  const kinds = groupBy(rest, (finding) => STANDINGS[standingOf(stage, finding)].many)
  const counts = [...kinds].map(([many, findings]) => `${thousands(findings.length)} ${many}`)
  const all = `${thousands(rest.length)} more findings`
  return kinds.size > 1 ? `${all}: ${counts.join(", ")}` : all
}

/** What is known of a finding beside its message, in words: package, fix, scores, why it stands as it does. */
export function facts({ vulnerability, standing }: Finding): readonly string[] {
  const why = standing?.why ?? ""
  return [...(vulnerability ? packageFacts(vulnerability) : []), ...(why === "" ? [] : [why])]
}

/** `pkg:npm/lodash@4.17.20`, `fixed in 4.17.21`, `CVSS 9.8`, `EPSS 43.1 %`, `known to be exploited (KEV)` */
export const packageFacts = (known: Vulnerability): readonly string[] => [
  known.package,
  known.fixed === null ? "no fix yet" : `fixed in ${known.fixed}`,
  ...(known.cvss === null ? [] : [`CVSS ${known.cvss.toFixed(1)}`]),
  ...(known.epss === null ? [] : [`EPSS ${share(known.epss)}`]),
  ...(known.kev ? ["known to be exploited (KEV)"] : []),
]

/** `backend/src/app.ts:12`, or the empty string where a finding has no place. */
export function place(finding: Finding): string {
  if (finding.file === null) return ""
  return finding.line === null ? finding.file : `${finding.file}:${finding.line}`
}
