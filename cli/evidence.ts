import * as fs from "node:fs"
import * as path from "node:path"
import type { RunRecord } from "../ci/src/run/result.js"
import { HostFault } from "./fault.js"

/** Where a run leaves what it found, in the app's own folder. */
export interface EvidenceFolder {
  readonly folder: string
  /** What Dagger said, whole. */
  readonly log: string
  /** Where Dagger exports to: only what is there at the end is of this run. */
  readonly next: string
}

/** What stays when a new run begins. */
const KEPT = new Set([".gitignore", "previous"])

/**
 * Makes the folder `.slipway` of an app ready for a run. What the last run left moves to `previous`, so that
 * no report but this run's own lies where it is looked for, however the run ends.
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
    throw new HostFault(
      "no-folder",
      `${folder} can't be written: ${why}`,
      "make the project's folder writable",
    )
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

/** True for what a run exported to that was killed: its name holds the run's process. */
const isStale = (name: string) => isNext(name) && !isAlive(Number(name.split("-")[1]))

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const remove = (target: string) => fs.rmSync(target, { recursive: true, force: true })

/** Moves what Dagger exported to where it is looked for; `result.json` last, as it says that the rest is there. */
export function publishEvidence({ folder, next }: EvidenceFolder): void {
  const names = fs.readdirSync(next).sort((a, b) => Number(a === "result.json") - Number(b === "result.json"))
  for (const name of names) {
    remove(path.join(folder, name))
    fs.renameSync(path.join(next, name), path.join(folder, name))
  }
  remove(next)
}

/** Takes away what a run that did not get to its end exported. */
export const dropEvidence = ({ next }: EvidenceFolder): void => remove(next)

/** The record of a run in a folder of evidence, or null where there is none. */
export function readRecord(folder: string): RunRecord | null {
  const file = path.join(folder, "result.json")
  if (!fs.existsSync(file)) return null
  const record: RunRecord = JSON.parse(fs.readFileSync(file, "utf8"))
  if (record.schema === 1) return record
  throw new HostFault(
    "usage",
    `${file} has the format ${record.schema}, which is newer than this Slipway`,
    "update Slipway",
  )
}
