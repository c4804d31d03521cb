import * as z from "zod/mini"
import { plural } from "../../formats/figures.js"
import { packageUrl } from "../../formats/purl.js"
import { mustLook } from "../../run/gate.js"
import type { Image } from "../../run/images.js"
import { WORKDIR, withEnvironment } from "../../run/stage.js"
import { live, REPORT, TIMEOUT, withReportFolder } from "../database.js"
import { inPackage, severityOf } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "../report.js"
import type { Scanner, Tool } from "../scanner.js"

/** Finds vulnerable packages, by Snyk's database. */
export const SNYK: Image = { name: "snyk/snyk", tag: "node" }

/** Without `--fail-fast` it leaves out projects that it can't read, and says nothing of it in its JSON. */
const COMMAND = `snyk test --all-projects --fail-fast --json >${REPORT}`

const scanner: Scanner = {
  tool: "snyk",
  image: SNYK,
  maxAge: () => null,
  async prepare({ given, settings }) {
    const { snykToken } = given.secrets
    if (!snykToken)
      throw new DidNotLook(mustLook(given) ? "token" : null, "no token. Pass `--snyk-token env://SNYK_TOKEN`")
    const { mirror } = settings.databases.snyk
    const env = {
      SNYK_DISABLE_ANALYTICS: "1",
      ...(mirror === null ? {} : { SNYK_API: mirror }),
      // It would ask for https all the same.
      ...(mirror?.startsWith("http:") ? { SNYK_HTTP_PROTOCOL_UPGRADE: "0" } : {}),
    }
    const container = withReportFolder(given.image(SNYK))
      .withDirectory(WORKDIR, given.source)
      .withWorkdir(WORKDIR)
    return {
      command: {
        container: withEnvironment(container, env),
        steps: [{ name: "snyk", run: COMMAND, timeout: TIMEOUT }],
        secrets: { SNYK_TOKEN: snykToken },
      },
      report: REPORT,
      good: [1, 2, 3],
      database: live(mirror ?? "snyk.io"),
    }
  },
  read: (text) => readSnyk(text),
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

/**
 * Reads what `snyk test --json` writes: one project, or a list of several. @throws DidNotLook for a project with
 * an error, and where no package was found.
 */
export function readSnyk(text: string): Read {
  const read = readReport(z.union([z.array(project), project]), text)
  const projects = Array.isArray(read) ? read : [read]
  const broken = projects.find(({ error }) => error)
  if (broken) throw new DidNotLook("errored", broken.error ?? "")
  const packages = projects.reduce((sum, { dependencyCount }) => sum + (dependencyCount ?? 0), 0)
  if (packages === 0) throw new DidNotLook("errored", "found no package")
  const files = new Set(projects.flatMap(({ displayTargetFile }) => displayTargetFile ?? []))
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
  return { findings, what: plural(packages, "package"), version: null, reads: (file) => files.has(file) }
}

export const snyk: Tool = { name: "snyk", scans: { dependencies: [scanner] } }
