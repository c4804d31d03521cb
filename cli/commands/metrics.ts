import * as fs from "node:fs"
import * as path from "node:path"
import { plural } from "../../ci/src/formats/figures.js"
import { parseConfig } from "../../ci/src/settings.js"
import { git } from "../../engine/host/git.js"
import { parse, usage } from "../args.js"
import { CommandFault, exitCodeOf, FAULT_CODES } from "../fault.js"
import { configText, requireFolder } from "../folder.js"
import { commitTimes } from "../metrics/commits.js"
import type { Unread } from "../metrics/facts.js"
import { readEvidence } from "../metrics/folder.js"
import { type Metrics, metricsOf } from "../metrics/metrics.js"
import { openMetrics } from "../metrics/openmetrics.js"
import { ownersOf } from "../metrics/owners.js"
import { metricsPage } from "../metrics/page.js"
import { metricsText, savingsText } from "../metrics/text.js"
import type { Command } from "./command.js"

const OPTIONS = {
  app: { type: "string", default: "." },
  branch: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  json: { type: "boolean", default: false },
  openmetrics: { type: "boolean", default: false },
  html: { type: "string" },
  suggest: { type: "boolean", default: false },
} as const

export const metrics: Command = {
  name: "metrics",
  group: "Check",
  help: "shows what past runs say: success, durations, flaky tests, deployments, cost",
  usage: [
    "metrics FOLDER [--json|--openmetrics|--suggest] [--html FILE] [--app FOLDER] [--branch NAME] [--since DATE]",
  ],
  details: [
    "",
    "FOLDER holds the evidence of past runs and deployments: each result.json below it, and other .json files that",
    "are results of runs, of deployments (`--result`), or releases of the ledger (`<environment>/ledger/1.json`).",
    "--json         prints the metrics as JSON",
    "--openmetrics  prints them as OpenMetrics text",
    "--suggest      names the three largest savings, with their numbers",
    "--html FILE    writes one page with charts",
    "--app FOLDER   the app: its slipway.yaml (prices), CODEOWNERS and git history count. Default: the current folder",
    "--branch NAME  the branch that is released. Default: the one of most runs",
    "--since DATE   leaves out what ended before, such as 2026-01-31; --until what began after",
    "",
    `Exit code ${FAULT_CODES["evidence-unread"].code}: files cannot be read. They are named, and all others count.`,
  ],
  async run(args) {
    const { values, positionals } = parse("metrics", args, OPTIONS)
    const [folder, ...others] = positionals
    if (folder === undefined || others.length > 0)
      throw usage(
        folder === undefined ? "metrics: no FOLDER named" : "metrics: more than one folder",
        "metrics",
      )
    if ([values.json, values.openmetrics, values.suggest].filter(Boolean).length > 1)
      throw usage("metrics: only one of --json, --openmetrics and --suggest", "metrics")
    const found = await measured(requireFolder("metrics", folder), values)
    if (values.html !== undefined) writePage(values.html, found)
    const print = PRINTERS.find(({ option }) => values[option])?.print ?? metricsText
    if (values.html === undefined || print !== metricsText) process.stdout.write(print(found))
    return found.unread.length === 0 ? 0 : complain(found.unread)
  },
}

const PRINTERS = [
  { option: "json", print: (metrics: Metrics) => `${JSON.stringify(withoutSamples(metrics), null, 2)}\n` },
  { option: "openmetrics", print: openMetrics },
  { option: "suggest", print: savingsText },
] as const

/** Leaves out single runs: the evidence has them. */
const withoutSamples = ({ runs: _, ...metrics }: Metrics): object => ({
  ...metrics,
  durations: metrics.durations.map(({ samples: _, ...rest }) => rest),
})

interface Values {
  readonly app: string
  readonly branch?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** @throws CommandFault `no-evidence`. @throws Fault for a slipway.yaml that is invalid. */
async function measured(folder: string, { app: appFolder, branch, since, until }: Values): Promise<Metrics> {
  const app = requireFolder("metrics", appFolder)
  const evidence = await readEvidence(folder)
  const empty = evidence.runs.length + evidence.deployments.length === 0
  if (empty && evidence.unread.length === 0)
    throw new CommandFault(
      "no-evidence",
      `no evidence in ${folder}`,
      "name a folder with the result.json of past runs",
    )
  return metricsOf(evidence, {
    owners: ownersOf(app, git(app, "rev-parse", "--show-toplevel")),
    madeAt: commitTimes(app, evidence.deployments),
    prices: parseConfig(configText(app)).metrics,
    branch: branch ?? null,
    since: dateOf("since", since),
    until: dateOf("until", until),
  })
}

function dateOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const time = Date.parse(text)
  if (Number.isNaN(time))
    throw usage(
      `metrics: --${option} takes a date such as 2026-01-31, not ${JSON.stringify(text)}`,
      "metrics",
    )
  return time
}

function writePage(file: string, found: Metrics): void {
  try {
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
    fs.writeFileSync(file, metricsPage(found))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CommandFault("no-folder", `cannot write ${file}: ${why}`, "name another file")
  }
  process.stderr.write(`wrote ${file}\n`)
}

/** How many unread files are named. */
const SHOWN = 10

/** Names the files that were not read, after the metrics of all others. Returns the exit code. */
function complain(unread: readonly Pick<Unread, "file" | "why">[]): number {
  const shown = unread
    .slice(0, SHOWN)
    .map(({ file, why }) => `  ${path.relative(process.cwd(), file)}: ${why}`)
  const more = unread.length > SHOWN ? [`  … and ${unread.length - SHOWN} more`] : []
  const fault = new CommandFault(
    "evidence-unread",
    [`${plural(unread.length, "file")} not read; the metrics are of all others`, ...shown, ...more].join(
      "\n",
    ),
    "move them away, fetch them again, or update Slipway",
  )
  process.stderr.write(`${fault.render()}\n`)
  return exitCodeOf(fault)
}
