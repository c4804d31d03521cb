import { CacheSharingMode, type Container, dag } from "@dagger.io/dagger"
import { quote } from "../../plan/command.js"
import { inCi } from "../../plan/context.js"
import type { Database } from "../../plan/result.js"
import { WORKDIR } from "../../plan/stage.js"
import { readNpmAudit } from "../read/npm.js"
import { readOsv } from "../read/osv.js"
import { readDependencyCheck, readSnyk } from "../read/others.js"
import { DidNotLook } from "../read/report.js"
import { readTrivyDate, readTrivyPackages } from "../read/trivy.js"
import type { Job, Scan, Scanner } from "../scanner.js"

/** Seconds for a scanner that downloads a database first. */
const TIMEOUT = 900
const REPORT = "/report/report.json"
const DATABASE = "/database"
const METADATA = `${DATABASE}/db/metadata.json`

/** A database that is asked over the network has the date of the asking: see `look`. */
const live = (source: string): Database => ({ source, updatedAt: "" })

const withReportFolder = (container: Container): Container =>
  container.withDirectory("/report", dag.directory())

/** Trivy with its database, and the arguments that say where that is from. */
function trivy({ given, settings }: Scan): { container: Container; args: string; source: string } {
  const { folder, mirror, volume } = settings.databases.trivy
  const container = withReportFolder(given.image("aquasec/trivy"))
  const cached = (name: string) =>
    container.withMountedCache(DATABASE, dag.cacheVolume(name), { sharing: CacheSharingMode.Locked })
  if (folder !== null)
    return {
      container: container.withDirectory(DATABASE, given.source.directory(folder)),
      args: "--skip-db-update",
      source: `folder ${folder}`,
    }
  if (volume !== null)
    return { container: cached(volume), args: "--skip-db-update", source: `cache volume ${volume}` }
  const args = mirror === null ? "" : `--db-repository ${quote(mirror)}`
  return { container: cached("slipway-trivy"), args, source: mirror ?? "Trivy's own registry" }
}

function trivyJob(scan: Scan, mount: (container: Container) => Container, what: string): Job {
  const { container, args, source } = trivy(scan)
  const options = `--scanners vuln --list-all-pkgs --format json --output ${REPORT} --cache-dir ${DATABASE}`
  const quiet =
    "--cache-backend memory --skip-version-check --skip-java-db-update --no-progress --exit-code 0"
  return {
    command: {
      container: mount(container),
      // The metadata are copied: a cache volume's files are not there any more when the command is over.
      steps: [
        {
          name: "trivy",
          run: `trivy ${what} ${options} ${quiet} ${args} && cp ${METADATA} /report/metadata.json`,
          timeout: TIMEOUT,
          attempts: 2,
          final: "skip-db-update|schema|corrupt",
        },
      ],
      reports: ["/report/metadata.json"],
    },
    report: REPORT,
    database: { source, updatedAt: null },
  }
}

const trivyOf = (
  mount: (scan: Scan) => (container: Container) => Container,
  what: (scan: Scan) => string,
): Scanner => ({
  tool: "trivy",
  image: "aquasec/trivy",
  refused: /database|vulnerability DB|skip-db-update|oci artifact|db error|metadata|bolt/,
  maxAge: (settings) => settings.databases.trivy.maxAge,
  prepare: async (scan) => trivyJob(scan, mount(scan), what(scan)),
  read(text, ran, scan) {
    const updatedAt = readTrivyDate(ran.reports["/report/metadata.json"])
    const database = { source: trivy(scan).source, updatedAt }
    return { ...readTrivyPackages(text, scan.image?.dockerfile ?? null), database }
  },
})

