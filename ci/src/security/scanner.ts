import type { File } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import { causeLine } from "../run/cause-line.js"
import type { Cause } from "../run/causes.js"
import { explain } from "../run/explain.js"
import type { Image } from "../run/images.js"
import type { Database, Finding, LogTail, Looked, Step } from "../run/result.js"
import type { Command, Given, Ran } from "../run/stage.js"
import type { Reading } from "../run/unread.js"
import { DidNotLook, type Read } from "./report.js"

/** What is scanned: the keys of `security.scanners`. */
export type Category = keyof Config["security"]["scanners"]

/** A name under `security.scanners` in slipway.yaml. */
export type ToolName = Config["security"]["scanners"][Category][number]

/** What a scanner is given to look at. */
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
  /** Exit codes that do not mean that it broke. Whether it looked, its report must show. */
  readonly good?: readonly number[]
  /** The database that it asks, as far as it is known before. */
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
  /** What its log says where it is the database that could not be had (case is ignored). */
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

/** What became of a scanner. */
export interface Looking extends Reading {
  readonly looked: Looked
  /** Why it did not look, where that is an error. */
  readonly cause: Cause | null
  readonly findings: readonly Finding[]
  readonly steps: readonly Step[]
  readonly log: LogTail
}

/** The {@link Reading} of what did not look, or tells nothing of the files that it read. */
export const READ_NOTHING: Reading = { unread: [], reads: () => false }

/** How to have a database, for messages. */
const WAY_OUT = "name a mirror or a folder that has one under security.databases in slipway.yaml"

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
    const { cause, summary, log } = whyNot(error, scan)
    return {
      looked: {
        tool,
        version: null,
        verdict: cause === null ? "skipped" : "errored",
        what: summary,
        database: null,
      },
      cause,
      findings: [],
      ...READ_NOTHING,
      steps: ran?.steps ?? [],
      log: ran?.log ?? log ?? { text: "", lines: 0 },
    }
  }
}

function whyNot(
  error: unknown,
  { given }: Scan,
): { readonly cause: Cause | null; readonly summary: string; readonly log: LogTail | null } {
  if (error instanceof DidNotLook) return { cause: error.cause, summary: error.message, log: null }
  const missing = given.missing(error)
  return missing === null ? explain(error) : { cause: null, summary: missing, log: null }
}

/** A service that was asked has the date of the asking. */
const dated = (database: Database | null, ran: Ran): Database | null =>
  database?.updatedAt === ""
    ? { ...database, updatedAt: new Date(ran.steps[0]?.startedAt ?? 0).toISOString() }
    : database

async function reportOf(scanner: Scanner, job: Job, ran: Ran): Promise<string> {
  const said = causeLine(ran.log.text) ?? "it printed nothing"
  const { failed } = ran
  if (failed?.timedOut)
    throw new DidNotLook(
      "timed-out",
      `it did not end in ${Math.round((failed.endedAt - failed.startedAt) / 1000)} s`,
    )
  if (failed && !(job.good ?? []).includes(failed.exitCode)) {
    if (scanner.refused && new RegExp(scanner.refused, "i").test(ran.log.text))
      throw new DidNotLook("database", `its database could not be had: ${WAY_OUT}. It said: ${said}`)
    throw new DidNotLook("errored", `it exited with code ${failed.exitCode}: ${said}`)
  }
  const text = ran.reports[job.report]
  if (text !== undefined) return text
  const size = await sizeOf(ran, job.report)
  if (size === null) throw new DidNotLook("errored", `it wrote no report: ${said}`)
  throw new DidNotLook(
    "errored",
    `its report has ${Math.round(size / 1e6)} MB, and more than 40 are not read: leave out folders that need no look with \`ignore\` in slipway.yaml`,
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
    throw new DidNotLook("database", `the date of its database is not known: ${WAY_OUT}, with its date`)
  const hours = Math.floor((now - made) / HOUR)
  if (now - made > seconds * 1000)
    throw new DidNotLook(
      "database",
      `its database of ${new Date(made).toISOString().slice(0, 10)} is ${hours} h old, and ${seconds / 3600} h are allowed: have a newer one, or raise maxAge under security.databases in slipway.yaml`,
    )
}
