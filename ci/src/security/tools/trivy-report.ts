import * as z from "zod/mini"
import { cleanLog } from "../../formats/clean.js"
import { plural } from "../../formats/figures.js"
import { canonicalPurl, packageUrl } from "../../formats/purl.js"
import type { Finding } from "../../run/result.js"
import type { Unread } from "../../run/stage.js"
import { inFile, inPackage, severityOf } from "../finding.js"
import { DidNotLook, maybe, nothingRead, type Read, readReport } from "../report.js"

const vulnerability = z.object({
  VulnerabilityID: z.string(),
  VendorIDs: maybe(z.array(z.string())),
  PkgName: z.string(),
  PkgID: maybe(z.string()),
  PkgIdentifier: maybe(z.object({ PURL: maybe(z.string()) })),
  InstalledVersion: maybe(z.string()),
  FixedVersion: maybe(z.string()),
  Title: maybe(z.string()),
  Severity: maybe(z.string()),
  CVSS: maybe(z.record(z.string(), z.object({ V3Score: maybe(z.number()), V40Score: maybe(z.number()) }))),
})

const misconfiguration = z.object({
  ID: z.string(),
  Title: z.string(),
  Message: maybe(z.string()),
  Resolution: maybe(z.string()),
  Severity: maybe(z.string()),
  CauseMetadata: maybe(z.object({ StartLine: maybe(z.number()) })),
})

const report = z.object({
  SchemaVersion: z.number(),
  Trivy: maybe(z.object({ Version: maybe(z.string()) })),
  Results: maybe(
    z.array(
      z.object({
        Target: z.string(),
        Class: maybe(z.string()),
        Type: maybe(z.string()),
        Packages: maybe(z.array(z.object({ ID: maybe(z.string()), Dev: maybe(z.boolean()) }))),
        Vulnerabilities: maybe(z.array(vulnerability)),
        MisconfSummary: maybe(z.object({ Successes: z.number(), Failures: z.number() })),
        Misconfigurations: maybe(z.array(misconfiguration)),
      }),
    ),
  ),
})

/** @param where the file of findings in an image, which has paths of its own: its Dockerfile; null for a project's. */
export function readTrivyPackages(text: string, where: string | null): Read {
  const { Trivy, Results } = readReport(report, text)
  const results = Results ?? []
  const packages = results.reduce((sum, { Packages }) => sum + (Packages?.length ?? 0), 0)
  if (packages === 0) throw new DidNotLook("errored", "found no package in a lock file that it reads")
  const findings = results.flatMap(({ Target, Type, Packages, Vulnerabilities }) => {
    const development = new Set((Packages ?? []).flatMap(({ ID, Dev }) => (Dev && ID ? [ID] : [])))
    return (Vulnerabilities ?? []).map((one): Finding => {
      const scores = Object.values(one.CVSS ?? {}).flatMap(
        ({ V3Score, V40Score }) => V40Score ?? V3Score ?? [],
      )
      const purl =
        canonicalPurl(one.PkgIdentifier?.PURL ?? "") ??
        packageUrl(Type ?? "generic", one.PkgName, one.InstalledVersion ?? null)
      return inPackage("trivy", [one.VulnerabilityID, ...(one.VendorIDs ?? [])], {
        severity: severityOf(one.Severity),
        message: `${one.PkgName} ${one.InstalledVersion ?? ""}: ${one.Title ?? one.VulnerabilityID}`,
        file: where ?? Target,
        package: purl,
        fixed: one.FixedVersion || null,
        cvss: scores.length > 0 ? Math.max(...scores) : null,
        ...(where === null ? { development: development.has(one.PkgID ?? "") } : {}),
      })
    })
  })
  const targets = results.filter(({ Packages }) => (Packages?.length ?? 0) > 0).map(({ Target }) => Target)
  const shown = `${targets.slice(0, 3).join(", ")}${targets.length > 3 ? " …" : ""}`
  const of = where === null ? ` of ${shown}` : ""
  const reads = (file: string) => targets.includes(file)
  return { findings, what: `${plural(packages, "package")}${of}`, version: Trivy?.Version ?? null, reads }
}

/** How Trivy says that it left a file out: in its log alone. */
const UNREAD =
  /(?:Error parsing file|Failed to parse file|HCL parse error)\b.*?file_path="([^"]+)"(?:.*?\berr="((?:[^"\\]|\\.)*)")?/g

/** The place in an error of HCL: `main.tf:2,11-12: Invalid expression; Expected …`. */
const PLACE = /^\S*?:(\d+)(?:,\d+(?:-\d+)?)?:\s*/

function unreadIn(log: string): readonly Unread[] {
  const all = [...cleanLog(log).matchAll(UNREAD)].map(([, file = "", error = ""]): Unread => {
    const text = error.replace(/\\(.)/g, "$1")
    const line = PLACE.exec(text)?.[1]
    const reason = text.replace(PLACE, "") || "parsing error"
    return { file, line: line === undefined ? null : Number(line), reason, tools: ["trivy"] }
  })
  return [...new Map(all.toReversed().map((one) => [one.file, one])).values()]
}

/** @param log what it printed. */
export function readTrivyMisconfigurations(text: string, log: string): Read {
  const { Trivy, Results } = readReport(report, text)
  const unread = unreadIn(log)
  const looked = (Results ?? []).filter(({ MisconfSummary }) => MisconfSummary)
  if (looked.length === 0) throw nothingRead(unread)
  const findings = looked.flatMap(({ Target, Misconfigurations }) =>
    (Misconfigurations ?? []).map((one) =>
      inFile("trivy", {
        rule: one.ID,
        severity: severityOf(one.Severity),
        message: `${one.Title}: ${one.Message ?? one.Resolution ?? ""}`,
        file: Target,
        line: one.CauseMetadata?.StartLine || null,
      }),
    ),
  )
  const version = Trivy?.Version ?? null
  return { findings, what: plural(looked.length, "file"), version, unread, reads: () => true }
}

/** When a database was made, from its metadata.json. @throws {DidNotLook} where it does not say. */
export function readTrivyDate(text: string | undefined): string {
  if (text === undefined) throw new DidNotLook("database", "no vulnerability database")
  return readReport(z.object({ UpdatedAt: z.string() }), text).UpdatedAt
}
