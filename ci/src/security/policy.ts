import type { Config } from "../config/config.js"
import { expired } from "../config/entries.js"
import { SEVERITIES } from "../run/finding-schema.js"
import type { Finding, RunRecord, Standing } from "../run/result.js"
import type { Unread } from "../run/stage.js"
import { unreadFinding } from "../run/unread.js"
import { type Waiver, waives } from "./waivers.js"

/** What a policy judges by. */
export interface Judging {
  readonly policy: Config["security"]["policy"]
  readonly waivers: readonly Waiver[]
  /** The record of the base, or null. */
  readonly base: RunRecord | null
  /** True for what ships: see the table of gates in docs/verdicts.md. */
  readonly ships: boolean
  /** Milliseconds since the epoch, by which waivers expire. */
  readonly now: number
}

/** Findings with what the policy makes of each, in their order. */
export function judge(findings: readonly Finding[], judging: Judging): readonly Finding[] {
  const known = new Set(
    judging.base?.stages.flatMap((stage) => stage.findings.flatMap(({ fingerprint }) => fingerprint ?? [])),
  )
  return findings.map((finding) => ({ ...finding, standing: standing(finding, known, judging) }))
}

/** Parts unread files into findings that a waiver accepts, and those that nobody accepted. */
export function unwaived(
  all: readonly Unread[],
  waivers: readonly Waiver[],
  now: number,
): { readonly accepted: readonly Finding[]; readonly unread: readonly Unread[] } {
  const found = all.map((unread) => {
    const finding = unreadFinding(unread, "unknown")
    const waiver = waivers.find((one) => waives(one, finding) && !expired(one, now))
    return { unread, accepted: waiver ? { ...finding, standing: waivedBy(waiver) } : null }
  })
  return {
    accepted: found.flatMap(({ accepted }) => accepted ?? []),
    unread: found.flatMap(({ unread, accepted }) => (accepted === null ? [unread] : [])),
  }
}

const waivedBy = ({ owner, expires, reason, file }: Waiver): Standing => ({
  status: "waived",
  why:
    file === null
      ? `${owner} until ${expires}: ${reason}`
      : [`accepted in ${file}`, reason].filter(Boolean).join(": "),
})

/** The first line that matches decides. */
function standing(finding: Finding, known: ReadonlySet<string>, judging: Judging): Standing {
  const { policy, waivers, now } = judging
  const { severity, vulnerability, fingerprint } = finding
  // What a scanner's own file or comment accepts is known to the scanner alone.
  if (finding.standing?.status === "waived") return finding.standing
  const mine = waivers.filter((waiver) => waives(waiver, finding))
  const waiver = mine.find((one) => !expired(one, now))
  if (waiver) return waivedBy(waiver)
  const lapsed = mine[0] ? `; the waiver of ${mine[0].owner} expired on ${mine[0].expires}` : ""
  if (policy.kev && vulnerability?.kev)
    return { status: "blocks", why: `known to be exploited (KEV)${lapsed}`, always: true }
  if (vulnerability?.development)
    return { status: "reported", why: `${severity}, in a dependency of development` }
  if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(policy.severity))
    return { status: "reported", why: `${severity} is below ${policy.severity}` }
  if (policy.fixable && vulnerability && vulnerability.fixed === null)
    return { status: "reported", why: "no fixed version exists yet" }
  if (policy.unchanged === "report" && fingerprint && known.has(fingerprint))
    return { status: "known", why: "the base has it as well" }
  const fix = vulnerability?.fixed ? `, fixed in ${vulnerability.fixed}` : ""
  const always = judging.ships && severity === "critical" && fix !== ""
  return { status: "blocks", why: `${severity}${fix}${lapsed}`, ...(always ? { always } : {}) }
}
