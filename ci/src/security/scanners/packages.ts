import { CacheSharingMode, dag } from "@dagger.io/dagger"
import { quote } from "../../run/command.js"
import { inCi } from "../../run/context.js"
import { type Image, NODE } from "../../run/images.js"
import type { Database } from "../../run/result.js"
import { WORKDIR, withEnvironment } from "../../run/stage.js"
import { readNpmAudit } from "../read/npm.js"
import { readOsv } from "../read/osv.js"
import { readDependencyCheck, readSnyk } from "../read/others.js"
import { DidNotLook } from "../read/report.js"
import type { Scanner } from "../scanner.js"
import { DATABASE, databaseIn, REPORT, TIMEOUT, withReportFolder } from "./database.js"
import { readable } from "./npm-lock.js"
import { TRIVY_FILES } from "./trivy.js"

/** Finds vulnerable packages, by the OSV database. */
export const OSV: Image = { name: "ghcr.io/google/osv-scanner", tag: "v2.5.1" }
/** Finds vulnerable packages, by the NVD's database. */
export const DEPENDENCY_CHECK: Image = { name: "owasp/dependency-check", tag: "12.1.0" }
/** Finds vulnerable packages, by Snyk's database. */
export const SNYK_IMAGE: Image = { name: "snyk/snyk", tag: "node" }

/** Where OSV-Scanner looks below the folder that it is told. */
const OSV_DATABASE = `${DATABASE}/osv-scalibr`
const OSV_DATE = `${OSV_DATABASE}/updated-at`

/** A database that is asked over the network has the date of the asking: see `look`. */
const live = (source: string): Database => ({ source, updatedAt: "" })

const osv: Scanner = {
  tool: "osv-scanner",
  image: OSV,
  refused: /database|api\.osv\.dev|dial tcp|offline/,
  maxAge: (settings) => settings.databases["osv-scanner"].maxAge,
  async prepare(scan) {
    const { given, settings } = scan
    const { folder } = settings.databases["osv-scanner"]
    const base = withReportFolder(given.image(OSV)).withDirectory(WORKDIR, await readable(given.source))
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
        reports: [OSV_DATE],
      },
      report: REPORT,
      good: [1],
      database: folder === null ? live("api.osv.dev") : { source: `folder ${folder}`, updatedAt: null },
    }
  },
  read(text, ran, { settings }) {
    const { folder } = settings.databases["osv-scanner"]
    const updatedAt = ran.reports[OSV_DATE]?.trim() ?? null
    const read = readOsv(text, WORKDIR)
    return folder === null ? read : { ...read, database: { source: `folder ${folder}`, updatedAt } }
  },
}

const npmAudit: Scanner = {
  tool: "npm-audit",
  image: NODE,
  maxAge: (settings) => settings.databases["npm-audit"].maxAge,
  async prepare({ given, settings }) {
    const { project } = given
    if (project.packageManager !== "npm" || project.lockFile === null)
      throw new DidNotLook(
        "errored",
        `it reads npm's lock files alone, and the project has ${project.lockFile ?? "none"}: name another scanner`,
      )
    const { mirror } = settings.databases["npm-audit"]
    const registry = mirror === null ? "" : `--registry ${quote(mirror)}`
    return {
      command: {
        container: withReportFolder(given.image(NODE, `${project.node}-bookworm-slim`))
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

/** What asks other services than the NVD: npm's advisories have a scanner of their own here. */
const OTHER_SERVICES = ["NodeAudit", "PnpmAudit", "YarnAudit", "OssIndex", "RetireJS", "Central"]
  .map((name) => `--disable${name}`)
  .join(" ")

const dependencyCheck: Scanner = {
  tool: "dependency-check",
  image: DEPENDENCY_CHECK,
  refused: /\[ERROR\].*(?:database|No documents exist|NVD|updat)/,
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

/** Without `--fail-fast` it leaves out projects that it can't read, and says nothing of it in its JSON. */
const SNYK = `snyk test --all-projects --fail-fast --json >${REPORT}`

const snyk: Scanner = {
  tool: "snyk",
  image: SNYK_IMAGE,
  maxAge: () => null,
  async prepare({ given, settings }) {
    const { snykToken } = given.secrets
    if (!snykToken)
      throw new DidNotLook(
        inCi(given.context) ? "token" : null,
        "it has no token: hand one over with --snyk-token env://SNYK_TOKEN",
      )
    const { mirror } = settings.databases.snyk
    const env = {
      SNYK_DISABLE_ANALYTICS: "1",
      ...(mirror === null ? {} : { SNYK_API: mirror }),
      // It would ask for https all the same.
      ...(mirror?.startsWith("http:") ? { SNYK_HTTP_PROTOCOL_UPGRADE: "0" } : {}),
    }
    const container = withReportFolder(given.image(SNYK_IMAGE))
      .withDirectory(WORKDIR, given.source)
      .withWorkdir(WORKDIR)
    return {
      command: {
        container: withEnvironment(container, env),
        steps: [{ name: "snyk", run: SNYK, timeout: TIMEOUT }],
        secrets: { SNYK_TOKEN: snykToken },
      },
      report: REPORT,
      good: [1, 2, 3],
      database: live(mirror ?? "snyk.io"),
    }
  },
  read: (text) => readSnyk(text),
}

export const DEPENDENCIES = {
  trivy: [TRIVY_FILES],
  "osv-scanner": [osv],
  "npm-audit": [npmAudit],
  "dependency-check": [dependencyCheck],
  snyk: [snyk],
} as const
