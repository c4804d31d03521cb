/** Tells two environments that deploy the same services, by mistake or after a change of name: their leases do not know of each other. */
import { isDeepStrictEqual } from "node:util"
import { AwsFault } from "../aws/retry.ts"
import { readLedger } from "../core/book.ts"
import { homeOf } from "../core/home.ts"
import { inflightOf, type Ledger } from "../core/ledger.ts"
import { Ended, end } from "../core/outcome.ts"
import { BrokenState } from "../core/state.ts"
import { listed } from "../core/text.ts"
import type { Context } from "./context.ts"
import { type Made, madeBySlipway, madeText } from "./made-by.ts"

/** Returns whether a release of this environment has a revision: where families are shared, others may have registered it. */
function isOwn(ledger: Ledger, { service, revision }: Made): boolean {
  const open = inflightOf(ledger)
  return (
    ledger.releases.some(({ revisions }) => revisions[service] === revision) ||
    [open?.services, open?.returned].some((rolled) => rolled?.[service]?.revision === revision)
  )
}

/** Returns the revisions of other environments that the services of this one run; none where AWS does not say. */
export async function othersIn(context: Context): Promise<readonly Made[]> {
  const { book, request } = context
  try {
    return (await madeBySlipway(context)).filter(
      (made) => made.environment !== request.environment.name && !isOwn(book.ledger(), made),
    )
  } catch (error) {
    if (error instanceof AwsFault) return []
    throw error
  }
}

/** Returns whether another environment has its state beside this one's, and deploys to the same cluster. */
async function isNeighbour({ bucket, request }: Context, name: string): Promise<boolean> {
  if (!/^[A-Za-z0-9][\w-]*$/.test(name)) return false
  try {
    const { ledger } = await readLedger(bucket, name)
    return isDeepStrictEqual(ledger.home, homeOf(request.environment))
  } catch (error) {
    // What cannot be read decides nothing: the run goes on, and tells what runs.
    if (error instanceof AwsFault || error instanceof BrokenState) return false
    throw error
  }
}

/** Names the revisions of other environments. */
export const othersText = (made: readonly Made[]): string =>
  listed(made.map((one) => `${madeText(one)} of environment ${one.environment}`))

/**
 * Tells which services another environment has deployed. Before the first release of this one, that may be its earlier name.
 *
 * @throws {Ended} `refused` if both have deployed them: each would undo the other's releases, whatever is newer.
 */
export async function assertUnshared(context: Context): Promise<void> {
  const { book, request, reporter, found } = context
  const made = await othersIn(context)
  if (made.length === 0) return
  const text = othersText(made)
  reporter.audit("of another environment", { made })
  reporter.say(`! ${text}`)
  found.remarks = [...(found.remarks ?? []), text]
  const names = [...new Set(made.map(({ environment }) => environment))]
  const near = await Promise.all(names.map((name) => isNeighbour(context, name)))
  if (book.ledger().releases.length === 0 || request.breakGlass !== null || !near.includes(true)) return
  throw new Ended(
    end("refused", `${text}: two environments deploy the same services`, {
      todo: [
        "leave each service of a cluster to one environment of slipway.yaml; nothing was changed",
        "to take the services over once: use break-glass with a reason; it is audited",
      ],
    }),
  )
}
