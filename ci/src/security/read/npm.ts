import * as z from "zod/mini"
import { plural } from "../../formats/figures.js"
import { packageUrl } from "../../formats/purl.js"
import type { Finding } from "../../run/result.js"
import { inPackage, severityOf } from "../finding.js"
import { judgeLicence, type LicenceVerdict } from "../spdx.js"
import { DidNotLook, maybe, type Read, readReport } from "./report.js"

const advisory = z.object({
  url: maybe(z.string()),
  title: maybe(z.string()),
  severity: maybe(z.string()),
  cvss: maybe(z.object({ score: maybe(z.number()) })),
  range: maybe(z.string()),
})

const audit = z.object({
  // What it writes when the advisory service did not answer, with whatever exit code.
  error: maybe(z.unknown()),
  vulnerabilities: maybe(
    z.record(
      z.string(),
      z.object({
        nodes: maybe(z.array(z.string())),
        fixAvailable: maybe(z.union([z.boolean(), z.object({ name: z.string(), version: z.string() })])),
        via: z.array(z.union([z.string(), advisory])),
      }),
    ),
  ),
  metadata: maybe(z.object({ dependencies: z.object({ total: z.number() }) })),
})

const lock = z.object({ packages: maybe(z.record(z.string(), z.object({ version: maybe(z.string()) }))) })

/** @param lockText the package-lock.json that it looked at: the report does not say which versions are installed. */
export function readNpmAudit(text: string, lockText: string, lockFile: string): Read {
  const read = readReport(audit, text)
  if (read.error || !read.vulnerabilities || !read.metadata)
    throw new DidNotLook(
      "database",
      "the registry's advisory service did not answer: name one that does as security.databases.npm-audit.mirror",
    )
  const total = read.metadata.dependencies.total
  if (total === 0) throw new DidNotLook("errored", "it found no package to look at")
  const versions = readReport(lock, lockText).packages ?? {}
  const findings = Object.entries(read.vulnerabilities).flatMap(([name, { nodes, fixAvailable, via }]) =>
    via.flatMap((one): Finding | readonly Finding[] => {
      // A word is the name of a dependency that has the vulnerability itself.
      if (typeof one === "string") return []
      const version = versions[nodes?.[0] ?? ""]?.version ?? null
      const fixed = /<\s*(\d[\w.-]*)\s*$/.exec(one.range ?? "")?.[1] ?? null
      return inPackage(
        "npm-audit",
        [/GHSA-[\w-]+/.exec(one.url ?? "")?.[0] ?? `${name}: ${one.title ?? "advisory"}`],
        {
          severity: severityOf(one.severity),
          message: `${name} ${version ?? ""}: ${one.title ?? "a vulnerability"}`,
          file: lockFile,
          package: packageUrl("npm", name, version),
          fixed: fixed ?? (fixAvailable ? "a later version" : null),
          cvss: one.cvss?.score || null,
        },
      )
    }),
  )
  return { findings, what: `${plural(total, "package")} of ${lockFile}`, version: null }
}

const licence = z.union([z.string(), z.object({ type: maybe(z.string()) })])

const installed = z.array(
  z.object({
    name: maybe(z.string()),
    version: maybe(z.string()),
    location: z.string(),
    private: maybe(z.boolean()),
    license: maybe(z.union([licence, z.array(licence)])),
    licenses: maybe(z.union([licence, z.array(licence)])),
  }),
)

/** What the lists make of a licence, as a finding; nothing for one that is allowed. */
const SAYS: Readonly<Record<Exclude<LicenceVerdict, "allowed">, Pick<Finding, "severity" | "rule">>> = {
  denied: { severity: "high", rule: "licence-denied" },
  unlisted: { severity: "high", rule: "licence-not-allowed" },
  unknown: { severity: "medium", rule: "licence-unknown" },
}

/** Reads what `npm query` knows of installed packages. The project's own packages have no licence to look at. */
export function readNpmLicences(
  text: string,
  allow: readonly string[],
  deny: readonly string[],
  lockFile: string,
): Read {
  const packages = readReport(installed, text).filter(({ location }) => location.includes("node_modules/"))
  const findings = packages.flatMap(({ name, version, license, licenses, location }): readonly Finding[] => {
    const says = textOf(license) ?? textOf(licenses)
    const verdict = says === null ? "unknown" : judgeLicence(says, allow, deny)
    if (verdict === "allowed") return []
    const known = name ?? location
    return [
      {
        ...SAYS[verdict],
        message: `${known} ${version ?? ""}: ${says ?? "it names no licence"}`,
        file: lockFile,
        line: null,
        tools: ["npm"],
        fingerprint: `${SAYS[verdict].rule}:${packageUrl("npm", known, null)}`,
        vulnerability: {
          aliases: says === null ? [] : [says],
          package: packageUrl("npm", known, version ?? null),
          fixed: null,
          cvss: null,
          epss: null,
          kev: false,
        },
      },
    ]
  })
  if (packages.length === 0) throw new DidNotLook(null, "no package is installed")
  return { findings, what: plural(packages.length, "package"), version: null }
}

/** Older packages have a list, of which any may be chosen. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value.trim() || null
  if (Array.isArray(value)) return value.flatMap((one) => textOf(one) ?? []).join(" OR ") || null
  return typeof value === "object" && value !== null && "type" in value ? textOf(value.type) : null
}
