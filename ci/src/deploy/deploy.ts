import type { Directory, Service } from "@dagger.io/dagger"
import { type Call, toRequest } from "../call.js"
import { type Opened, open } from "../image/open.js"
import type { Trusted } from "../image/signer.js"
import { verifiedText, verify } from "../image/verify.js"
import { Fault } from "../run/fault.js"
import { CAUSES } from "../settings.js"
import { apply } from "../terraform/apply-command.js"
import { type Commits, commitsOf } from "./commits.js"
import { type Credentials, modules } from "./modules.js"
import { type Around, type Asked, deployRequest } from "./request.js"
import { type Brought, follow, type Result, type Steps } from "./talk.js"

/** How a deployment is made, beside what is asked for. */
export interface Means {
  readonly asked: Asked
  /** By whom images must be signed; null where they are not verified. */
  readonly trusted: Trusted | null
  /** The Terraform plan to apply, and who allowed it; null where nothing is applied. */
  readonly plan: { readonly folder: Directory; readonly approver: string } | null
  readonly credentials: Credentials
  /** Of a rehearsal. */
  readonly rehearsal: Pick<Around, "endpoints" | "clock">
}

/** The configuration of what is deployed, and the history of its commit. */
export interface Ground {
  readonly opened: Opened
  readonly commits: Commits
}

/**
 * Reads the configuration and the history.
 *
 * @param username whose password --registry-password is.
 * @param registry a registry that is a service.
 */
export async function ground(call: Call, username: string, registry: Service | undefined): Promise<Ground> {
  const opened = await open(call, username, registry)
  const { context, config } = opened
  const { history } = toRequest(call)
  return { opened, commits: await commitsOf(history, context.commit ?? "", config.images) }
}

/**
 * Has the deployer run a request, and runs the steps that are this module's own: verifying images, and applying the
 * Terraform plan. The deployer says when.
 *
 * @throws {Fault} `configuration` for a request that cannot be read.
 */
export async function runDeployer(
  call: Call,
  { opened, commits }: Ground,
  means: Means,
  show: (line: string) => void,
): Promise<Result> {
  const { asked, credentials, rehearsal } = means
  const { config, context } = opened
  const request = deployRequest(asked, { config, context, commits, ...rehearsal })
  const service = await modules().deploy().serve(`${commits.commit}-${Date.now()}`, credentials).start()
  try {
    const place = `environments.${asked.environment}`
    return await follow(
      await service.endpoint({ scheme: "http" }),
      request,
      place,
      stepsOf(call, means, opened),
      show,
    )
  } finally {
    await service.stop()
  }
}

function stepsOf(call: Call, { asked, trusted, plan, credentials }: Means, opened: Opened): Steps {
  return {
    ...(trusted
      ? { verify: told(async () => verifiedText(await verify(opened, asked.images, trusted))) }
      : {}),
    ...(plan
      ? {
          terraform: told(async () => {
            await apply(
              credentials.aws ? { ...call, services: [credentials.aws] } : call,
              plan.folder,
              plan.approver,
            )
            return `applied as ${plan.approver} allowed`
          }),
        }
      : {}),
  }
}

/** A step whose faults are its output. */
const told = (work: () => Promise<string>) => async (): Promise<Brought> => {
  try {
    return { exitCode: 0, output: await work() }
  } catch (error) {
    const exitCode = error instanceof Fault ? CAUSES[error.code].code : 1
    return { exitCode, output: error instanceof Error ? error.message : String(error) }
  }
}
