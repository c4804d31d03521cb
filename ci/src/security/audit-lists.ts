import { readYaml } from "../config/yaml-position.js"
import { isRecord, parseJsonc, recordOf, textsOf } from "../formats/json.js"

/** An advisory that a team accepts. */
export interface Accepted {
  readonly id: string
  readonly reason?: string
  /** The day on which it ends: `2026-12-31`. */
  readonly expires?: string
}

/** The lists of package managers' audits, and of tools around them, by their names. They lie beside the lock file. */
export const AUDIT_LISTS: Readonly<Record<string, (text: string) => readonly Accepted[]>> = {
  "package.json": (text) => ofPnpm(recordOf(parseJsonc(text)).pnpm),
  "pnpm-workspace.yaml": (text) => ofPnpm(readYaml(text).value),
  ".yarnrc.yml": (text) => named(textsOf(recordOf(readYaml(text).value).npmAuditIgnoreAdvisories)),
  "audit-ci.json": ofAuditCi,
  "audit-ci.jsonc": ofAuditCi,
  ".nsprc": (text) => described(parseJsonc(text)),
  ".iyarc": (text) => named(text.split(/[\s,]+/)),
}

const ID = /^(?:GHSA(?:-[0-9a-z]{4}){3}|CVE-\d{4}-\d+)$/i

/** Other names of advisories, and names of packages, say nothing to another scanner. */
const named = (words: readonly string[]): readonly Accepted[] =>
  words.filter((word) => ID.test(word)).map((id) => ({ id }))

/** @see https://pnpm.io/settings#auditconfig */
function ofPnpm(settings: unknown): readonly Accepted[] {
  const { ignoreCves, ignoreGhsas } = recordOf(recordOf(settings).auditConfig)
  return named([...textsOf(ignoreCves), ...textsOf(ignoreGhsas)])
}

/** @see https://github.com/IBM/audit-ci#allowlisting */
function ofAuditCi(text: string): readonly Accepted[] {
  const { allowlist } = recordOf(parseJsonc(text))
  const all: readonly unknown[] = Array.isArray(allowlist) ? allowlist : []
  return [...named(textsOf(all)), ...all.filter(isRecord).flatMap(described)]
}

/** `{ "GHSA-…": { "active": true, "notes": "…", "expiry": "2026-12-31" } }` */
function described(value: unknown): readonly Accepted[] {
  return Object.entries(recordOf(value)).flatMap(([id, entry]) => {
    const { active, notes, expiry } = recordOf(entry)
    if (!ID.test(id) || active === false) return []
    const expires = /^\d{4}-\d{2}-\d{2}/.exec(String(expiry ?? ""))?.[0]
    return [{ id, ...(typeof notes === "string" ? { reason: notes } : {}), ...(expires ? { expires } : {}) }]
  })
}
