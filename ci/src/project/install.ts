import type { Container } from "@dagger.io/dagger"
import { dag } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import { NODE } from "../run/images.js"
import { fromCommand, NO_WORK } from "../run/outcome.js"
import { type Given, type StageKind, type StageResult, WORKDIR } from "../run/stage.js"
import { hasManifest, manifests, stageName } from "./packages.js"
import type { PackageManager, Project } from "./project.js"

/** The stage whose container others build on. */
export const INSTALL = "install"

/** How a package manager installs exactly what its lock file says. */
interface Installer {
  readonly command: string
  /** Its download cache, shared by all runs. */
  readonly cache: string
  /** Matches its error for an outdated lock file (grep -E). */
  readonly outOfStep: string
  readonly mend: string
}

/** Package clients wait five minutes for a silent registry by default. */
const NPM_NETWORK = "--fetch-timeout=60000 --fetch-retries=2"

const INSTALLERS: Readonly<Record<PackageManager, Installer>> = {
  npm: {
    command: `npm ci --no-audit --no-fund --no-progress ${NPM_NETWORK}`,
    cache: "/root/.npm",
    outOfStep:
      "can only install packages when your package.json and package-lock.json|Missing: .* from lock file|Invalid: lock file",
    mend: "run npm install and commit package-lock.json",
  },
  pnpm: {
    command:
      "npx --yes pnpm@10 install --frozen-lockfile --fetch-timeout 60000 --store-dir /root/.pnpm-store",
    cache: "/root/.pnpm-store",
    outOfStep: "ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_NO_LOCKFILE|ERR_PNPM_LOCKFILE_CONFIG_MISMATCH",
    mend: "run pnpm install and commit pnpm-lock.yaml",
  },
  yarn: {
    command:
      "if [ -e .yarnrc.yml ]; then npx --yes @yarnpkg/cli-dist@4 install --immutable; else npx --yes yarn@1 install --frozen-lockfile --non-interactive --network-timeout 60000; fi",
    cache: "/root/.cache/yarn",
    outOfStep: "lockfile needs to be updated|YN0028",
    mend: "run yarn install and commit yarn.lock",
  },
}

/** Seconds for one try. */
const TIMEOUT = 300
const ATTEMPTS = 3

/** The name of the stage that installs a project's dependencies. */
export const installStage = ({ root }: Project): string => stageName(INSTALL, root)

/** Installs dependencies once for each lock file. Every stage that runs the project's tools builds on it. */
export const install: StageKind = {
  kind: INSTALL,
  scope: "project",
  applies(project) {
    if (!hasManifest(project)) return { applies: false, reason: "no package.json" }
    const file = project.lockFile ?? "no lock file"
    return {
      applies: true,
      stages: [
        {
          name: installStage(project),
          kind: INSTALL,
          needs: [],
          prepares: true,
          because: `${project.packageManager}, ${file}`,
          inputs: { include: manifests(project), exclude: [] },
          run: runInstall,
        },
      ],
    }
  },
}

async function runInstall(given: Given): Promise<StageResult> {
  const { project, source } = given
  const installer = INSTALLERS[project.packageManager]
  if (project.lockFile === null)
    return {
      verdict: "failed",
      cause: "lock-file",
      summary: `no lock file, so two runs could test different code: ${installer.mend}`,
      ...NO_WORK,
    }
  const settings = settingsOf(project.config, "install")
  const ran = await given.command({
    container: nodeContainer(given)
      .withMountedCache(installer.cache, dag.cacheVolume(`slipway-${project.packageManager}`))
      .withDirectory(WORKDIR, source)
      .withWorkdir(`${WORKDIR}/${project.path}`),
    steps: [
      {
        name: "install",
        run: settings.script ? `npm run ${settings.script}` : installer.command,
        timeout: settings.timeout ?? TIMEOUT,
        attempts: ATTEMPTS,
        final: installer.outOfStep,
      },
    ],
  })
  const outcome = fromCommand(ran, { passed: "dependencies installed", findings: [], tests: [] })
  if (outcome.verdict === "passed") return { ...outcome, container: ran.container }
  if (new RegExp(installer.outOfStep).test(ran.log.text))
    return {
      ...outcome,
      verdict: "failed",
      cause: "lock-file",
      summary: `${project.lockFile} and package.json disagree: ${installer.mend}`,
    }
  // Any other error is outside the code: a registry, a network.
  return {
    ...outcome,
    verdict: "errored",
    cause: "download",
    summary: `cannot install dependencies: ${outcome.summary}`,
  }
}

/** The project's Node.js, with what its tools expect of an environment. */
function nodeContainer(given: Given): Container {
  const { project } = given
  return given
    .image(NODE, `${project.node}-bookworm-slim`)
    .withEnvVariable("CI", "true")
    .withEnvVariable("NO_UPDATE_NOTIFIER", "1")
}
