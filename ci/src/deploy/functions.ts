import type { Directory, File, Service } from "@dagger.io/dagger"
import { ended } from "../finish.js"
import { parseImages } from "../image/reference.js"
import { trustedBy } from "../image/signer.js"
import { Fault } from "../run/fault.js"
import { type Limit, limitText, reachOf } from "../run/limits.js"
import type { Request } from "../run/request.js"
import { CAUSES } from "../settings.js"
import { type Around, endOfError } from "./around-waves.js"
import type { Result } from "./client.js"
import { type Checkout, type RunSettings, readCheckout, runDeployer } from "./deploy.js"
import { overWaves } from "./in-waves.js"
import type { Credentials } from "./modules.js"
import { wavesOf } from "./named-waves.js"
import { promotion } from "./promote.js"
import { type Action, idsOf, type KeptTrial } from "./request.js"
import type { Waves } from "./waves.js"

/** Optional objects: Dagger passes undefined for what is left out. */
interface Inputs {
  readonly infrastructure: Directory | undefined
  readonly approvals: File | undefined
  readonly key: File | undefined
  readonly registry: Service | undefined
}

/** Options of the functions that deploy. Each function takes some of them. */
export interface DeployOptions extends Partial<Inputs> {
  readonly action: Action
  readonly env: string
  readonly images?: string
  readonly approver?: string
  readonly breakGlass?: string
  readonly answer?: string
  readonly to?: number
  readonly takeOver?: boolean
  readonly repair?: boolean
  readonly trial?: KeptTrial | null
  readonly identity?: string
  readonly issuer?: string
  readonly username?: string
}

/** Runs the action in the deployer; returns its text, or fails with its exit code. */
export async function deployed(caller: Request, options: DeployOptions): Promise<string> {
  assertSigner(options)
  return deploy(caller, await checkoutOf(caller, options), options)
}

const deploy = async (caller: Request, checkout: Checkout, options: DeployOptions): Promise<string> => {
  const settings = {
    ...settingsOf(options),
    request: await requestOf(options),
    credentials: credentialsOf(caller),
    rehearsal: {},
  }
  const waves = wavesOf(checkout.opened.config, options)
  return waves === null ? run(caller, checkout, settings) : runWaves(caller, checkout, { waves, settings })
}

/** One run over waves. */
interface Over {
  readonly waves: Waves
  /** Of the call: its environment is the name of the waves. */
  readonly settings: RunSettings
  /** What is otherwise in an environment. */
  readonly within?: (environment: string) => Partial<RunSettings>
  readonly time?: Pick<Around, "now" | "sleep">
}

const REAL_TIME: Pick<Around, "now" | "sleep"> = {
  now: Date.now,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}

/** Runs the deployer in the environments of waves, and returns or fails as they did. */
export async function runWaves(
  caller: Request,
  checkout: Checkout,
  { waves, settings, within = () => ({}), time = REAL_TIME }: Over,
): Promise<string> {
  const { opened, commits } = checkout
  const { images, action, environment: name } = settings.request
  const release = { name, commit: commits.commit, images, action }
  const { exitCode, text } = await overWaves(waves, release, {
    run: (environment, action, wayBack = false) => {
      const own = { ...settings, ...within(environment) }
      const from = action === "rollback" ? commits.commit : ""
      const request = { ...own.request, environment, action, from, wayBack }
      const line = (text: string) => show(`${environment}: ${text}`)
      return runDeployer(caller, checkout, { ...own, request }, line).catch(endOfError)
    },
    ...idsOf(opened.context, commits),
    ...time,
    show,
  })
  return ended(exitCode, text, opened.config.images)
}

/** Actions that run images which were not live before. */
const RUNS_IMAGES: ReadonlySet<Action> = new Set(["deploy", "migrate"])

/** @throws {Fault} `configuration` for an action that runs new images without a trusted signer. */
function assertSigner(options: DeployOptions): void {
  if (!RUNS_IMAGES.has(options.action) || trustedByOptions(options) !== null) return
  throw new Fault("configuration", {
    what: "no trusted signer given: only images with a verified signature are deployed",
    where: null,
    fix: "add `--key cosign.pub`, or `--identity` and `--issuer` as in the signing certificate",
  })
}

