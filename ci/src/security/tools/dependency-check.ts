import { CacheSharingMode, dag } from "@dagger.io/dagger"
import * as z from "zod/mini"
import { severityOfScore } from "../../formats/cvss.js"
import { plural } from "../../formats/figures.js"
import { canonicalPurl, packageUrl } from "../../formats/purl.js"
import type { Image } from "../../run/images.js"
import { WORKDIR } from "../../run/stage.js"
import { DATABASE, databaseFiles, databaseIn, REPORT, TIMEOUT, withReportFolder } from "../database.js"
import { inPackage, severityOf } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "../report.js"
import type { Scanner, Tool } from "../scanner.js"
import { readable } from "./npm-lock.js"

/** Finds vulnerable packages, by the NVD's database. */
export const DEPENDENCY_CHECK: Image = { name: "owasp/dependency-check", tag: "12.1.0" }

/** What asks other services than the NVD: npm's advisories have a scanner of their own here. */
const OTHER_SERVICES = ["NodeAudit", "PnpmAudit", "YarnAudit", "OssIndex", "RetireJS", "Central"]
  .map((name) => `--disable${name}`)
  .join(" ")

const scanner: Scanner = {
  tool: "dependency-check",
  image: DEPENDENCY_CHECK,
  refused: /\[ERROR\].*(?:database|No documents exist|NVD|updat)/,
  settingsFiles: ({ databases }) => databaseFiles(databases["dependency-check"].folder),
  maxAge: (settings) => settings.databases["dependency-check"].maxAge,
  async prepare(scan) {
    const { given, settings } = scan
    const { folder, volume } = settings.databases["dependency-check"]
    const base = withReportFolder(given.image(DEPENDENCY_CHECK).withUser("root")).withDirectory(
      WORKDIR,
      await readable(given.source),
    )
    const container =
      folder === null
        ? base.withMountedCache(DATABASE, dag.cacheVolume(volume ?? "slipway-dependency-check"), {
            sharing: CacheSharingMode.Locked,
          })
        : base.withDirectory(DATABASE, await databaseIn(scan, folder))
    const update = folder === null && volume === null ? "" : "--noupdate"
    return {
      command: {
        container,
        steps: [
          {
            name: "dependency-check",
            run: `/usr/share/dependency-check/bin/dependency-check.sh --scan ${WORKDIR} --format JSON --out ${REPORT} --data ${DATABASE} --nodePackageSkipDevDependencies ${OTHER_SERVICES} ${update}`,
            timeout: TIMEOUT * 2,
          },
        ],
      },
      report: REPORT,
    }
  },
  read: (text) => readDependencyCheck(text, WORKDIR),
}

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
  if (looked.length === 0) throw new DidNotLook("errored", "found no package")
  const findings = dependencies.flatMap(({ fileName, filePath, packages, vulnerabilities }) =>
    (vulnerabilities ?? []).flatMap(({ name, description, cvssv3, cvssv2, severity, vulnerableSoftware }) => {
      const cvss = cvssv3?.baseScore ?? cvssv2?.score ?? null
      if (cvss !== null && cvss < LOWEST) return []
      const matched = vulnerableSoftware?.find(({ software }) => software.vulnerabilityIdMatched === "true")
      return inPackage("dependency-check", [name], {
        severity: cvss === null ? severityOf(severity) : severityOfScore(cvss),
        message: `${fileName}: ${(description ?? name).slice(0, 200)}`,
        file: filePath ? inProject(filePath, root) : null,
        package:
          packages?.flatMap(({ id }) => canonicalPurl(id) ?? [])[0] ?? packageUrl("generic", fileName, null),
        // Not all data say which is the first without: a later one counts as one.
        fixed: matched?.software.versionEndExcluding ?? "a later version",
        cvss,
      })
    }),
  )
  const files = new Set(looked.flatMap(({ filePath }) => (filePath ? [inProject(filePath, root)] : [])))
  const dates = (scanInfo.dataSource ?? [])
    .map(({ timestamp }) => timestamp)
    .filter((date) => !Number.isNaN(Date.parse(date)))
  const updatedAt = dates.sort().at(-1) ?? null
  return {
    findings,
    what: plural(looked.length, "package"),
    version: scanInfo.engineVersion ?? null,
    database: { source: "folder", updatedAt },
    reads: (file) => files.has(file),
  }
}

/** `/app/package-lock.json?ms:2.1.2` is `package-lock.json`. */
const inProject = (path: string, root: string): string => path.replace(`${root}/`, "").replace(/\?.*$/, "")

export const dependencyCheck: Tool = { name: "dependency-check", scans: { dependencies: [scanner] } }
