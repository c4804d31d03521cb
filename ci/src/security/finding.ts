import { sha256 } from "../formats/canonical.js"
import { packageKey } from "../formats/purl.js"
import type { Finding, Severity, Vulnerability } from "../run/result.js"

const SEVERITY: Readonly<Record<string, Severity>> = {
  critical: "critical",
  high: "high",
  error: "high",
  medium: "medium",
  moderate: "medium",
  warning: "medium",
  low: "low",
  negligible: "low",
  note: "low",
  info: "info",
  none: "info",
}

/** A scanner's word for how bad something is. One that is not known counts as medium. */
export const severityOf = (word: string | null | undefined): Severity =>
  SEVERITY[(word ?? "").toLowerCase()] ?? "medium"

/** The name of a vulnerability that most people know: its CVE, where it has one. */
export const bestName = (names: readonly string[]): string =>
  names.find((name) => name.startsWith("CVE-")) ??
  names.find((name) => name.startsWith("GHSA-")) ??
  names[0] ??
  ""

/** A finding in a package. */
export function inPackage(
  tool: string,
  names: readonly string[],
  rest: Pick<Finding, "severity" | "message" | "file"> & Omit<Vulnerability, "aliases" | "epss" | "kev">,
): Finding {
  const { severity, message, file, ...known } = rest
  const rule = bestName(names)
  const aliases = [...new Set(names)].filter((name) => name !== rule && name !== "")
  const vulnerability = { ...known, aliases, epss: null, kev: false }
  return { rule, severity, message, file, line: null, tools: [tool], vulnerability }
}

/** A finding at a place in a file. */
export function inFile(
  tool: string,
  { rule, severity, message, file, line }: Pick<Finding, "rule" | "severity" | "message" | "file" | "line">,
): Finding {
  return { rule, severity, message: message.replace(/\s+/g, " ").trim(), file, line, tools: [tool] }
}

/**
 * Findings with names that outlive moved lines: of the rule and the package without its version; of the rule, the
 * path and what the line says; where the line is not known, of the rule, the path and the message.
 *
 * @param lineOf the text of the line that a finding is at, or null.
 */
export function withFingerprints(
  findings: readonly Finding[],
  lineOf: (finding: Finding) => string | null,
): readonly Finding[] {
  const seen = new Map<string, Set<number | null>>()
  return findings.map((finding) => {
    if (finding.fingerprint) return finding
    const { rule, file, message, vulnerability } = finding
    const what = vulnerability
      ? [rule, packageKey(vulnerability.package).anyVersion]
      : [rule, file ?? "", lineOf(finding)?.replace(/\s+/g, "") || message]
    const base = sha256(what.join("\0")).slice(0, 32)
    // Two of the same in one file are told apart by their order; two reports of one line are one.
    const lines = seen.get(base) ?? new Set()
    seen.set(base, lines.add(vulnerability ? null : finding.line))
    const order = [...lines].indexOf(finding.line)
    return { ...finding, fingerprint: order < 1 ? base : `${base}-${order}` }
  })
}
