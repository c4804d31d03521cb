import type { Finding, Looked, Severity } from "../run/result.js"

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
  info: "note",
}

/** GitHub sorts findings by this score. @see https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning */
const SCORES: Readonly<Record<Severity, string>> = {
  critical: "9.5",
  high: "8.0",
  medium: "5.0",
  low: "2.0",
  info: "0.0",
}

/** The place of findings without a file: viewers omit results without a place. */
const NOWHERE = "package.json"

/** A file that no tool read. */
interface UnreadFile {
  readonly file: string
  /** 1-based, or null. */
  readonly line: number | null
  readonly reason: string
}

/** The contents of a SARIF file. */
export interface SarifSource {
  /** `dependencies`: one run per category, so that viewers keep them apart. */
  readonly category: string
  readonly findings: readonly Finding[]
  /** Files that no tool read: notifications of the run, not results. */
  readonly unread?: readonly UnreadFile[]
  /** The tools of the stage: the run's driver is Slipway, and tools that ran are its extensions. */
  readonly looked: readonly Looked[]
  readonly version: string
}

/**
 * Writes findings as a SARIF 2.1.0 log of one run.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarif({ category, findings, unread = [], looked, version }: SarifSource): string {
  const rules = [...new Map(findings.map((finding) => [finding.rule, finding])).values()]
  const index = new Map(rules.map(({ rule }, i) => [rule, i]))
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "Slipway", version, rules: rules.map(descriptor) },
          ...extensionsOf(looked),
        },
        automationDetails: { id: `slipway/${category}/` },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: looked.every(({ verdict }) => verdict !== "errored"),
            ...(unread.length > 0 ? { toolExecutionNotifications: unread.map(notification) } : {}),
          },
        ],
        results: findings.map((finding) => result(finding, index.get(finding.rule) ?? 0)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** Describes the rule of a finding. */
const descriptor = ({ rule, severity, message }: Finding): object => ({
  id: rule,
  shortDescription: { text: message || rule },
  properties: { "security-severity": SCORES[severity] },
})

/** Lists the tools that ran; no key where none did. */
function extensionsOf(looked: readonly Looked[]): { readonly extensions?: readonly object[] } {
  const extensions = looked
    .filter(({ verdict }) => verdict === "passed")
    .map(({ tool, version }) => ({ name: tool, ...(version ? { version } : {}) }))
  return extensions.length > 0 ? { extensions } : {}
}

function result(finding: Finding, ruleIndex: number): object {
  const { rule, severity, message, file, line, fingerprint, standing, tools, vulnerability } = finding
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: message || rule },
    locations: [location(file ?? NOWHERE, line ?? 1)],
    ...(fingerprint ? { partialFingerprints: { "slipway/v1": fingerprint } } : {}),
    ...(standing?.status === "waived"
      ? { suppressions: [{ kind: "external", status: "accepted", justification: standing.why }] }
      : {}),
    properties: { severity, ...(tools ? { tools } : {}), ...(vulnerability ? { vulnerability } : {}) },
  }
}

function location(file: string, startLine: number): object {
  // encodeURI throws for half of a surrogate pair.
  const uri = encodeURI(Buffer.from(file).toString()).replaceAll("#", "%23").replaceAll("?", "%3F")
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine } } }
}

const notification = ({ file, line, reason }: UnreadFile): object => ({
  level: "error",
  message: { text: `not read: ${reason}` },
  locations: [location(file, line ?? 1)],
})
