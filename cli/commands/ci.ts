import * as path from "node:path"
import { parse, split, usage } from "../args.js"
import { runCheck } from "../check.js"
import { requireFolder } from "../folder.js"
import { storeOf } from "../results.js"
import type { Command } from "./command.js"

export const ci: Command = {
  name: "ci",
  group: "Check",
  help: "runs the whole check of an app and writes the report to its .slipway folder",
  usage: [
    "ci [FOLDER] [--rerun] [--make] [--base COMMIT] [--results FOLDER] [--results-key KEY] [-- OPTIONS]",
    "ci [FOLDER] --shard 2/3 [--durations FILE]",
  ],
  details: [
    "",
    "FOLDER is the app's folder. Default: the current folder.",
    "--rerun        runs failed stages again, even when nothing changed",
    "--make         also builds tools that take minutes, once; without it, their stages are skipped",
    "--base COMMIT  also checks that commit, and compares findings, coverage and sizes. Default for a pull",
    "               request in CI: its base",
    "--results FOLDER  the store of results, instead of the one that `results` in slipway.yaml names",
    "--results-key KEY  a private key of SSH or its path: signs what passed and keeps it in the store. Default:",
    "               SLIPWAY_RESULTS_KEY. Give it to protected branches alone",
    "--shard 2/3    runs one of several shares, or that of a `shard` of `slipway plan --matrix 3`; `slipway merge`",
    "               joins them",
    "--durations FILE  how long stages and test files take. Default: slipway.durations.json in the app's folder",
    "OPTIONS are options of the module: `slipway help options`.",
    "",
    "Exit code: 0 passed, 10 failed, 11 errored. `slipway help exit-codes` lists the others.",
  ],
  async run(args) {
    const [own, rest] = split(args)
    const { values, positionals } = parse("ci", own, {
      rerun: { type: "boolean", default: false },
      make: { type: "boolean", default: false },
      base: { type: "string" },
      results: { type: "string" },
      "results-key": { type: "string" },
      shard: { type: "string" },
      durations: { type: "string" },
    })
    if (positionals.length > 1) throw usage(`ci: more than one folder: ${positionals.join(", ")}`, "ci")
    const { shard, durations } = values
    if (durations !== undefined && shard === undefined)
      throw usage("ci: --durations needs --shard: a whole check has no use of them", "ci")
    const app = requireFolder("ci", positionals[0] ?? ".")
    const key = values["results-key"] ?? process.env.SLIPWAY_RESULTS_KEY
    const store = storeOf(app, { folder: values.results, key })
    return runCheck({
      app,
      store,
      base: values.base,
      make: values.make,
      options: [...(values.rerun ? ["--rerun"] : []), ...(store?.options ?? []), ...rest],
      share: [
        ...(shard === undefined ? [] : ["--shard", shard]),
        ...(durations === undefined ? [] : ["--durations", path.resolve(durations)]),
      ],
    })
  },
}
