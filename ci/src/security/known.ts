import { Fault } from "../run/fault.js"
import type { Finding } from "../run/result.js"

/** What is known of vulnerabilities beside what scanners say. */
export interface Known {
  /** Probability of exploitation in the next 30 days, by CVE. */
  readonly epss: ReadonlyMap<string, number>
  /** CVEs known to be exploited. */
  readonly kev: ReadonlySet<string>
}

export const NOTHING_KNOWN: Known = { epss: new Map(), kev: new Set() }

/** Reads the CSV of EPSS scores: `cve,epss,percentile` behind lines of comment. @see https://www.first.org/epss/data_stats */
export function readEpss(text: string, file: string): Known["epss"] {
  const scores = new Map<string, number>()
  for (const line of text.split("\n")) {
    const [cve = "", score = ""] = line.split(",")
    if (cve.startsWith("CVE-") && Number(score) >= 0) scores.set(cve, Number(score))
  }
  if (scores.size > 0) return scores
  throw unreadable(file, "contains no EPSS scores", "use the unpacked CSV of first.org")
}

/** Reads CISA's catalogue. @see https://www.cisa.gov/known-exploited-vulnerabilities-catalog */
export function readKev(text: string, file: string): Known["kev"] {
  try {
    const { vulnerabilities }: { vulnerabilities: readonly { readonly cveID: string }[] } = JSON.parse(text)
    return new Set(vulnerabilities.map(({ cveID }) => cveID))
  } catch {
    throw unreadable(
      file,
      "is not a catalogue of known exploited vulnerabilities",
      "use the JSON of cisa.gov",
    )
  }
}

const unreadable = (where: string, what: string, fix: string) =>
  new Fault("configuration", { what, where, fix })

/** Findings with what is known of their vulnerabilities. */
export const withKnown = (findings: readonly Finding[], { epss, kev }: Known): readonly Finding[] =>
  findings.map((finding) => {
    if (!finding.vulnerability) return finding
    const names = [finding.rule, ...finding.vulnerability.aliases]
    const scores = names.flatMap((name) => epss.get(name) ?? [])
    return {
      ...finding,
      vulnerability: {
        ...finding.vulnerability,
        epss: scores.length > 0 ? Math.max(...scores) : finding.vulnerability.epss,
        kev: finding.vulnerability.kev || names.some((name) => kev.has(name)),
      },
    }
  })
