import { type Container, type Directory, dag, type Secret } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import { readConfiguration } from "../config/read.js"
import { engineFilter, filesBelow } from "../formats/glob.js"
import { folderOf } from "../project/manifest.js"
import { quote } from "../run/command.js"
import type { RunContext } from "../run/context.js"
import { Fault } from "../run/fault.js"
import { imageReference, NODE } from "../run/images.js"
import type { Request, Secrets } from "../run/request.js"
import { WORKDIR } from "../run/stage.js"
import { rehearsed, withInstead, withRole } from "./access.js"
import { digestOf, type Present } from "./binding.js"
import { quiet, TOOLS } from "./container.js"
import { backendConfig, backendOf, environmentOf, rootOf, variableFile } from "./environment.js"
import { closure } from "./roots.js"
import { type Infrastructure, infrastructure, LEFT_BEHIND } from "./sources.js"
import type { Program } from "./version.js"

/** A root module in an environment: the context of plan, apply and drift. */
export interface Work {
  readonly config: Config
  readonly context: RunContext
  readonly secrets: Secrets
  readonly found: Infrastructure
  readonly root: string
  readonly program: Program
  /** The program with `-chdir`. */
  readonly at: string
  /** Options for the files of variables. */
  readonly variables: readonly string[]
  /** The current binding, without the state. */
  readonly present: Omit<Present, "state">
  /** With the program and the files of the root module and its modules. */
  readonly container: Container
}

/** Holds secrets while a container runs; no image layer contains it. */
export const TEMP = "/slipway-temp"
/** Holds the results. */
export const OUT = `${TOOLS}/out`

/** Node.js with all that goes with it: certificates and git, for modules that come from there. */
const NODE_TAG = "22-bookworm"

const LOCK_FILE = ".terraform.lock.hcl"

/**
 * Opens the root module of an environment.
 *
 * @param environment the name in slipway.yaml, "" where it has none.
 * @param assignments `name=value` of variables.
 */
export async function open(
  request: Request,
  environment: string,
  assignments: readonly string[],
): Promise<Work> {
  const { config, source, found, own, root } = await chosen(request, environment)
  const { terraform: settings, images } = config
  const backend = backendOf(root, found.sources)
  if (backend === null) throw withoutBackend(root)
  const program = found.program(root)
  const folders = closure(root, found.sources)
  const backendFile = backendConfig(request.aws ? rehearsed(own.backend, backend) : own.backend)
  const { context } = request
  const { name, version } = program
  return {
    config,
    context,
    secrets: request.secrets,
    found,
    root,
    program,
    at: `${name} -chdir=${quote(root === "" ? "." : root)}`,
    variables: [`${TOOLS}/variables.tfvars.json`, ...own.varFiles].map((file) => quote(`-var-file=${file}`)),
    present: {
      commit: context.commit,
      environment,
      root,
      workspace: own.workspace,
      program: name,
      version,
      lockFile: await lockDigest(source, root),
      source: digestOf(JSON.stringify([...found.texts].filter(([file]) => folders.includes(folderOf(file))))),
    },
    container: withRole(containerOf(program, settings, images, request), request.secrets, config, environment)
      .withNewFile(`${TOOLS}/backend.tfbackend`, backendFile)
      .withNewFile(`${TOOLS}/variables.tfvars.json`, variableFile(own.variables, assignments))
      .withDirectory(WORKDIR, filesOf(source, folders, settings.providers.folder))
      .withWorkdir(WORKDIR),
  }
}

/** Returns the digest of the lock file of a root module; null without one. */
async function lockDigest(source: Directory, root: string): Promise<string | null> {
  const file = root === "" ? LOCK_FILE : `${root}/${LOCK_FILE}`
  return (await source.exists(file)) ? digestOf(await source.file(file).contents()) : null
}

/** Selects the root module of an environment. */
async function chosen(request: Request, environment: string) {
  const { config, source } = await readConfiguration(request.source, request.reader)
  const found = await infrastructure(config.terraform, source)
  const own = environmentOf(config.terraform.environments, environment)
  return { config, source, found, own, root: rootOf(own, found.roots) }
}

const filesOf = (source: Directory, folders: readonly string[], providers: string | null): Directory =>
  source.filter(
    engineFilter({
      include: [...folders, ...(providers === null ? [] : [providers])].map(filesBelow),
      exclude: LEFT_BEHIND,
    }),
  )

function containerOf(
  { name, image, path, version }: Program,
  settings: Config["terraform"],
  images: Config["images"],
  { aws, secrets }: Pick<Request, "aws" | "secrets">,
): Container {
  const own = dag.currentModule().source().directory("src/terraform")
  const base = quiet(dag.container().from(imageReference(NODE, images, NODE_TAG)), settings)
    .withFile(
      `/usr/local/bin/${name}`,
      dag
        .container()
        .from(imageReference(image, images, version))
        .file(path),
    )
    .withFile(`${TOOLS}/seal.ts`, own.file("seal.ts"))
    .withFile(`${TOOLS}/supervise.ts`, own.file("supervise.ts"))
    .withDirectory(OUT, dag.directory())
  return aws ? withInstead(base, aws, secrets) : base
}

const withoutBackend = (root: string): Fault =>
  new Fault("configuration", {
    what: `${root === "" ? "the root module" : root} has no backend: its state would be lost with the container`,
    where: null,
    fix: 'add a remote backend, such as terraform { backend "s3" { use_lockfile = true } }',
  })

/** The secrets that Terraform gets, by the variables that AWS's tools read. */
export const awsSecrets = (secrets: Secrets): Readonly<Record<string, Secret>> => ({
  ...(secrets.awsAccessKeyId ? { AWS_ACCESS_KEY_ID: secrets.awsAccessKeyId } : {}),
  ...(secrets.awsSecretAccessKey ? { AWS_SECRET_ACCESS_KEY: secrets.awsSecretAccessKey } : {}),
  ...(secrets.awsSessionToken ? { AWS_SESSION_TOKEN: secrets.awsSessionToken } : {}),
})

/** Turns the cache off from here on: the state and AWS can change. */
export const now = (container: Container): Container =>
  container
    .withEnvVariable("SLIPWAY_AT", new Date().toISOString())
    .withMountedTemp(TEMP)
    .withMountedCache(FLAGS, dag.cacheVolume("slipway-terraform-stop"))

/** A volume that all calls on this engine share: a file in it tells a run to stop. */
const FLAGS = "/slipway-stop"

/** The file that tells the runs of an environment to stop. */
export const flagOf = ({ environment, root }: Pick<Present, "environment" | "root">): string =>
  `${FLAGS}/${digestOf(JSON.stringify([environment, root])).slice(7, 39)}`

/** Tells the runs of an environment to stop: Terraform finishes its current operation and releases the lock. */
export async function stop(request: Request, environment: string): Promise<string> {
  const { config, root } = await chosen(request, environment)
  const node = dag.container().from(imageReference(NODE, config.images, NODE_TAG))
  await now(node)
    .withExec(["touch", flagOf({ environment, root })])
    .sync()
  return "stopping: Terraform finishes its current operation, writes the state and releases the lock"
}
