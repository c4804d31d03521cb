/** Tells an environment from another one with the same name: its ledger, and what it makes in the account. */
import { createHash } from "node:crypto"
import { isDeepStrictEqual } from "node:util"
import type { Home, Ledger } from "./ledger.ts"
import { type End, end } from "./outcome.ts"

/** Returns where an environment is, for its ledger. */
export const homeOf = ({ account, region, cluster }: Home): Home => ({ account, region, cluster })

/** Where the state of an environment is: no other one has the same, whatever it is called. */
interface Place {
  readonly name: string
  readonly cluster: string
  readonly state: { readonly bucket: string; readonly prefix: string }
}

/** Returns a digest of an environment's place, for names that must be unique in an account. */
export const placeDigest = ({ name, cluster, state }: Place, ...more: readonly (string | number)[]): string =>
  createHash("sha256")
    .update([cluster, state.bucket, state.prefix, name, ...more].join("/"))
    .digest("hex")

const homeText = ({ account, region, cluster }: Home): string =>
  `cluster ${cluster} (account ${account}, ${region})`

/**
 * Returns a refusal if a ledger is of another environment, which has the same name and the same place in the bucket: its
 * releases are none of this one.
 */
export function strangeHome({ home }: Ledger, environment: Home & { readonly name: string }): End | null {
  if (home === null || isDeepStrictEqual(home, homeOf(environment))) return null
  return end(
    "refused",
    `the ledger of ${environment.name} is that of ${homeText(home)}, not of ${homeText(environment)}`,
    { todo: ["give each environment a separate `state.prefix` or bucket; nothing was changed"] },
  )
}
