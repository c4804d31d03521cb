import * as fs from "node:fs"
import * as path from "node:path"
import { summaryText } from "../../ci/src/evidence/summary.js"
import type { RunRecord } from "../../ci/src/plan/result.js"
import { parse, split, usage } from "../args.js"
import { type Ended, runClient } from "../client.js"
import { layout } from "../engine/layout.js"
import {
  dropEvidence,
  type EvidenceFolder,
  prepareEvidence,
  publishEvidence,
  readRecord,
} from "../evidence.js"
import { explain } from "../explain.js"
import { HostFault } from "../fault.js"
import { type Live, live } from "../live.js"
import { repository } from "../repository.js"
import { openSession } from "../session.js"
import { follow } from "../stages.js"
import type { Command } from "./command.js"

const ACTIVITY_MS = 500

export const ci: Command = {
  name: "ci",
  help: "checks the app in a folder, and leaves the report in its .slipway folder",
  usage: ["ci [FOLDER] [--rerun] [-- ARGUMENTS]"],
  details: [
    "FOLDER is the app's, and the current one where it is left out.",
    "--rerun runs again what failed, even if nothing changed since.",
    "ARGUMENTS go to the module: `slipway call --help` lists them.",
    "The exit code is the verdict's: 0 passed, 10 failed, 11 errored, and others that `slipway help` lists.",
  ],
  async run(args) {
    const [own, rest] = split(args)
    const { values, positionals } = parse("ci", own, { rerun: { type: "boolean", default: false } })
    if (positionals.length > 1) throw usage(`ci: one folder at a time, not ${positionals.join(", ")}`, "ci")
    const app = requireFolder(positionals[0] ?? ".")
    const session = await openSession()
    const evidence = prepareEvidence(app)
    const view = live()
    const activity = session.choice.kind === "embedded" ? watchActivity(view) : null
    const ended = await runClient(session, reportCall(app, evidence.next, values.rerun, rest), {
      log: evidence.log,
      onLine: stageLines(view),
    })
      .catch((error: unknown) => {
        dropEvidence(evidence)
        throw error
      })
      .finally(() => {
        clearInterval(activity ?? undefined)
        view.end()
      })
    return conclude(evidence, ended)
  },
}

/** The app's folder as an absolute path. */
function requireFolder(folder: string): string {
  const app = path.resolve(folder)
  if (fs.statSync(app, { throwIfNoEntry: false })?.isDirectory()) return app
  const what = fs.existsSync(app) ? `${app} is no folder` : `there is no folder ${app}`
  throw new HostFault("no-folder", what, "name the folder of the app to check: slipway ci path/to/app")
}

function reportCall(app: string, out: string, rerun: boolean, rest: readonly string[]): readonly string[] {
  const again = rerun ? ["--rerun"] : []
  return [
    "call",
    "--progress=plain",
    "-m",
    repository(),
    "--source",
    app,
    "--history",
    app,
    ...again,
    ...rest,
    "report",
    "export",
    "--path",
    out,
  ]
}

const SIGNS = { passed: "✓", failed: "✗", errored: "!", skipped: "–" } as const

/** Shows each stage that ran when it ends and, on a terminal, which ones run. The summary tells the rest. */
const stageLines = (view: Live): ((line: string) => void) =>
  follow(
    ({ name, ended: { verdict, cached, summary } }) => {
      if (verdict !== "skipped" && !cached) view.line(`  ${SIGNS[verdict]} ${name}: ${summary}`)
    },
    (names) => view.status(names.join(", ") || "working"),
  )

/** Shows what the embedded engine's host side is busy with: a first use makes images for minutes. */
function watchActivity(view: Live): NodeJS.Timeout {
  const file = layout().activityFile
  let shown = ""
  return setInterval(() => {
    const now = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : ""
    if (now !== "" && now !== shown) view.line(`  ${now}`)
    shown = now
  }, ACTIVITY_MS)
}

function conclude(evidence: EvidenceFolder, ended: Ended): number {
  const record = readRecord(evidence.next)
  if (!record) {
    dropEvidence(evidence)
    const { text, exitCode } = explain(ended)
    process.stderr.write(`${text}\n  log: ${evidence.log}\n`)
    return exitCode
  }
  publishEvidence(evidence)
  process.stdout.write(`${closing(record, evidence.folder)}\n`)
  return record.exitCode
}

function closing(record: RunRecord, folder: string): string {
  const color = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR
  const report = path.relative(process.cwd(), path.join(folder, "report.html"))
  return `${summaryText(record, { color })}\nreport: ${report.startsWith("../..") ? path.join(folder, "report.html") : report}`
}
