import type { Directory, Service } from "@dagger.io/dagger"
import { type Opened, open } from "../image/open.js"
import type { Trusted } from "../image/signer.js"
import { type Verified, verifiedText, verify } from "../image/verify.js"
import { Fault } from "../run/fault.js"
import type { Request } from "../run/request.js"
import { CAUSES } from "../settings.js"
import { apply, environmentOfPlan, leftToChange } from "../terraform/apply-command.js"
import { stop } from "../terraform/work.js"
import { type Result, runRequest, type Step, type StepResult, type Steps } from "./client.js"
import { type Commits, commitsOf } from "./commits.js"
import { definitionFiles } from "./filled-json.js"
import { type Credentials, modules } from "./modules.js"
import { type DeployRequest, deployRequest, environmentOf, type Surroundings } from "./request.js"

/** Everything that one run of the deployer needs besides the checkout. */
export interface RunSettings {
  readonly request: DeployRequest
  /** Trusted signers of the images; null: images are not verified, which production refuses. */
  readonly trusted: Trusted | null
  /** The Terraform plan to apply and its approver; null: nothing is applied. */
  readonly plan: { readonly folder: Directory; readonly approver: string } | null
  readonly credentials: Credentials
  /** Empty unless this is a rehearsal. */
  readonly rehearsal: Pick<Surroundings, "endpoints" | "clock" | "approvers">
}

/** The configuration to deploy with, and the history of its commit. */
export interface Checkout {
  readonly opened: Opened
  readonly commits: Commits
}

/**
 * Reads the configuration and the history.
 *
 * @param username user name for `--registry-password`.
 * @param registry a registry that runs as a Dagger service.
 */
export async function readCheckout(
  caller: Request,
  username: string,
  registry: Service | undefined,
): Promise<Checkout> {
  const opened = await open(caller, username, registry)
  const { context, config } = opened
  return { opened, commits: await commitsOf(caller.history, context.commit ?? "", config.images) }
}

/**
 * Runs a request in the deployer. Image verification and Terraform run here, when the deployer asks for them.
 *
 * @throws {Fault} `configuration` for an invalid request.
 */
export async function runDeployer(
  caller: Request,
  { opened, commits }: Checkout,
  settings: RunSettings,
  show: (line: string) => void,
): Promise<Result> {
  const { request, credentials, rehearsal } = settings
  const { config, context } = opened
  const environment = environmentOf(config, request.environment)
  const taskDefinitions = await definitionFiles(opened.source, environment, request.environment)
  const body = deployRequest(request, { config, context, commits, taskDefinitions, ...rehearsal })
  // A service of its own for each run: environments of one wave start in the same moment.
  const id = `${commits.commit}-${request.environment}-${Date.now()}`
  const service = await modules().deploy().serve(id, credentials).start()
  try {
    const place = `environments.${request.environment}`
    return await runRequest(
      await service.endpoint({ scheme: "http" }),
      body,
      place,
      stepsOf(caller, settings, { opened, commits }),
      show,
    )
  } finally {
    await service.stop()
  }
}

function stepsOf(
  caller: Request,
  { request, trusted, plan, credentials, rehearsal }: RunSettings,
  { opened, commits }: Checkout,
): Steps {
  return {
    ...(trusted
      ? {
          verify: {
            run: reported(async () => {
              const images = await verify(opened, request.images, trusted, commits.commit)
              return { output: verifiedText(images), verdict: verdictOf(images) }
            }),
          },
        }
      : {}),
    ...(trusted === null && rehearsal.clock !== undefined ? { verify: { run: UNVERIFIED } } : {}),
    ...(plan
      ? { terraform: applying({ ...caller, aws: credentials.aws ?? caller.aws }, plan, request.environment) }
      : {}),
  }
}

/** Applies a plan. After an earlier run has started it, nothing left to change counts as applied. */
function applying(
  request: Request,
  { folder, approver }: NonNullable<RunSettings["plan"]>,
  environment: string,
): Step {
  const approved = approver === "" ? "approved with the release" : `approved by ${approver}`
  const applied = reported(async () => {
    await apply(request, folder, { by: "deployment", approver, environment })
    return { output: `applied; ${approved}` }
  })
  return {
    run: async (again) => {
      const result = await applied(again)
      if (!again || result.exitCode !== CAUSES.stale.code) return result
      // If that is unknown, the plan counts as stale.
      const left = await leftToChange(request, folder).catch(() => null)
      return left === 0
        ? { exitCode: 0, output: `applied by an earlier run of this release; ${approved}` }
        : result
    },
    stop: async () => stop(request, await environmentOfPlan(folder)),
  }
}

/** In a rehearsal without a trusted signer, images are made up. */
const UNVERIFIED = async (): Promise<StepResult> => ({
  exitCode: 0,
  output: "",
  note: "not verified: a rehearsal of made-up images",
})

/** Returns the digests of the verdicts that vouch for images: one where all are of the same check. */
const verdictOf = (images: readonly Verified[]): string | null =>
  [...new Set(images.flatMap(({ verdict }) => verdict ?? []))].join(", ") || null

/** Returns a step that reports a fault as its output. */
const reported =
  (work: () => Promise<Omit<StepResult, "exitCode">>): Step["run"] =>
  async () => {
    try {
      return { exitCode: 0, ...(await work()) }
    } catch (error) {
      const exitCode = error instanceof Fault ? CAUSES[error.code].code : 1
      return { exitCode, output: error instanceof Error ? error.message : String(error) }
    }
  }
