import type { File } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import { causeLine } from "../run/cause-line.js"
import type { Cause } from "../run/causes.js"
import { explain, notOffered } from "../run/explain.js"
import type { Image } from "../run/images.js"
import type { Database, Finding, LogTail, Looked, Step } from "../run/result.js"
import type { Command, Given, Ran } from "../run/stage.js"
import type { Reading } from "../run/unread.js"
import { DidNotLook, type Read } from "./report.js"

/** What is scanned: the keys of `security.scanners`. */
export type Category = keyof Config["security"]["scanners"]

/** A name under `security.scanners` in slipway.yaml. */
export type ToolName = Config["security"]["scanners"][Category][number]

/** What a scanner looks at. */
export interface Scan {
  readonly given: Given
  readonly settings: Config["security"]
  /** Files that the stage has, of those that scanners look at; configuration and databases left out. */
  readonly files: readonly string[]
  /** An image as a tarball, and the place that its findings are at; null for what looks at files. */
  readonly image: { readonly tarball: File; readonly place: string } | null
}

/** How to run a scanner. */
export interface Job {
  readonly command: Command
  /** The report that it writes, absolute. */
  readonly report: string
  /** Exit codes beside 0 that are no failure. The report must still prove that it looked. */
  readonly good?: readonly number[]
  /** Its database, as far as that is known before the run. */
  readonly database?: Database
}

/** A tool, with how it looks at each category that it knows. */
export interface Tool {
  readonly name: ToolName
  /** One name may stand for two looks. */
  readonly scans: Partial<Readonly<Record<Category, readonly Scanner[]>>>
}

/** One look of a tool. */
export interface Scanner {
  readonly tool: string
  /** Its image; null where it runs on the container of a stage that its stage needs. */
  readonly image: Image | null
  /** Matches its log where the database cannot be downloaded (case is ignored). */
  readonly refused?: RegExp
  /** Returns the files of the project that set it up: its own settings, its database. Glob patterns. */
  settingsFiles?(settings: Config["security"]): readonly string[]
  /** Seconds that its database may be old, or null for one without. */
  maxAge(settings: Config["security"]): number | null
  /** @throws {DidNotLook} where it is known before that it cannot look. */
  prepare(scan: Scan): Promise<Job>
  /** @throws {DidNotLook} where its report does not prove that it looked. */
  read(text: string, ran: Ran, scan: Scan): Read
}

/** The result of a scanner. */
export interface Looking extends Reading {
  readonly looked: Looked
  /** Why it did not look, where that is an error. */
  readonly cause: Cause | null
  /** True where this engine does not have it. */
  readonly unavailable?: boolean
  readonly findings: readonly Finding[]
  readonly steps: readonly Step[]
  readonly log: LogTail
}

/** The {@link Reading} of what did not look, or tells nothing of the files that it read. */
export const READ_NOTHING: Reading = { unread: [], reads: () => false }

/** What to do where a database is missing, for messages. */
const WAY_OUT = "Name a mirror, or a folder that has one, under `security.databases` in slipway.yaml"

/** Runs a scanner. Never throws: what keeps it from looking is in the result. */
export async function look(scanner: Scanner, scan: Scan, now: number): Promise<Looking> {
  const tool = scanner.tool
  let ran: Ran | null = null
  try {
    const job = await scanner.prepare(scan)
    ran = await scan.given.command({ ...job.command, reports: [job.report, ...(job.command.reports ?? [])] })
    const read = scanner.read(await reportOf(scanner, job, ran), ran, scan)
    const database = dated(read.database ?? job.database ?? null, ran)
    checkAge(database, scanner.maxAge(scan.settings), now)
    const looked: Looked = { tool, version: read.version, verdict: "passed", what: read.what, database }
    const { findings, unread = [], reads = () => false } = read
    return { looked, cause: null, findings, unread, reads, steps: ran.steps, log: ran.log }
  } catch (error) {
    const { cause, summary, log } = whyNot(error)
    return {
      looked: {
        tool,
        version: null,
        verdict: cause === null ? "skipped" : "errored",
        what: summary,
        database: null,
      },
      cause,
      unavailable: notOffered(error) !== null,
      findings: [],
      ...READ_NOTHING,
      steps: ran?.steps ?? [],
      log: ran?.log ?? log ?? { text: "", lines: 0 },
    }
  }
}

function whyNot(error: unknown): {
  readonly cause: Cause | null
  readonly summary: string
  readonly log: LogTail | null
} {
  return error instanceof DidNotLook
    ? { cause: error.cause, summary: error.message, log: null }
    : explain(error)
}

/** A service that was asked has the date of the question. */
const dated = (database: Database | null, ran: Ran): Database | null =>
  database?.updatedAt === ""
    ? { ...database, updatedAt: new Date(ran.steps[0]?.startedAt ?? 0).toISOString() }
    : database

async function reportOf(scanner: Scanner, job: Job, ran: Ran): Promise<string> {
  const said = causeLine(ran.log.text) ?? "no output"
  const { failed } = ran
  if (failed?.timedOut)
    throw new DidNotLook(
      "timed-out",
      `timed out after ${Math.round((failed.endedAt - failed.startedAt) / 1000)} s`,
    )
  if (failed && !(job.good ?? []).includes(failed.exitCode)) {
    if (scanner.refused && new RegExp(scanner.refused, "i").test(ran.log.text))
      throw new DidNotLook("database", `the vulnerability database cannot be downloaded: ${said}. ${WAY_OUT}`)
    throw new DidNotLook("errored", `exited with code ${failed.exitCode}: ${said}`)
  }
  const text = ran.reports[job.report]
  if (text !== undefined) return text
  const size = await sizeOf(ran, job.report)
  if (size === null) throw new DidNotLook("errored", `wrote no report: ${said}`)
  throw new DidNotLook(
    "errored",
    `report too large: ${Math.round(size / 1e6)} MB of at most 40. Exclude folders with \`ignore\` in slipway.yaml`,
  )
}

async function sizeOf(ran: Ran, path: string): Promise<number | null> {
  try {
    return await ran.container.file(path).size()
  } catch {
    return null
  }
}

const HOUR = 3_600_000

/** @param seconds how old it may be; null for a scanner without a database. */
function checkAge(database: Database | null, seconds: number | null, now: number): void {
  if (seconds === null) return
  const made = Date.parse(database?.updatedAt ?? "")
  if (Number.isNaN(made))
    throw new DidNotLook(
      "database",
      `the date of the vulnerability database is unknown. ${WAY_OUT}, with its date`,
    )
  const hours = Math.floor((now - made) / HOUR)
  if (now - made > seconds * 1000)
    throw new DidNotLook(
      "database",
      `vulnerability database outdated: ${hours} h old (${new Date(made).toISOString().slice(0, 10)}), at most ${seconds / 3600} h are allowed. Update it, or raise \`maxAge\` under \`security.databases\` in slipway.yaml`,
    )
}
