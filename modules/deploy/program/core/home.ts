/** Tells the ledger of one environment from that of another with the same name. */
import { isDeepStrictEqual } from "node:util"
import type { Home, Ledger } from "./ledger.ts"
import { type End, end } from "./outcome.ts"

/** Returns where an environment is, for its ledger. */
export const homeOf = ({ account, region, cluster }: Home): Home => ({ account, region, cluster })

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
