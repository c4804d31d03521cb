import { readYaml } from "../config/yaml-position.js"
import { escapeGlob } from "../formats/glob.js"
import { recordOf, recordsOf, textsOf } from "../formats/json.js"
import { canonicalPurl } from "../formats/purl.js"
import { parseToml } from "../formats/toml.js"
import { AUDIT_LISTS } from "./audit-lists.js"
import { LOCK_NAMES } from "./locks.js"
import type { Waiver } from "./waivers.js"

/** Files of scanners by which a team accepts findings, as glob patterns. What they accept counts for every scanner. */
export const ACCEPTING = {
  trivy: [".trivyignore", ".trivyignore.yaml"],
  osv: ["**/osv-scanner.toml"],
  audits: Object.keys(AUDIT_LISTS),
} as const

/** The day of an entry that never expires. */
const NEVER = "9999-12-31"

/** Readers of these files, by the end of their names. */
const READERS: Readonly<Record<string, (text: string, file: string) => readonly Waiver[]>> = {
  ".trivyignore": readTrivyIgnore,
  ".trivyignore.yaml": readTrivyIgnoreYaml,
  "osv-scanner.toml": readOsvSettings,
}

/** Returns the reader of a scanner's own file; null for any other file. */
export const acceptedBy = (file: string): ((text: string) => readonly Waiver[]) | null => {
  const list = AUDIT_LISTS[file]
  if (list)
    return (text) => list(text).flatMap((one) => entries(file, { ...one, path: locksBeside(file), line: 1 }))
  const read = READERS[file.split("/").at(-1) ?? ""]
  return read ? (text) => read(text, file) : null
}

/** The lock files in the folder of a file, as a glob pattern. */
const locksBeside = (file: string): string =>
  [...file.split("/").slice(0, -1).map(escapeGlob), `{${LOCK_NAMES.join(",")}}`].join("/")

type Entry = Pick<Waiver, "id" | "line"> & Partial<Pick<Waiver, "package" | "path" | "expires" | "reason">>

/** A rule's older name has its provider's prefix: `AVD-AWS-0104` is `AWS-0104` today. */
const namesOf = (id: string): readonly string[] => [...new Set([id, id.replace(/^AVD-(?=[A-Z]+-\d)/, "")])]

const entries = (file: string, entry: Entry): readonly Waiver[] =>
  namesOf(entry.id).map((id) => ({
    package: null,
    path: null,
    expires: NEVER,
    reason: "",
    ...entry,
    id,
    owner: file,
    file,
  }))

/** Reads `.trivyignore`: an identifier a line, with `exp:2026-12-31` where it expires; comments say why. */
function readTrivyIgnore(text: string, file: string): readonly Waiver[] {
  let reason = ""
  return text.split("\n").flatMap((raw, i) => {
    const line = raw.trim()
    if (line.startsWith("#") || line === "") {
      reason = line.replace(/^#+\s*/, "")
      return []
    }
    const [id = "", ...more] = line.replace(/\s+#.*$/, "").split(/\s+/)
    const expires = more.flatMap((word) => /^exp:(\d{4}-\d{2}-\d{2})/.exec(word)?.[1] ?? [])[0]
    return entries(file, { id, line: i + 1, reason, ...(expires ? { expires } : {}) })
  })
}

/** Reads `.trivyignore.yaml`. @see https://trivy.dev/latest/docs/configuration/filtering/#trivyignoreyaml */
function readTrivyIgnoreYaml(text: string, file: string): readonly Waiver[] {
  const all = Object.values(recordOf(readYaml(text).value)).flatMap(recordsOf)
  return all.flatMap(({ id, paths, purls, statement, expired_at }) => {
    if (typeof id !== "string") return []
    const [where, which] = [textsOf(paths), textsOf(purls).flatMap((purl) => canonicalPurl(purl) ?? [])]
    const expires = /^\d{4}-\d{2}-\d{2}/.exec(String(expired_at ?? ""))?.[0] ?? NEVER
    const reason = typeof statement === "string" ? statement : ""
    return (where.length > 0 ? where : [null]).flatMap((path) =>
      (which.length > 0 ? which : [null]).flatMap((one) =>
        entries(file, { id, path, package: one, reason, expires, line: 1 }),
      ),
    )
  })
}

/**
 * Reads `[[IgnoredVulns]]` of an osv-scanner.toml, which counts for the lock files beside it.
 *
 * @see https://google.github.io/osv-scanner/configuration/
 */
function readOsvSettings(text: string, file: string): readonly Waiver[] {
  return recordsOf(parseToml(text)?.IgnoredVulns).flatMap(({ id, ignoreUntil, reason }) => {
    if (typeof id !== "string") return []
    const day = ignoreUntil instanceof Date ? ignoreUntil.toISOString() : String(ignoreUntil ?? "")
    const expires = /^\d{4}-\d{2}-\d{2}/.exec(day)?.[0] ?? NEVER
    return entries(file, {
      id,
      path: locksBeside(file),
      expires,
      reason: typeof reason === "string" ? reason : "",
      line: 1,
    })
  })
}