const osv: Scanner = {
  tool: "osv-scanner",
  image: "ghcr.io/google/osv-scanner",
  refused: /database|api\.osv\.dev|dial tcp|offline/,
  maxAge: (settings) => settings.databases["osv-scanner"].maxAge,
  async prepare({ given, settings }) {
    const { folder } = settings.databases["osv-scanner"]
    const base = withReportFolder(given.image("ghcr.io/google/osv-scanner")).withDirectory(
      WORKDIR,
      given.source,
    )
    const container =
      folder === null
        ? base
        : base
            .withDirectory(DATABASE, given.source.directory(folder))
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
        reports: [`${DATABASE}/updated-at`],
      },
      report: REPORT,
      good: [1],
      database: folder === null ? live("api.osv.dev") : { source: `folder ${folder}`, updatedAt: null },
    }
  },
  read(text, ran, { settings }) {
    const { folder } = settings.databases["osv-scanner"]
    const updatedAt = ran.reports[`${DATABASE}/updated-at`]?.trim() ?? null
    const read = readOsv(text, WORKDIR)
    return folder === null ? read : { ...read, database: { source: `folder ${folder}`, updatedAt } }
  },
}

const npmAudit: Scanner = {
  tool: "npm-audit",
  image: "node",
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
        container: withReportFolder(given.image("node", `${project.node}-bookworm-slim`))
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

const dependencyCheck: Scanner = {
  tool: "dependency-check",
  image: "owasp/dependency-check",
  refused: /database|NVD|NoDataException|update/,
  maxAge: (settings) => settings.databases["dependency-check"].maxAge,
  async prepare({ given, settings }) {
    const { folder, volume } = settings.databases["dependency-check"]
    const base = withReportFolder(given.image("owasp/dependency-check").withUser("root")).withDirectory(
      WORKDIR,
      given.source,
    )
    const container =
      folder === null
        ? base.withMountedCache(DATABASE, dag.cacheVolume(volume ?? "slipway-dependency-check"), {
            sharing: CacheSharingMode.Locked,
          })
        : base.withDirectory(DATABASE, given.source.directory(folder))
    const update = folder === null && volume === null ? "" : "--noupdate"
    return {
      command: {
        container,
        steps: [
          {
            name: "dependency-check",
            run: `/usr/share/dependency-check/bin/dependency-check.sh --scan ${WORKDIR} --format JSON --out ${REPORT} --data ${DATABASE} --nodeAuditSkipDevDependencies ${update}`,
            timeout: TIMEOUT * 2,
          },
        ],
      },
      report: REPORT,
    }
  },
  read: (text) => readDependencyCheck(text),
}

const snyk: Scanner = {
  tool: "snyk",
  image: "snyk/snyk",
  maxAge: () => null,
  async prepare({ given }) {
    const { snykToken } = given.secrets
    if (!snykToken)
      throw new DidNotLook(
        inCi(given.context) ? "token" : null,
        "it has no token: hand one over with --snyk-token env://SNYK_TOKEN",
      )
    return {
      command: {
        container: withReportFolder(given.image("snyk/snyk"))
          .withDirectory(WORKDIR, given.source)
          .withWorkdir(WORKDIR),
        steps: [{ name: "snyk", run: `snyk test --all-projects --json >${REPORT}`, timeout: TIMEOUT }],
        secrets: { SNYK_TOKEN: snykToken },
      },
      report: REPORT,
      good: [1, 2, 3],
      database: live("snyk.io"),
    }
  },
  read: (text) => readSnyk(text),
}

export const DEPENDENCIES = {
  trivy: [
    trivyOf(
      ({ given }) =>
        (container) =>
          container.withDirectory(WORKDIR, given.source),
      () => `fs ${WORKDIR}`,
    ),
  ],
  "osv-scanner": [osv],
  "npm-audit": [npmAudit],
  "dependency-check": [dependencyCheck],
  snyk: [snyk],
} as const

export const IMAGE = {
  trivy: [
    trivyOf(
      ({ image }) =>
        (container) =>
          image === null ? container : container.withMountedFile("/image.tar", image.container.asTarball()),
      () => "image --input /image.tar",
    ),
  ],
} as const
