import type { Container, Directory } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import { escapeGlob } from "../formats/glob.js"
import { causeLine } from "../run/cause-line.js"
import { NODE } from "../run/images.js"
import { fromCommand, type Reading } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import {
  type Given,
  type Ran,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
  withVariables,
} from "../run/stage.js"
import { brokenInstall } from "./broken.js"
import { finalFailure, installFailure } from "./install-failure.js"
import { otherLockFiles } from "./lock-files.js"
import { equipped, withCacheOf } from "./manager-programs.js"
import { managerText, manualOf, runScript } from "./managers.js"
import { MANIFEST, manifestWithoutScripts } from "./manifest.js"
import { nodeTag } from "./node-version.js"
import { hasManifest, manifests, packagesOf, stageName } from "./packages.js"
import { joinPath } from "./paths.js"
import type { Project } from "./project.js"
import { withSystemPackages } from "./system-install.js"
import { systemPackages, systemText } from "./system-packages.js"
import { SETTINGS, type Wanted, wantedIn } from "./variables.js"

/** The stage whose container others build on. */
export const INSTALL = "install"

/** Seconds for one try. */
const TIMEOUT = 300
const ATTEMPTS = 3

/** The name of the stage that installs a project's dependencies. */
export const installStage = ({ root }: Project): string => stageName(INSTALL, root)

/** Installs dependencies once for each lock file. Every stage that runs the project's tools builds on it. */
export const install: StageKind = {
  kind: INSTALL,
  scope: "node",
  versions: "needed",
  applies(project) {
    if (!hasManifest(project)) return { applies: false, reason: "no package.json" }
    const { packageManager, fault } = project
    if (fault !== null)
      return { applies: true, stages: [brokenInstall(installStage(project), INSTALL, fault)] }
    const manager = `${managerText(packageManager)} (${packageManager.because})`
    return {
      applies: true,
      stages: [
        {
          name: installStage(project),
          kind: INSTALL,
          needs: [],
          prepares: true,
          because: [manager, lockText(project), ...systemText(systemPackages(project))].join(", "),
          inputs: { include: manifests(project), exclude: [] },
          run: runInstall,
        },
      ],
    }
  },
}

/** The lock file that counts, and those left behind that do not. */
function lockText(project: Project): string {
  const own = project.lockFile ?? "no lock file"
  const others = otherLockFiles(project)
  return others.length === 0 ? own : `${own}; not read: ${others.join(", ")}`
}

async function runInstall(given: Given): Promise<StageResult> {
  const { project, source } = given
  const { packageManager, lockFile } = project
  const manual = manualOf(packageManager)
  const usual = lockFile === null ? manual.unlocked : manual.locked
  const { script, timeout } = settingsOf(project.config, INSTALL)
  const [files, missing, { container, lacking }] = await Promise.all([
    script ? source : withoutScripts(source, project),
    missingIn(given, settingsFiles(project)),
    withSystemPackages(given, nodeContainer(given)),
  ])
  const ready = await equipped(given, withVariables(container, given.variables))
  if (ready.ran?.failed) return withoutManager(ready.ran, packageManager.packages)
  const ran = await given.command({
    container: withCacheOf(packageManager.tool, ready.container)
      .withDirectory(WORKDIR, files)
      .withWorkdir(`${WORKDIR}/${project.path}`),
    steps: [
      {
        name: INSTALL,
        run: script ? runScript(packageManager, script) : usual,
        timeout: timeout ?? TIMEOUT,
        attempts: ATTEMPTS,
        final: finalFailure(project, missing),
      },
    ],
  })
  const outcome = { ...fromCommand(ran, readingOf(project)), unchecked: lacking }
  const undecided = outcome.findings.length > 0 ? { until: 0 } : {}
  if (outcome.verdict === "passed") return { ...outcome, ...undecided, container: ran.container }
  return outcome.cause === "timed-out"
    ? notInTime(outcome)
    : { ...outcome, ...installFailure(ran.log.text, project, missing) }
}

