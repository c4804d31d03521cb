import * as z from "zod/mini"
import { severityOfScore } from "../../formats/cvss.js"
import { plural } from "../../formats/figures.js"
import { canonicalPurl, packageUrl } from "../../formats/purl.js"
import { inPackage, severityOf } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "./report.js"

/** CVSS scores below it are not reported: what OWASP Dependency-Check finds by names alone is mostly noise there. */
const LOWEST = 7

const owasp = z.object({
  scanInfo: z.object({
    engineVersion: maybe(z.string()),
    dataSource: maybe(z.array(z.object({ name: z.string(), timestamp: z.string() }))),
  }),
  dependencies: z.array(
    z.object({
      fileName: z.string(),
      filePath: maybe(z.string()),
      packages: maybe(z.array(z.object({ id: z.string() }))),
      vulnerabilities: maybe(
        z.array(
          z.object({
            name: z.string(),
            severity: maybe(z.string()),
            description: maybe(z.string()),
            cvssv3: maybe(z.object({ baseScore: z.number() })),
            cvssv2: maybe(z.object({ score: z.number() })),
            vulnerableSoftware: maybe(
              z.array(
                z.object({
                  software: z.object({
                    vulnerabilityIdMatched: maybe(z.string()),
                    versionEndExcluding: maybe(z.string()),
                  }),
                }),
              ),
            ),
          }),
        ),
      ),
    }),
  ),
})

/** @param root where the project lies in the container; it is cut off paths. */
export function readDependencyCheck(text: string, root: string): Read {
  const { scanInfo, dependencies } = readReport(owasp, text)
  // The others are the lock files themselves: they are there even where nothing of them was read.
  const looked = dependencies.filter(({ packages }) => packages && packages.length > 0)
  if (looked.length === 0) throw new DidNotLook("errored", "it found no package to look at")
  const findings = dependencies.flatMap(({ fileName, filePath, packages, vulnerabilities }) =>
    (vulnerabilities ?? []).flatMap(({ name, description, cvssv3, cvssv2, severity, vulnerableSoftware }) => {
      const cvss = cvssv3?.baseScore ?? cvssv2?.score ?? null
      if (cvss !== null && cvss < LOWEST) return []
      const matched = vulnerableSoftware?.find(({ software }) => software.vulnerabilityIdMatched === "true")
      return inPackage("dependency-check", [name], {
        severity: cvss === null ? severityOf(severity) : severityOfScore(cvss),
        message: `${fileName}: ${(description ?? name).slice(0, 200)}`,
        file: filePath?.replace(`${root}/`, "").replace(/\?.*$/, "") ?? null,
        package:
          packages?.flatMap(({ id }) => canonicalPurl(id) ?? [])[0] ?? packageUrl("generic", fileName, null),
        // Not all data say which is the first without: a later one counts as one.
        fixed: matched?.software.versionEndExcluding ?? "a later version",
        cvss,
      })
    }),
  )
  const dates = (scanInfo.dataSource ?? [])
    .map(({ timestamp }) => timestamp)
    .filter((date) => !Number.isNaN(Date.parse(date)))
  const updatedAt = dates.sort().at(-1) ?? null
  return {
    findings,
    what: plural(looked.length, "package"),
    version: scanInfo.engineVersion ?? null,
    database: { source: "folder", updatedAt },
  }
}

const project = z.object({
  ok: z.boolean(),
  error: maybe(z.string()),
  dependencyCount: maybe(z.number()),
  displayTargetFile: maybe(z.string()),
  vulnerabilities: maybe(
    z.array(
      z.object({
        id: z.string(),
        title: maybe(z.string()),
        severity: maybe(z.string()),
        cvssScore: maybe(z.number()),
        packageName: maybe(z.string()),
        version: maybe(z.string()),
        packageManager: maybe(z.string()),
        identifiers: maybe(z.record(z.string(), z.array(z.string()))),
        fixedIn: maybe(z.array(z.string())),
      }),
    ),
  ),
})

export function readSnyk(text: string): Read {
  const read = readReport(z.union([z.array(project), project]), text)
  const projects = Array.isArray(read) ? read : [read]
  const broken = projects.find(({ error }) => error)
  if (broken) throw new DidNotLook("errored", broken.error ?? "")
  const packages = projects.reduce((sum, { dependencyCount }) => sum + (dependencyCount ?? 0), 0)
  if (packages === 0) throw new DidNotLook("errored", "it found no package to look at")
  const findings = projects.flatMap(({ vulnerabilities, displayTargetFile }) =>
    (vulnerabilities ?? []).map((one) =>
      inPackage("snyk", [...(one.identifiers?.CVE ?? []), ...(one.identifiers?.GHSA ?? []), one.id], {
        severity: severityOf(one.severity),
        message: `${one.packageName ?? ""} ${one.version ?? ""}: ${one.title ?? one.id}`,
        file: displayTargetFile ?? null,
        package: packageUrl(one.packageManager ?? "npm", one.packageName ?? "", one.version ?? null),
        fixed: one.fixedIn?.[0] ?? null,
        cvss: one.cvssScore ?? null,
      }),
    ),
  )
  return { findings, what: plural(packages, "package"), version: null }
}
