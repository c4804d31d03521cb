/** Reads credentials and secrets from the program's environment variables. None of them may be shown. */
import * as z from "zod"
import { type Access, webIdentity } from "./aws/clients.ts"
import { partitionOf } from "./aws/partition.ts"
import type { NotifySecrets } from "./core/context.ts"
import type { Request } from "./core/request.ts"

/** What the deployer reads from its environment, once, at its start. */
export interface Credentials {
  readonly access: Access
  readonly notify: NotifySecrets
  readonly approvalToken: string | null
  readonly deploymentToken: string | null
  /** Values to remove from every text. */
  readonly secrets: readonly string[]
}

/** @throws where a variable has the wrong form; the message does not show its value. */
export const credentialsOf = (request: Request): Credentials => ({
  access: accessOf(request),
  notify: notifySecrets(),
  approvalToken: process.env.SLIPWAY_APPROVAL_TOKEN || null,
  deploymentToken: process.env.SLIPWAY_DEPLOYMENT_TOKEN || null,
  secrets: [
    process.env.AWS_SECRET_ACCESS_KEY,
    process.env.AWS_SESSION_TOKEN,
    process.env.SLIPWAY_WEB_IDENTITY_TOKEN,
  ].filter((value) => value !== undefined),
})

function notifySecrets(): NotifySecrets {
  const { SLIPWAY_NOTIFY: json = "{}" } = process.env
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(json))
  } catch {
    throw new Error("SLIPWAY_NOTIFY must be a JSON object of names and addresses")
  }
}

/** Assumes the environment's role with a CI vendor's token if there is one; otherwise uses the SDK's own chain. */
function accessOf({ environment, run }: Request): Access {
  const place = { region: environment.region, endpoint: null }
  const { SLIPWAY_WEB_IDENTITY_TOKEN: token, AWS_ACCESS_KEY_ID: key } = process.env
  if (!token || key || environment.role === null) return { ...place, credentials: null }
  const arn = `arn:${partitionOf(environment.region)}:iam::${environment.account}:role/${environment.role}`
  const seconds = environment.sessionMinutes * 60
  return { ...place, credentials: webIdentity(place, { arn, token, seconds, run: run.id }) }
}
