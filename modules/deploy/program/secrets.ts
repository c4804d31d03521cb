/** What the program is given by its environment, and may show nowhere. */
import * as z from "zod"
import { type Access, webIdentity } from "./aws/clients.ts"
import type { Request } from "./request.ts"

/** The names of notifications and their addresses; a message without the value where it is not that. */
export function notifySecrets(): Record<string, string> {
  const { SLIPWAY_NOTIFY: json = "{}" } = process.env
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(json))
  } catch {
    throw new Error("SLIPWAY_NOTIFY is no JSON object of names and addresses")
  }
}

/** Values that must not be shown. */
export const secretValues = (): readonly string[] =>
  [
    process.env.AWS_SECRET_ACCESS_KEY,
    process.env.AWS_SESSION_TOKEN,
    process.env.SLIPWAY_WEB_IDENTITY_TOKEN,
  ].filter((value) => value !== undefined)

/** How AWS is reached: as the environment's role by a CI vendor's token where there is one, else by the SDK's own chain. */
export function accessOf({ environment, run }: Request): Access {
  const place = { region: environment.region, endpoint: null }
  const { SLIPWAY_WEB_IDENTITY_TOKEN: token, AWS_ACCESS_KEY_ID: key } = process.env
  if (!token || key || environment.role === null) return { ...place, credentials: null }
  const arn = `arn:aws:iam::${environment.account}:role/${environment.role}`
  const seconds = environment.sessionMinutes * 60
  return { ...place, credentials: webIdentity(place, { arn, token, seconds, run: run.id }) }
}
