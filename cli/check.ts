import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { summaryText } from "../ci/src/report/summary.js"
import type { RunRecord } from "../ci/src/run/result.js"
import { parseConfig } from "../ci/src/settings.js"
import { ExplainedFault } from "../engine/host/fault.js"
import { repository } from "../engine/host/repository.js"
import { layout } from "../engine/layout.js"
import { checkOut } from "./base.js"
import { type Ended, runClient } from "./client.js"
import {
  dropEvidence,
  type EvidenceFolder,
  prepareEvidence,
  publishEvidence,
  readRecord,
} from "./evidence.js"
import { explain } from "./explain.js"
import { CommandFault } from "./fault.js"
import { configText } from "./folder.js"
import { type Live, live } from "./live.js"
import { requestOptions, runContext, withContext } from "./request.js"
import { type Store, withStore } from "./results.js"
import { openSession, withSlowImages } from "./session.js"
import { follow } from "./stages.js"

const ACTIVITY_MS = 500

/** What a command asks of a whole check. */
export interface Checking {
  /** The app's folder. */
  readonly app: string
  /** Options of the module. */
  readonly options: readonly string[]
  /** Options of its function `report`: the share that runs, or the evidence to be joined. */
  readonly share: readonly string[]
  /** The commit to compare with, if the caller names one. */
  readonly base: string | undefined
  readonly store: Store | null
  /** True to build tools that take minutes. */
  readonly make: boolean
}

/**
 * Runs the whole check of an app, or a share of it, shows how it goes on, and leaves its evidence in `.slipway`.
 *
 * @returns the exit code.
 */
export async function runCheck(checking: Checking): Promise<number> {
  const { app, share, store, make } = checking
  const session = withStore(await openSession(), store)
  const evidence = prepareEvidence(app)
  const view = live(runContext(app).vendor === null)
  const note = (line: string) => view.line(`  ${line}`)
  const activity = session.choice.kind === "embedded" ? watchActivity(view) : null
  const check: Check = (folder, out, more, own = []) =>
    runClient(session, reportCall(folder, out, more, own, folder === app ? note : null), {
      log: evidence.log,
      onLine: stageLines(view),
    })
  const work = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-base-"))
  const ended = await withSlowImages(session, make, async () =>
    check(app, evidence.next, await withBase(checking, work, check, view), share),
  )
    .catch((error: unknown) => {
      dropEvidence(evidence)
      throw error
    })
    .finally(() => {
      fs.rmSync(work, { recursive: true, force: true })
      clearInterval(activity ?? undefined)
      view.end()
    })
  const kept = await store?.keep(evidence.next)
  if (kept) process.stderr.write(`${kept}\n`)
  return conclude(evidence, ended)
}

/** Checks the base of a run, and returns the options of the run with it; as they are, where there is no base. */
async function withBase(
  { app, options, base: named }: Checking,
  work: string,
  check: Check,
  view: Live,
): Promise<readonly string[]> {
  const base = named ?? baseOfChange(app)
  if (base === null || options.includes("--base")) return options
  view.line(`  checking the base first: ${base}`)
  const checked = await checkBase(app, base, work, check).catch((error: unknown) => {
    if (named !== undefined || !(error instanceof ExplainedFault)) throw error
    view.line(`  not compared with the base: ${error.message}`)
    return null
  })
  if (checked === null) return options
  const own = named === undefined ? options : withContext(options, { base: checked.commit })
  return [...own, "--base", checked.record]
}

/**
 * Returns the base of a pull request that a CI vendor checks; null elsewhere, and where every gate blocks: only gates
 * that Slipway adds ask what is new.
 */
function baseOfChange(app: string): string | null {
  const { vendor, change, base } = runContext(app)
  return vendor !== null && change !== null && !isStrict(app) ? base : null
}

/** False as well for a slipway.yaml that cannot be used: the check itself says so. */
function isStrict(app: string): boolean {
  try {
    return parseConfig(configText(app)).policy === "strict"
  } catch {
    return false
  }
}

const reportCall = (
  app: string,
  out: string,
  options: readonly string[],
  share: readonly string[],
  note: ((line: string) => void) | null,
): readonly string[] => [
  "call",
  "--progress=plain",
  "-m",
  repository(),
  ...requestOptions(app, options, note === null, note ?? undefined),
  "report",
  ...share,
  "export",
  "--path",
  out,
]

type Check = (
  folder: string,
  out: string,
  options: readonly string[],
  share?: readonly string[],
) => Promise<Ended>

/** The base of a run. */
interface Base {
  /** Its hash. */
  readonly commit: string
  /** The path of the record of its check. */
  readonly record: string
}

/** Checks the app as it was at a commit, and leaves the evidence in `work`. */
async function checkBase(app: string, reference: string, work: string, check: Check): Promise<Base> {
  const [folder, out] = [path.join(work, "app"), path.join(work, "evidence")]
  fs.mkdirSync(folder)
  const commit = checkOut(app, reference, folder)
  const ended = await check(folder, out, [])
  if (readRecord(out)) return { commit, record: path.join(out, "result.json") }
  throw new CommandFault(
    "base-unusable",
    `cannot check the base ${commit.slice(0, 12)}: ${explain(ended).text.replace(/^slipway: /, "")}`,
    "name another commit, or omit --base",
  )
}

const SIGNS = { passed: "✓", failed: "✗", errored: "!", skipped: "–" } as const

/** Shows each stage when it ends and, on a terminal, the running ones. The summary has the others. */
export const stageLines = (view: Live): ((line: string) => void) =>
  follow(
    ({ name, ended: { verdict, cached, summary } }) => {
      if (verdict !== "skipped" && !cached) view.line(`  ${SIGNS[verdict]} ${name}: ${summary}`)
    },
    (names) => view.status(names.join(", ") || "working"),
  )

/** Shows what the embedded engine builds on this machine: a first run builds images for minutes. */
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
