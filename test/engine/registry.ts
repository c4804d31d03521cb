import { sha256 } from "../../ci/src/formats/canonical.js"
import { COSIGN } from "../../ci/src/image/registry.js"
import { evidenceFiles } from "../../ci/src/report/evidence.js"
import { quote } from "../../ci/src/run/command.js"
import { NO_CONTEXT } from "../../ci/src/run/context.js"
import { imageReference } from "../../ci/src/run/images.js"
import type { Content, RunRecord } from "../../ci/src/run/result.js"
import { defaultConfig } from "../../ci/src/settings.js"
import { stage } from "../unit/report/builders.js"
import { type Called, dagger, MODULE, temporary, write } from "./support.js"

/** How the engine's containers name the registry of {@link registryOf}. */
export const HOST = "registry:5000"
export const USERNAME = "tester"
export const PASSWORD = "opensesame"
export const HTPASSWD = `${USERNAME}:$2b$05$abcdefghijklmnopqrstuuQbLfdQZSxZ9gjhA5V9o8Tyc6aQRO0Qi`

/** A registry for tests, which asks for a login and forgets nothing from call to call. */
export interface Registry {
  /**
   * Calls a function for images on a project, with the module's own options before it.
   *
   * @param then what is done with its result: `| export folder`.
   */
  readonly call: (
    project: string,
    options: readonly string[],
    words: readonly string[],
    then?: string,
  ) => Promise<Called>
  /** Calls a function of the module itself, which takes the registry as --registry. */
  readonly callModule: Registry["call"]
  /** Runs a shell script that has regctl. */
  readonly run: (script: string) => Promise<Called>
}

/** @param name of the volume that it keeps its images in. */
export function registryOf(name: string): Registry {
  const service = [
    "container",
    "from registry:2",
    `with-new-file /htpasswd ${quote(HTPASSWD)}`,
    "with-env-variable REGISTRY_STORAGE_DELETE_ENABLED true",
    "with-env-variable REGISTRY_AUTH htpasswd",
    "with-env-variable REGISTRY_AUTH_HTPASSWD_REALM tests",
    "with-env-variable REGISTRY_AUTH_HTPASSWD_PATH /htpasswd",
    `with-mounted-cache /var/lib/registry $(cache-volume ${name})`,
    "with-exposed-port 5000",
    "as-service --use-entrypoint",
  ].join(" | ")
  const login = (flag: string) => `--username ${USERNAME} ${flag} $(${service})`
  return {
    call: (project, options, words, then = "") =>
      shell(`${onProject(project, options)} | image | ${command(words)} ${login("--service")} ${then}`),
    callModule: (project, options, words) =>
      shell(`${onProject(project, options)} | ${command(words)} ${login("--registry")}`),
    run: (script) => {
      const login = `regctl registry set --tls disabled --skip-check ${HOST}; regctl registry login -u ${USERNAME} -p ${PASSWORD} ${HOST}`
      const steps = [
        "container",
        "from regclient/regctl:v0.11.7-alpine",
        `with-service-binding registry $(${service})`,
        `with-env-variable NOW ${Date.now()}`,
        `with-exec -- sh -c ${quote(`${login}; set -e; ${script}`)}`,
        "stdout",
      ]
      return shell(steps.join(" | "))
    },
  }
}

/** The module on a project, with its own options, in the dagger CLI's shell. */
export const onProject = (project: string, options: readonly string[]): string =>
  `${quote(MODULE)} --source ${quote(project)} --history ${quote(project)} ${options.map(quote).join(" ")}`

const command = ([name = "", ...rest]: readonly string[]): string => [name, ...rest.map(quote)].join(" ")

/** Makes a key pair as a team does: cosign's own, encrypted with a password. */
export async function makeKeys(folder: string, password: string): Promise<void> {
  const made = await dagger(
    folder,
    ...["core", "container", "from", "--address", imageReference(COSIGN, defaultConfig().images)],
    ...["with-env-variable", "--name", "COSIGN_PASSWORD", "--value", password],
    ...["with-workdir", "--path", "/keys", "with-exec", "--use-entrypoint", "--args", "generate-key-pair"],
    ...["directory", "--path", "/keys", "export", "--path", folder],
  )
  if (made.code !== 0) throw new Error(made.said)
}

/** Runs a script of the dagger CLI's own shell: it takes paths from the folder that it runs in. */
export const shell = (script: string): Promise<Called> => dagger("/", "-M", "-c", script)

/** The commit of {@link evidenceOf}. */
export const COMMIT = "0123456789abcdef0123456789abcdef01234567"

/**
 * What `report` would leave of a green check of the small app, sealed by its audit log.
 *
 * @param change what is otherwise.
 * @param contents the builds that its bill of materials is of; null without one.
 */
export function evidenceOf(change: Partial<RunRecord>, contents: readonly Content[] | null = []): string {
  const path = "sbom/small.cdx.json"
  const bill = JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", components: [] })
  const looked = stage("sbom:small", { contents: [...(contents ?? [])], files: [path] })
  const record: RunRecord = {
    schema: 1,
    slipway: "0",
    project: "small",
    verdict: "passed",
    exitCode: 0,
    startedAt: 0,
    endedAt: 0,
    context: { ...NO_CONTEXT, commit: COMMIT },
    images: [],
    stages: contents === null ? [] : [looked],
    ...change,
  }
  const left = contents === null ? {} : { [path]: bill }
  const digests = Object.entries(left).map(([name, text]) => [name, `sha256:${sha256(text)}`] as const)
  const folder = temporary("evidence")
  write(folder, { ...evidenceFiles(record, Object.fromEntries(digests)), ...left })
  return folder
}
