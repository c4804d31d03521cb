import { CacheSharingMode, type Container, dag } from "@dagger.io/dagger"
import { quote } from "../../run/command.js"
import { WORKDIR } from "../../run/stage.js"
import { TRIVY } from "../../tools/trivy.js"
import { DATABASE, databaseFiles, databaseIn, REPORT, TIMEOUT, withReportFolder } from "../database.js"
import { infrastructureJob } from "../infrastructure.js"
import type { Job, Scan, Scanner, Tool } from "../scanner.js"
import { readTrivyDate, readTrivyMisconfigurations, readTrivyPackages } from "./trivy-report.js"

const METADATA = `${DATABASE}/db/metadata.json`

/** A database that the team keeps is not updated. Without these options, Trivy also fetches the one of Java libraries, for an image that has some. */
const HELD = "--skip-db-update --skip-java-db-update"

/**
 * Returns the address of the database of Java libraries beside a mirror of the main one: `…/trivy-java-db:1` beside
 * `…/trivy-db:2`. Null for a mirror under another name.
 */
export function javaMirror(mirror: string): string | null {
  const [, before, tag] = /^(.*)trivy-db(:\d+)?$/.exec(mirror) ?? []
  if (before === undefined) return null
  return `${before}trivy-java-db${tag === undefined ? "" : ":1"}`
}

function mirrorArgs(mirror: string): string {
  const java = javaMirror(mirror)
  const args = `--db-repository ${quote(mirror)}`
  return java === null ? args : `${args} --java-db-repository ${quote(java)}`
}

/** Returns where Trivy's database is from, and the options for it. */
function trivySource({ databases }: Scan["settings"]): { readonly source: string; readonly args: string } {
  const { folder, mirror, volume } = databases.trivy
  if (folder !== null) return { source: `folder ${folder}`, args: HELD }
  if (volume !== null) return { source: `cache volume ${volume}`, args: HELD }
  if (mirror !== null) return { source: mirror, args: mirrorArgs(mirror) }
  return { source: "Trivy's own registry", args: "" }
}

async function trivyContainer(scan: Scan): Promise<Container> {
  const { folder, volume } = scan.settings.databases.trivy
  const container = withReportFolder(scan.given.image(TRIVY))
  if (folder !== null) return container.withDirectory(DATABASE, await databaseIn(scan, folder))
  const cache = dag.cacheVolume(volume ?? "slipway-trivy")
  return container.withMountedCache(DATABASE, cache, { sharing: CacheSharingMode.Locked })
}

async function trivyJob(scan: Scan, mount: (container: Container) => Container, what: string): Promise<Job> {
  const { args, source } = trivySource(scan.settings)
  const options = `--scanners vuln --list-all-pkgs --format json --output ${REPORT} --cache-dir ${DATABASE}`
  const quiet = "--cache-backend memory --skip-version-check --no-progress --exit-code 0"
  return {
    command: {
      container: mount(await trivyContainer(scan)),
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
  image: TRIVY,
  refused: /database|vulnerability DB|skip-db-update|oci artifact|db error|metadata|bolt/,
  settingsFiles: ({ databases }) => databaseFiles(databases.trivy.folder),
  maxAge: (settings) => settings.databases.trivy.maxAge,
  prepare: async (scan) => trivyJob(scan, mount(scan), what(scan)),
  read(text, ran, scan) {
    const updatedAt = readTrivyDate(ran.reports["/report/metadata.json"])
    const database = { source: trivySource(scan.settings).source, updatedAt }
    return { ...readTrivyPackages(text, scan.image?.place ?? null), database }
  },
})

/** By itself it reads `requirements.txt` alone. */
const REQUIREMENTS = String.raw`pip:requirements(?:[^/]*|/[^/]+)\.txt$`

/** Trivy on the lock files of the project. */
const onFiles = trivyOf(
  ({ given }) =>
    (container) =>
      container.withDirectory(WORKDIR, given.source),
  () => `fs --include-dev-deps --file-patterns ${quote(REQUIREMENTS)} ${WORKDIR}`,
)

const onImage = trivyOf(
  ({ image }) =>
    (container) =>
      image === null ? container : container.withMountedFile("/image.tar", image.tarball),
  () => "image --input /image.tar",
)

/** With the rules that are built into it: the same version says the same. */
const MISCONFIGURATIONS = `trivy fs --scanners misconfig --format json --output ${REPORT} --skip-check-update --skip-version-check --offline-scan --no-progress --exit-code 0 ${WORKDIR}`

const onInfrastructure: Scanner = {
  tool: "trivy",
  image: TRIVY,
  maxAge: () => null,
  prepare: async (scan) => infrastructureJob(scan, TRIVY, "trivy", MISCONFIGURATIONS),
  read: (text, ran) => readTrivyMisconfigurations(text, ran.log.text),
}

export const trivy: Tool = {
  name: "trivy",
  scans: { dependencies: [onFiles], "image-scan": [onImage], infrastructure: [onInfrastructure] },
}
