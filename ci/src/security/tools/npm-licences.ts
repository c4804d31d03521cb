import semver from "semver"
import * as z from "zod/mini"
import { plural } from "../../formats/figures.js"
import { packageUrl } from "../../formats/purl.js"
import { installStage } from "../../project/install.js"
import type { Finding } from "../../run/result.js"
import { WORKDIR } from "../../run/stage.js"
import { REPORT, withReportFolder } from "../database.js"
import { DidNotLook, maybe, type Read, readReport } from "../report.js"
import type { Scanner, Tool } from "../scanner.js"
import { judgeLicence, type LicenceVerdict } from "../spdx.js"

/** The first npm that has `npm query`, and the older ones that releases of Node.js bring. @see https://nodejs.org/dist/index.json */
const QUERY = "8.16.0"
const SHIPPED: Readonly<Record<string, string>> = { "14": "6", "17": "8.11" }

/**
 * Returns the npm of a project where it has no `npm query`, else null.
 *
 * @param version the version or range that is installed for it; null for the npm of its Node.js.
 */
export function withoutQuery(version: string | null, node: string): string | null {
  const npm = version ?? SHIPPED[node.split(".")[0] ?? ""]
  const first = npm === undefined ? null : semver.minVersion(npm)
  return npm !== undefined && first !== null && semver.lt(first, QUERY) && !semver.satisfies(QUERY, npm)
    ? npm
    : null
}

/** What is shipped: tools of development are left out. */
const scanner: Scanner = {
  tool: "npm",
  image: null,
  maxAge: () => null,
  async prepare({ given }) {
    const { packageManager, node } = given.project
    const { name } = packageManager
    if (name !== "npm")
      throw new DidNotLook(null, `reads packages that npm installed; the project uses ${name}`)
    const old = withoutQuery(packageManager.version, node)
    if (old !== null)
      throw new DidNotLook(null, `needs npm ${QUERY}, which has \`npm query\`; the project uses npm ${old}`)
    return {
      command: {
        container: withReportFolder(given.from(installStage(given.project))).withWorkdir(
          `${WORKDIR}/${given.project.path}`,
        ),
        steps: [{ name: "licences", run: `npm query .prod >${REPORT}`, timeout: 300 }],
      },
      report: REPORT,
    }
  },
  read: (text, _ran, { given, settings: { licences } }) =>
    readNpmLicences(text, licences.allow, licences.deny, given.project.lockFile ?? "package.json"),
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

export const npmLicences: Tool = { name: "npm", scans: { licences: [scanner] } }
