import * as z from "zod/mini"
import { severityOfScore } from "../../formats/cvss.js"
import { plural } from "../../formats/figures.js"
import { packageUrl } from "../../formats/purl.js"
import { onlyPath } from "../../run/command.js"
import type { Image } from "../../run/images.js"
import { WORKDIR } from "../../run/stage.js"
import { ACCEPTING } from "../accepted.js"
import { DATABASE, databaseFiles, databaseIn, live, REPORT, TIMEOUT, withReportFolder } from "../database.js"
import { inPackage, severityOf } from "../finding.js"
import { DidNotLook, maybe, type Read, readReport } from "../report.js"
import type { Scanner, Tool } from "../scanner.js"
import { readable } from "./npm-lock.js"
import { developmentOnly, isPnpmLock } from "./pnpm-lock.js"

/** Finds vulnerable packages, by the OSV database. */
export const OSV: Image = { name: "ghcr.io/google/osv-scanner", tag: "v2.5.1" }

/** Where OSV-Scanner looks below the folder that it is told. */
const OSV_DATABASE = `${DATABASE}/osv-scalibr`
const OSV_DATE = `${OSV_DATABASE}/updated-at`

const osv: Scanner = {
  tool: "osv-scanner",
  image: OSV,
  refused: /database|api\.osv\.dev|dial tcp|offline/,
  settingsFiles: ({ databases }) => databaseFiles(databases["osv-scanner"].folder),
  maxAge: (settings) => settings.databases["osv-scanner"].maxAge,
  async prepare(scan) {
    const { given, settings, files } = scan
    const { folder } = settings.databases["osv-scanner"]
    // What its own files accept is decided with the other scanners' findings, and counted.
    const source = given.source.filter({ exclude: [...ACCEPTING.osv] })
    const base = withReportFolder(given.image(OSV)).withDirectory(WORKDIR, await readable(source))
    const container =
      folder === null
        ? base
        : base
            .withDirectory(OSV_DATABASE, await databaseIn(scan, folder))
            .withEnvVariable("OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY", DATABASE)
    const offline = folder === null ? "" : "--offline --offline-vulnerabilities"
    return {
      command: {
        container,
        steps: [
          {
            name: "osv-scanner",
            run: `/osv-scanner scan source --recursive --all-packages --format json --output-file ${REPORT} ${offline} ${WORKDIR}`,
            timeout: TIMEOUT,
          },
        ],
        // A database in a folder has its date beside it: the files of it have none that can be trusted.
        reports: [OSV_DATE, ...files.filter(isPnpmLock).map((file) => onlyPath(`${WORKDIR}/${file}`))],
      },
      report: REPORT,
      good: [1],
      database: folder === null ? live("api.osv.dev") : { source: `folder ${folder}`, updatedAt: null },
    }
  },
  read(text, ran, { settings }) {
    const { folder } = settings.databases["osv-scanner"]
    const updatedAt = ran.reports[OSV_DATE]?.trim() ?? null
    const read = readOsv(text, WORKDIR, ran.reports)
    return folder === null ? read : { ...read, database: { source: `folder ${folder}`, updatedAt } }
  },
}

const vulnerability = z.object({
  id: z.string(),
  aliases: maybe(z.array(z.string())),
  summary: maybe(z.string()),
  affected: maybe(
    z.array(
      z.object({
        package: maybe(z.object({ name: z.string() })),
        ranges: maybe(z.array(z.object({ events: z.array(z.object({ fixed: maybe(z.string()) })) }))),
      }),
    ),
  ),
  database_specific: maybe(z.object({ severity: maybe(z.string()) })),
})

const report = z.object({
  results: z.array(
    z.object({
      source: z.object({ path: z.string() }),
      packages: z.array(
        z.object({
          package: z.object({ name: z.string(), version: z.string(), ecosystem: z.string() }),
          dependency_groups: maybe(z.array(z.string())),
          vulnerabilities: maybe(z.array(vulnerability)),
          groups: maybe(z.array(z.object({ ids: z.array(z.string()), max_severity: maybe(z.string()) }))),
        }),
      ),
    }),
  ),
})

/** Groups of dependencies that do not ship. */
const DEVELOPMENT = /^(?:dev|develop|development|test|tests|lint|docs)$/

/**
 * @param root where the project lies in the container; it is cut off paths.
 * @param locks texts of pnpm's lock files, by their path in the container.
 */
export function readOsv(text: string, root: string, locks: Readonly<Record<string, string>> = {}): Read {
  const { results } = readReport(report, text)
  const packages = results.reduce((sum, one) => sum + one.packages.length, 0)
  if (packages === 0) throw new DidNotLook("errored", "found no package in a lock file that it reads")
  const plain = (path: string) => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path)
  const findings = results.flatMap(({ source, packages }) => {
    const lock = locks[source.path]
    const unshipped = isPnpmLock(source.path) && lock !== undefined ? developmentOnly(lock) : null
    return packages.flatMap(({ package: { name, version, ecosystem }, vulnerabilities, groups, ...more }) => {
      const named = more.dependency_groups?.some((group) => DEVELOPMENT.test(group))
      const development = unshipped?.has(`${name}@${version}`) ?? named
      return (vulnerabilities ?? []).map((one) => {
        const group = groups?.find(({ ids }) => ids.includes(one.id))
        const cvss = Number(group?.max_severity || Number.NaN)
        const said = one.database_specific?.severity
        return inPackage("osv-scanner", [one.id, ...(one.aliases ?? [])], {
          severity: said || Number.isNaN(cvss) ? severityOf(said) : severityOfScore(cvss),
          message: `${name} ${version}: ${one.summary ?? one.id}`,
          file: plain(source.path),
          package: packageUrl(ecosystem, name, version),
          fixed: fixedIn(one, name),
          cvss: Number.isNaN(cvss) ? null : cvss,
          ...(development === undefined ? {} : { development }),
        })
      })
    })
  })
  const read = new Set(results.flatMap((one) => (one.packages.length > 0 ? [plain(one.source.path)] : [])))
  return { findings, what: plural(packages, "package"), version: null, reads: (file) => read.has(file) }
}

/** The version of a package that is named last as one without the vulnerability. */
const fixedIn = ({ affected }: z.output<typeof vulnerability>, name: string): string | null =>
  (affected ?? [])
    .filter((one) => !one.package || one.package.name === name)
    .flatMap(({ ranges }) => ranges ?? [])
    .flatMap(({ events }) => events)
    .findLast(({ fixed }) => fixed)?.fixed ?? null

export const osvScanner: Tool = { name: "osv-scanner", scans: { dependencies: [osv] } }
