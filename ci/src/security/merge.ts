import type { Finding, Severity, Vulnerability } from "../plan/result.js"
import { SEVERITIES } from "../plan/sections/security.js"
import { bestName } from "./finding.js"

/**
 * Findings of several scanners, each found once: those of one package that share a name (CVE, GHSA) are one, and
 * those of one rule at one place. What scanners say differently is taken from the first that knows it; of severities
 * and scores the worst.
 */
export function merge(findings: readonly Finding[]): readonly Finding[] {
  const merged: Finding[] = []
  const byKey = new Map<string, number>()
  for (const finding of findings) {
    const keys = keysOf(finding)
    const known = keys.map((key) => byKey.get(key)).find((index) => index !== undefined)
    const index = known ?? merged.length
    const other = merged[index]
    merged[index] = other ? both(other, finding) : finding
    for (const key of keys) byKey.set(key, index)
  }
  return merged
}

function keysOf({ rule, file, line, vulnerability, fingerprint, message }: Finding): readonly string[] {
  if (!vulnerability) return [["at", rule, fingerprint ?? `${file}:${line}:${message}`].join("\0")]
  const purl = vulnerability.package.replace(/[?#].*$/, "")
  return [rule, ...vulnerability.aliases].map((name) => ["in", purl, name].join("\0"))
}

const worse = (a: Severity, b: Severity): Severity => (SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b)

const higher = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b)

function both(a: Finding, b: Finding): Finding {
  const names = [...new Set([a.rule, b.rule, ...aliases(a), ...aliases(b)])]
  const rule = a.vulnerability ? bestName(names) : a.rule
  return {
    ...a,
    rule,
    severity: worse(a.severity, b.severity),
    file: a.file ?? b.file,
    line: a.line ?? b.line,
    tools: [...new Set([...(a.tools ?? []), ...(b.tools ?? [])])],
    ...(a.vulnerability && b.vulnerability
      ? {
          vulnerability: {
            ...together(a.vulnerability, b.vulnerability),
            aliases: names.filter((n) => n !== rule),
          },
        }
      : {}),
  }
}

const aliases = (finding: Finding): readonly string[] => finding.vulnerability?.aliases ?? []

const together = (a: Vulnerability, b: Vulnerability): Vulnerability => ({
  ...a,
  fixed: a.fixed ?? b.fixed,
  cvss: higher(a.cvss, b.cvss),
  epss: higher(a.epss, b.epss),
  kev: a.kev || b.kev,
})
