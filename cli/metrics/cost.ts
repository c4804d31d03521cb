import type { Config } from "../../ci/src/config/config.js"
import type { RunFacts } from "./facts.js"
import { type Spread, spreadOf } from "./statistics.js"

/** What runs cost by the price table of slipway.yaml. */
export interface Cost {
  readonly currency: string
  /** Of runs with a price; null where no run has one. */
  readonly perRun: Spread | null
  readonly byVendor: Readonly<Record<string, number>>
  /** Vendors without a price, with their runs. */
  readonly unpriced: Readonly<Record<string, number>>
}

/** The name of runs that no CI vendor runs. */
const LAPTOP = "laptop"

const MINUTE_MS = 60_000

/** Returns what a run costs; null where its vendor has no price. A laptop costs nothing unless it has one. */
function priceOf({ vendor, startedAt, endedAt }: RunFacts, prices: Prices): number | null {
  const price = prices[vendor ?? LAPTOP] ?? (vendor === null ? 0 : null)
  return price === null ? null : (price * (endedAt - startedAt)) / MINUTE_MS
}

type Prices = Config["metrics"]["prices"]

/** @returns null without a price table. */
export function costOf(runs: readonly RunFacts[], { currency, prices }: Config["metrics"]): Cost | null {
  if (Object.keys(prices).length === 0) return null
  const priced = runs.map((run) => ({ vendor: run.vendor ?? LAPTOP, cost: priceOf(run, prices) }))
  const byVendor: Record<string, number> = {}
  const unpriced: Record<string, number> = {}
  for (const { vendor, cost } of priced)
    if (cost === null) unpriced[vendor] = (unpriced[vendor] ?? 0) + 1
    else byVendor[vendor] = (byVendor[vendor] ?? 0) + cost
  const costs = priced.flatMap(({ vendor, cost }) =>
    cost !== null && (vendor !== LAPTOP || LAPTOP in prices) ? [cost] : [],
  )
  return { currency, perRun: spreadOf(costs), byVendor, unpriced }
}
