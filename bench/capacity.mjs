/**
 * How many engines a team needs, by its own figures: those of `slipway metrics` are a start.
 *
 *   node bench/capacity.mjs RUNS SHARE:SECONDS …     3000 0.7:95 0.3:600 is 3,000 runs a day, 70 % of them of 95 s
 */
import * as path from "node:path"
import { build } from "esbuild"

const HOME = path.resolve(import.meta.dirname, "..")
const outfile = path.join(HOME, "node_modules/.cache/slipway-capacity.mjs")

const [daily, ...kinds] = process.argv.slice(2).map((word) => word.split(":").map(Number))
const positive = (number) => number > 0
const shares = kinds.reduce((sum, [share]) => sum + share, 0)
if (!positive(daily?.[0]) || !kinds.flat().every(positive) || Math.abs(shares - 1) > 1e-6)
  throw new Error("usage: node bench/capacity.mjs RUNS SHARE:SECONDS …, with shares that add up to 1")

await build({ entryPoints: [path.join(HOME, "bench/capacity.ts")], outfile, bundle: true, format: "esm" })
const { capacityFor } = await import(outfile)
console.log(
  capacityFor(
    daily[0],
    kinds.map(([share, seconds]) => ({ share, seconds })),
  ),
)
