import * as z from "zod/mini"
import { plural } from "../../formats/figures.js"
import { packageUrl } from "../../formats/purl.js"
import { nodeTag } from "../../project/node-version.js"
import { quote } from "../../run/command.js"
import { NODE } from "../../run/images.js"
import type { Finding } from "../../run/result.js"
import { WORKDIR } from "../../run/stage.js"
import { live, REPORT, TIMEOUT, withReportFolder } from "../database.js"
import { inPackage, severityOf } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "../report.js"
import type { Scanner, Tool } from "../scanner.js"

const scanner: Scanner = {
  tool: "npm-audit",
  image: NODE,
  maxAge: (settings) => settings.databases["npm-audit"].maxAge,
  async prepare({ given, settings }) {
    const { project } = given
    if (project.packageManager.name !== "npm" || project.lockFile === null)
      throw new DidNotLook(
        "errored",
        `needs a lock file of npm; the project has ${project.lockFile ?? "no lock file"}. Configure another scanner`,
      )
    const { mirror } = settings.databases["npm-audit"]
    const registry = mirror === null ? "" : `--registry ${quote(mirror)}`
    return {
      command: {
        container: withReportFolder(given.image(NODE, nodeTag(project.node)))
          .withDirectory(WORKDIR, given.source)
          .withWorkdir(WORKDIR),
        steps: [
          {
            name: "npm-audit",
            run: `npm audit --json --omit dev --package-lock-only --fetch-timeout=60000 --fetch-retries=2 ${registry} >${REPORT}`,
            timeout: TIMEOUT,
          },
        ],
        reports: [`${WORKDIR}/${project.lockFile}`],
      },
      report: REPORT,
      good: [1],
      database: live(mirror ?? "npm registry"),
    }
  },
  read(text, ran, { given }) {
    const lock = given.project.lockFile ?? ""
    return readNpmAudit(text, ran.reports[`${WORKDIR}/${lock}`] ?? "{}", lock)
  },
}

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
      "the registry has no advisory service, or it did not answer. Name another registry as `security.databases.npm-audit.mirror`",
    )
  const total = read.metadata.dependencies.total
  if (total === 0) throw new DidNotLook("errored", "found no package")
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
  const reads = (file: string) => file === lockFile
  return { findings, what: `${plural(total, "package")} of ${lockFile}`, version: null, reads }
}

export const npmAudit: Tool = { name: "npm-audit", scans: { dependencies: [scanner] } }
