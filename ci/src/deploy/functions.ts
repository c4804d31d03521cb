import type { Directory, File, Service } from "@dagger.io/dagger"
import { type Call, toRequest } from "../call.js"
import { ended, explained } from "../finish.js"
import { parseImages } from "../image/reference.js"
import { trustedBy } from "../image/signer.js"
import { Fault } from "../run/fault.js"
import { type Ground, ground, type Means, runDeployer } from "./deploy.js"
import type { Credentials } from "./modules.js"
import { promotion } from "./promote.js"
import type { Action } from "./request.js"
import type { Result } from "./talk.js"

/** What a caller may hand over: Dagger gives undefined for what is left out. */
interface Handed {
  readonly infrastructure: Directory | undefined
  readonly approvals: File | undefined
  readonly key: File | undefined
  readonly registry: Service | undefined
}

/** What a caller may say; each function of the module takes a part of it. */
export interface Said extends Partial<Handed> {
  readonly action: Action
  readonly env: string
  readonly images?: string
  readonly approver?: string
  readonly breakGlass?: string
  readonly answer?: string
  readonly to?: number
  readonly identity?: string
  readonly issuer?: string
  readonly username?: string
}

/** Has the deployer do it, and ends with its text and its exit code. */
export const deployed = (call: Call, said: Said): Promise<string> =>
  explained(async () => {
    signed(said)
    return deploy(call, await groundOf(call, said), said)
  })

const deploy = async (call: Call, on: Ground, said: Said): Promise<string> =>
  run(call, on, {
    ...meansOf(said),
    asked: await askedOf(said),
    credentials: credentialsOf(call),
    rehearsal: {},
  })

/** @throws {Fault} `configuration` for a deployment of images that nobody's signature stands for. */
function signed(said: Said): void {
  if (said.action !== "deploy" || trustedBySaid(said) !== null) return
  throw new Fault("configuration", {
    what: "it must be said whose signature counts: what is not verified is not deployed",
    where: null,
    fix: "hand over --key with the public key, or --identity and --issuer as they stand in the certificate",
  })
}

/** Deploys what is live and proven in one environment to another, by the same digests. */
export const promoted = (call: Call, said: Said, from: string): Promise<string> =>
  explained(async () => {
    const on = await groundOf(call, said)
    const status = await statusOf(call, on, from)
    const found = status.exitCode === 0 ? promotion(status, from, on.commits.commit) : status
    if (!("images" in found)) return ended(found.exitCode, found.text, on.opened.config.images)
    signed(said)
    return deploy(call, on, { ...said, images: found.images })
  })

/** What the deployer says of an environment, without a change. */
export const statusOf = async (call: Call, on: Ground, env: string): Promise<Result> =>
  runDeployer(
    call,
    on,
    {
      ...{ trusted: null, plan: null, rehearsal: {} },
      asked: await askedOf({ action: "status", env }),
      credentials: credentialsOf(call),
    },
    show,
  )

const trustedBySaid = ({ key, identity = "", issuer = "" }: Said) =>
  key === undefined && identity === "" && issuer === "" ? null : trustedBy(key, identity, issuer)

export const groundOf = (call: Call, { username = "", registry }: Said) => ground(call, username, registry)

/** Has the deployer do it, and ends as it ended. */
export async function run(call: Call, on: Ground, means: Means): Promise<string> {
  const { exitCode, text } = await runDeployer(call, on, means, show)
  return ended(exitCode, text, on.opened.config.images)
}

export const meansOf = (said: Said): Pick<Means, "trusted" | "plan"> => ({
  trusted: trustedBySaid(said),
  plan: said.infrastructure ? { folder: said.infrastructure, approver: said.approver ?? "" } : null,
})

export const askedOf = async (said: Said): Promise<Means["asked"]> => ({
  action: said.action,
  environment: said.env,
  images: said.images ? parseImages(said.images) : [],
  approvals: (await said.approvals?.contents()) ?? "",
  breakGlass: said.breakGlass ?? "",
  answer: said.answer ?? "",
  to: said.to ?? 0,
})

function credentialsOf(call: Call): Credentials {
  const { secrets, aws } = toRequest(call)
  const { awsAccessKeyId, awsSecretAccessKey, awsSessionToken, awsWebIdentityToken, notifications } = secrets
  const given = {
    accessKeyId: awsAccessKeyId,
    secretAccessKey: awsSecretAccessKey,
    sessionToken: awsSessionToken,
    webIdentityToken: awsWebIdentityToken,
    notify: notifications,
  }
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, secret]) => secret !== undefined)),
    ...(aws ? { aws } : {}),
  }
}

const show = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