/** Deploys the proven live release of one environment to another, by the same digests. */
export async function promoted(caller: Request, options: DeployOptions, from: string): Promise<string> {
  const checkout = await checkoutOf(caller, options)
  const found = await imagesToPromote(caller, checkout, from)
  if (!("images" in found)) return ended(found.exitCode, found.text, checkout.opened.config.images)
  assertSigner(options)
  return deploy(caller, checkout, { ...options, images: found.images })
}

/** Returns the images of the proven live release of an environment; or why there are none. */
export async function imagesToPromote(caller: Request, checkout: Checkout, from: string) {
  const status = await statusOf(caller, checkout, from)
  return status.exitCode === 0 ? promotion(status, from, checkout.commits.commit) : status
}

/** Returns the status of an environment. Changes nothing. */
export const statusOf = (caller: Request, checkout: Checkout, env: string): Promise<Result> =>
  askDeployer(caller, checkout, { action: "status", env })

/** Runs an action that deploys nothing; returns the deployer's result. */
export const askDeployer = async (
  caller: Request,
  checkout: Checkout,
  options: DeployOptions,
): Promise<Result> =>
  runDeployer(
    caller,
    checkout,
    {
      trusted: null,
      plan: null,
      rehearsal: {},
      request: await requestOf(options),
      credentials: credentialsOf(caller),
    },
    show,
  )

const trustedByOptions = ({ key, identity = "", issuer = "" }: DeployOptions) =>
  key === undefined && identity === "" && issuer === "" ? null : trustedBy(key, identity, issuer)

/** Reads the project, with the registry's login where the options have one. */
export const checkoutOf = (caller: Request, { username = "", registry }: DeployOptions) =>
  readCheckout(caller, username, registry)

/** Runs the deployer, and returns or fails as it did. */
export async function run(caller: Request, checkout: Checkout, settings: RunSettings): Promise<string> {
  const { config } = checkout.opened
  const result = await runDeployer(caller, checkout, settings, show)
  const { exitCode, text } = withLimit(result, settings.request.action, config.limits.deploy)
  return ended(exitCode, text, config.images)
}

/** Adds the time of a deployment that exceeds its limit. Its own text comes first: the release stays live. */
export function withLimit(
  { exitCode, text, milliseconds }: Pick<Result, "exitCode" | "text" | "milliseconds">,
  action: Action,
  limit: Limit | null,
): Pick<Result, "exitCode" | "text"> {
  if (action !== "deploy" || limit === null) return { exitCode, text }
  const timed = { name: "deploy", ms: milliseconds, limit }
  const reach = reachOf(timed)
  if (reach === "within") return { exitCode, text }
  const code = reach === "over" && exitCode === 0 ? CAUSES.limit.code : exitCode
  return { exitCode: code, text: `${text.trimEnd()}\n${"too slow".padEnd(COLUMN)}${limitText(timed)}\n` }
}

/** Column of the text in the lines of a deployment, behind their labels. */
const COLUMN = 13

/** Reads from the options who signs the images and which plan is applied; null for what they leave out. */
export const settingsOf = (options: DeployOptions): Pick<RunSettings, "trusted" | "plan"> => ({
  trusted: trustedByOptions(options),
  plan: options.infrastructure ? { folder: options.infrastructure, approver: options.approver ?? "" } : null,
})

/** Reads the deployer's request from the options of a call. */
export const requestOf = async (options: DeployOptions): Promise<RunSettings["request"]> => ({
  action: options.action,
  environment: options.env,
  images: options.images ? parseImages(options.images) : [],
  approvals: (await options.approvals?.contents()) ?? "",
  breakGlass: options.breakGlass ?? "",
  answer: options.answer ?? "",
  to: options.to ?? 0,
  from: "",
  takeOver: options.takeOver ?? false,
  repair: options.repair ?? false,
  trial: options.trial ?? null,
  wayBack: false,
})

function credentialsOf(caller: Request): Credentials {
  const { secrets, aws } = caller
  const { awsAccessKeyId, awsSecretAccessKey, awsSessionToken, awsWebIdentityToken } = secrets
  const all = {
    accessKeyId: awsAccessKeyId,
    secretAccessKey: awsSecretAccessKey,
    sessionToken: awsSessionToken,
    webIdentityToken: awsWebIdentityToken,
    notify: secrets.notifications,
    approvalToken: secrets.approvalToken,
    deploymentToken: secrets.deploymentToken,
  }
  return {
    ...Object.fromEntries(Object.entries(all).filter(([, secret]) => secret !== undefined)),
    ...(aws ? { aws } : {}),
  }
}

const show = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
