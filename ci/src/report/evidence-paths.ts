import { cleanLog, stripAnsi } from "../formats/clean.js"
import type { RunRecord } from "../run/result.js"

/** Where each kind of evidence lies in the exported folder, and what it is for. In the order to show them. */
export const FILES = {
  "report.html": "this page",
  "result.json": "the whole run as data",
  "summary.md": "for a vendor's summary page",
  "junit.xml": "every test, for vendors and dashboards",
  "audit.jsonl": "what was done, by whom and when; the function audit checks it",
} as const

/** In characters of up to 4 bytes: file systems take names of 255 bytes. */
const LONGEST = 60

/** `test:unit` → `test-unit`. Letters, digits, `.`, `_`, `-` alone; never a hidden file, never another folder. */
function fileName(stage: string): string {
  const safe = stripAnsi(stage)
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^\.+/, "")
  return safe === "" ? "stage" : [...safe].slice(0, LONGEST).join("")
}

/**
 * The log's path of each stage that has one, by the stage's name. Two names that come out the same, on disks that
 * ignore case too, get a number.
 */
export function logPaths(run: RunRecord): ReadonlyMap<string, string> {
  const taken = new Set<string>()
  const free = (name: string, count: number): string => {
    const numbered = count === 1 ? name : `${name}-${count}`
    const path = `logs/${numbered}.log`
    return taken.has(path.toLowerCase()) ? free(name, count + 1) : path
  }
  const paths = new Map<string, string>()
  for (const stage of run.stages.filter(({ log }) => cleanLog(log.text).trim() !== "")) {
    const path = free(fileName(stage.name), 1)
    taken.add(path.toLowerCase())
    paths.set(stage.name, path)
  }
  return paths
}

/** Where the whole log of a stage lies, of which {@link logPaths} has the end. */
export const fullLogPath = (path: string): string => path.replace(/\.log$/, ".full.log")

const NOTES: readonly (readonly [RegExp, string])[] = [
  [/^annotations\.|^gl-code-quality-report\.json$/, "failed tests and findings, to show beside the change"],
  [/\.full\.log$/, "a whole log"],
  [/\.sarif$/, "findings, for code scanning"],
]

/** What a file is for that is not in every run; "" where that is not known. */
export const fileNote = (path: string): string => NOTES.find(([pattern]) => pattern.test(path))?.[1] ?? ""
