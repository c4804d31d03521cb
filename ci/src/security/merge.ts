import { packageKey } from "../formats/purl.js"
import { SEVERITIES } from "../run/finding-schema.js"
import type { Finding, Severity, Vulnerability } from "../run/result.js"
import { bestName } from "./finding.js"

/**
 * Findings of several scanners, each found once: those of one package that share a name (CVE, GHSA) are one, and
 * those of one rule at one place. What scanners say differently is taken from the first that knows it; of severities
 * and scores the worst.
 */
export function merge(findings: readonly Finding[]): readonly Finding[] {
  const merged = new Map<number, Finding>()
  const byKey = new Map<string, number>()
  for (const [position, finding] of findings.entries()) {
    // One that goes by two names can show that two others, known by one each, are the same.
    const known = keysOf(finding).flatMap((key) => byKey.get(key) ?? [])
    const same = [...new Set(known)].sort((a, b) => a - b)
    const at = same[0] ?? position
    const [first = finding, ...others] = [...same.flatMap((index) => merged.get(index) ?? []), finding]
    const one = others.reduce(both, first)
    for (const index of same) merged.delete(index)
    merged.set(at, one)
    for (const key of keysOf(one)) byKey.set(key, at)
  }
  return [...merged].sort(([a], [b]) => a - b).map(([, finding]) => finding)
}

function keysOf({ rule, file, line, vulnerability, fingerprint, message }: Finding): readonly string[] {
  if (!vulnerability) return [["at", rule, fingerprint ?? `${file}:${line}:${message}`].join("\0")]
  const { exact } = packageKey(vulnerability.package)
  return [rule, ...vulnerability.aliases].map((name) => ["in", exact, name].join("\0"))
}

const worse = (a: Severity, b: Severity): Severity => (SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b)

function higher(a: number | null, b: number | null): number | null {
  const known = [a, b].filter((score) => score !== null)
  return known.length > 0 ? Math.max(...known) : null
}

function both(a: Finding, b: Finding): Finding {
  const names = [...new Set([a.rule, b.rule, ...aliases(a), ...aliases(b)])]
  const rule = a.vulnerability ? bestName(names) : a.rule
  const { standing, ...first } = a
  return {
    ...first,
    // Accepted where a scanner's own settings accept it everywhere.
    ...(standing && b.standing ? { standing } : {}),
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

function together(a: Vulnerability, b: Vulnerability): Vulnerability {
  const development = [a.development, b.development].filter((known) => known !== undefined)
  return {
    ...a,
    fixed: a.fixed ?? b.fixed,
    cvss: higher(a.cvss, b.cvss),
    epss: higher(a.epss, b.epss),
    kev: a.kev || b.kev,
    // One that knows that it ships is right.
    ...(development.length > 0 ? { development: development.every(Boolean) } : {}),
  }
}