/** The outcome of an install that did not end in time. */
export const notInTime = (outcome: StageResult): StageResult => ({
  ...outcome,
  verdict: "errored",
  cause: "download",
  summary: `cannot install dependencies: ${outcome.summary}`,
})

/** How a command that installs a project's dependencies is read. */
function readingOf(project: Project): Reading {
  const { packageManager, lockFile } = project
  const passed = `dependencies installed by ${managerText(packageManager)}${lockFile === null ? ", without a lock file" : ""}`
  return { passed, findings: unlockedFindings(project), tests: [] }
}

/**
 * Takes the scripts out of the project's own manifests: those that belong to an install run when their sources are there
 * (`prepare`), and a change of another installs nothing again.
 */
async function withoutScripts(source: Directory, project: Project): Promise<Directory> {
  const files = packagesOf(project).map(({ path }) => joinPath(path, MANIFEST))
  const texts = await Promise.all(files.map((file) => source.file(file).contents()))
  const rest = source.filter({ exclude: files.map(escapeGlob) })
  return files.reduce((made, file, i) => made.withNewFile(file, manifestWithoutScripts(texts[i] ?? "")), rest)
}

const settingsFiles = ({ path, files }: Project): readonly string[] =>
  SETTINGS.map((name) => joinPath(path, name)).filter((file) => files.includes(file))

/**
 * Returns the variables that settings want and nobody set.
 *
 * @param settings their paths in the repository.
 */
export async function missingIn(
  { source, variables }: Given,
  settings: readonly string[],
): Promise<readonly Wanted[]> {
  const texts = await Promise.all(settings.map((file) => source.file(file).contents()))
  return settings
    .flatMap((file, i) => wantedIn(file, texts[i] ?? ""))
    .filter(({ name }) => !Object.hasOwn(variables, name))
}

/** The outcome where the package manager itself cannot be installed. */
function withoutManager(ran: Ran, packages: readonly string[]): StageResult {
  const why = causeLine(ran.log.text) ?? "no reason given"
  return {
    ...fromCommand(ran, { passed: "", findings: [], tests: [] }),
    verdict: "errored",
    cause: "download",
    summary: `cannot install ${packages.join(", ")} from npm: ${why}. Check the version, or the registry in .npmrc`,
  }
}

/** What is wrong with dependencies that no lock file holds; nothing where there are none. */
function unlockedFindings(project: Project): readonly Finding[] {
  const { path, packageManager, lockFile } = project
  const needed = packagesOf(project).some(({ dependencies }) => dependencies.length > 0)
  if (lockFile !== null || !needed) return []
  return [
    {
      rule: "no-lock-file",
      severity: "medium",
      message: `no lock file of ${packageManager.name}, so two runs can test different code: ${manualOf(packageManager).mend}`,
      file: joinPath(path, MANIFEST),
      line: null,
      standing: { status: "reported", why: "dependencies install without it" },
    },
  ]
}

/**
 * What tools expect of an environment, as on a CI vendor's machine. Downloads of browsers are off, which the image has no
 * libraries for; so are the daemon and the remote cache of Nx.
 */
const ENVIRONMENT = {
  CI: "true",
  NO_UPDATE_NOTIFIER: "1",
  // Tools that run a command line look here for the shell to use.
  SHELL: "/bin/sh",
  CYPRESS_INSTALL_BINARY: "0",
  PUPPETEER_SKIP_DOWNLOAD: "true",
  PUPPETEER_SKIP_CHROMIUM_DOWNLOAD: "true",
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1",
  NX_DAEMON: "false",
  NX_NO_CLOUD: "true",
}

/** The project's Node.js. */
const nodeContainer = (given: Given): Container =>
  withEnvironment(given.image(NODE, nodeTag(given.project.node)), ENVIRONMENT)
