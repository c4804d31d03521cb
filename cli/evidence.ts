import * as fs from "node:fs"
import * as path from "node:path"
import { Fault } from "../ci/src/run/fault.js"
import { readRecord as parseRecord } from "../ci/src/run/record.js"
import type { RunRecord } from "../ci/src/run/result.js"
import { CommandFault } from "./fault.js"

/** Where a run leaves its evidence, in the app's folder. */
export interface EvidenceFolder {
  readonly folder: string
  /** The log of the Dagger client. */
  readonly log: string
  /** The folder that this run exports to. */
  readonly next: string
}

/** The file that holds what people have been told of earlier runs. */
export const NOTIFIED = "notified.json"

/** Entries that a new run keeps. */
const KEPT = new Set([".gitignore", "previous", "results", "shards", NOTIFIED])

/**
 * Prepares the folder `.slipway` of an app for a run. The last run's evidence moves to `previous`: an interrupted run
 * leaves no report of an older run.
 */
export function prepareEvidence(app: string): EvidenceFolder {
  const folder = path.join(app, ".slipway")
  try {
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(path.join(folder, ".gitignore"), "*\n")
    setAside(folder)
    const next = fs.mkdtempSync(path.join(folder, `next-${process.pid}-`))
    return { folder, log: path.join(folder, "dagger.log"), next }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CommandFault("no-folder", `cannot write ${folder}: ${why}`, "make the app's folder writable")
  }
}

function setAside(folder: string): void {
  const entries = fs.readdirSync(folder).filter((name) => !KEPT.has(name))
  for (const name of entries.filter(isStale)) remove(path.join(folder, name))
  if (!entries.includes("result.json")) return
  const previous = path.join(folder, "previous")
  remove(previous)
  fs.mkdirSync(previous)
  for (const name of entries.filter((entry) => !isNext(entry)))
    fs.renameSync(path.join(folder, name), path.join(previous, name))
}

const isNext = (name: string) => name.startsWith("next-")

/** True for the export folder of a killed run: its name contains the process. */
const isStale = (name: string) => isNext(name) && !isAlive(Number(name.split("-")[1]))

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const remove = (target: string) => fs.rmSync(target, { recursive: true, force: true })

/** Moves the exported files to the evidence folder; `result.json` last, because it says that the rest is there. */
export function publishEvidence({ folder, next }: EvidenceFolder): void {
  const names = fs.readdirSync(next).sort((a, b) => Number(a === "result.json") - Number(b === "result.json"))
  for (const name of names) {
    remove(path.join(folder, name))
    fs.renameSync(path.join(next, name), path.join(folder, name))
  }
  remove(next)
}

/** Deletes the export of a run that did not finish. */
export const dropEvidence = ({ next }: EvidenceFolder): void => remove(next)

/**
 * Reads the record of a run from its evidence; null for none.
 *
 * @throws CommandFault `evidence-unread` for a file that is damaged, foreign, or of a newer Slipway.
 */
export function readRecord(folder: string): RunRecord | null {
  const file = path.join(folder, "result.json")
  if (!fs.existsSync(file)) return null
  try {
    return parseRecord(fs.readFileSync(file, "utf8"), file)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new CommandFault("evidence-unread", error.what, "run `slipway ci` again, or update Slipway")
  }
}
