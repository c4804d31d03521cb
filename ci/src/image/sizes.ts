import { bytes } from "../formats/figures.js"
import { globMatcher } from "../formats/glob.js"
import { anyOf } from "../formats/pattern.js"
import type { Measure } from "../run/result.js"

/** The sizes of a file in bytes: as it lies there, and as it travels. */
export interface Sizes {
  readonly raw: number
  readonly gzip: number
  readonly brotli: number
}

/** A file of a bundle; its name is without a hash, so that it is the same from build to build. */
export interface Asset extends Sizes {
  readonly name: string
}

/** What slipway.yaml says of bundles. Sizes are in bytes. */
export interface Budget {
  readonly size: keyof Sizes
  /** By "total" or a pattern of asset names. */
  readonly budget: Readonly<Record<string, number>>
  /** Percent. */
  readonly growth: number
}

const SIZE_NAMES = ["raw", "gzip", "brotli"] as const

/** The key of a budget that is for all assets together. */
const TOTAL = "total"

/** Most that a bundle may have where slipway.yaml does not say: what a phone on a slow network loads in 20 s. */
export const DEFAULT_TOTAL = 1_000_000

/**
 * What bundlers put into names: eight letters and digits as Vite, Rollup and esbuild do, or a longer hexadecimal
 * number as webpack and Next.js do. A word in small letters alone is no hash.
 */
const HASH = anyOf([/(?=[\w-]*[A-Z\d])[\w-]{8}/, /[\da-f]{16,64}/])
const HASH_IN_NAME = new RegExp(`[-.](?:${HASH.source})(?=(?:\\.[a-z\\d]+)+$)`)

/** `assets/index-BYAwAIYt.js` → `assets/index.js` */
export const withoutHash = (path: string): string => path.replace(HASH_IN_NAME, "")

/** The assets of files, the largest first; those whose names are the same without hashes are one. */
export function assetsOf(files: readonly Asset[]): readonly Asset[] {
  const assets = new Map<string, Asset>()
  for (const file of files) {
    const name = withoutHash(file.name)
    const known = assets.get(name)
    assets.set(name, { ...sum(known ? [known, file] : [file]), name })
  }
  return [...assets.values()].sort((a, b) => b.raw - a.raw || a.name.localeCompare(b.name, "en"))
}

const sum = (all: readonly Sizes[]): Sizes => ({
  raw: all.reduce((total, { raw }) => total + raw, 0),
  gzip: all.reduce((total, { gzip }) => total + gzip, 0),
  brotli: all.reduce((total, { brotli }) => total + brotli, 0),
})

/** The name of the measure for a size: `total (gzip)`. */
const measureName = (what: string, size: keyof Sizes) => `${what} (${size})`

/** Assets that are measured one by one; the table of all of them is a file of the evidence. */
const MEASURED = 30

/** What is wrong with a bundle, and the numbers to compare the next one with. */
export interface Weighed {
  readonly total: Sizes
  readonly measures: readonly Measure[]
  /** One line for each limit that is not kept; empty where all are. */
  readonly over: readonly string[]
}

/** Weighs the assets of a bundle against its budget, and against the measures of the base, by their names. */
export function weigh(
  assets: readonly Asset[],
  settings: Budget,
  base: ReadonlyMap<string, number>,
): Weighed {
  const total = sum(assets)
  const { size, growth } = settings
  const before = base.get(measureName(TOTAL, size)) ?? null
  const limits: Readonly<Record<string, number>> = { [TOTAL]: DEFAULT_TOTAL, ...settings.budget }
  const grown = before === null ? Number.POSITIVE_INFINITY : Math.floor(before * (1 + growth / 100))
  const limited = assets.map((asset) => ({ asset, limit: limitOf(asset.name, limits) }))
  const measure = (what: string, kind: keyof Sizes, value: number, limit: number | null): Measure => {
    const name = measureName(what, kind)
    return { name, value, unit: "B", limit, base: base.get(name) ?? null }
  }
  const totalLimit = limits[TOTAL] ?? DEFAULT_TOTAL
  return {
    total,
    measures: [
      ...SIZE_NAMES.map((kind) =>
        measure(TOTAL, kind, total[kind], kind === size ? Math.min(totalLimit, grown) : null),
      ),
      ...limited.slice(0, MEASURED).map(({ asset, limit }) => measure(asset.name, size, asset[size], limit)),
    ],
    over: [
      ...(total[size] > totalLimit ? [over(TOTAL, size, total[size], totalLimit)] : []),
      ...(before !== null && total[size] > grown ? [growthLine(size, before, total[size], growth)] : []),
      ...limited.flatMap(({ asset, limit }) =>
        limit !== null && asset[size] > limit ? [over(asset.name, size, asset[size], limit)] : [],
      ),
      ...unmatched(limits, assets),
    ],
  }
}

/** Returns the lowest limit of an asset; null where no pattern of the budget matches it. */
function limitOf(asset: string, limits: Readonly<Record<string, number>>): number | null {
  const own = Object.entries(limits).filter(([pattern]) => pattern !== TOTAL && matches(pattern, asset))
  return own.length > 0 ? Math.min(...own.map(([, limit]) => limit)) : null
}

/** Returns a line for each pattern of the budget that matches no asset. */
const unmatched = (limits: Readonly<Record<string, number>>, assets: readonly Asset[]): readonly string[] =>
  Object.keys(limits)
    .filter((pattern) => pattern !== TOTAL && !assets.some(({ name }) => matches(pattern, name)))
    .map((pattern) => `the budget for ${pattern} matches no asset. Correct the pattern in slipway.yaml`)

const matches = (pattern: string, name: string): boolean => globMatcher([pattern])(name)

const over = (what: string, size: keyof Sizes, value: number, limit: number) =>
  `${what} has ${bytes(value)} (${size}), ${bytes(value - limit)} over its budget of ${bytes(limit)}`

const growthLine = (size: keyof Sizes, before: number, now: number, growth: number) =>
  `total grew from ${bytes(before)} to ${bytes(now)} (${size}), more than the ${growth} % that bundle.growth allows`
