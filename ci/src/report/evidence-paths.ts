import { cleanLog, stripAnsi } from "../formats/clean.js"
import type { RunRecord } from "../run/result.js"

/** Paths of the evidence that every run has, with what each is for, in the order to show them. */
export const FILES = {
  "report.html": "this page",
  "result.json": "the whole run, as data",
  "summary.md": "summary for the CI vendor's page",
  "junit.xml": "all tests, for CI vendors and dashboards",
  "findings.sarif": "findings of all stages, for code scanning",
  "audit.jsonl": "audit log: who did what, and when; `audit verify` checks it",
} as const

/** Characters of up to 4 bytes each: file systems accept names of up to 255 bytes. */
const LONGEST = 60

/** Turns a stage's name into a file name: `test:unit` → `test-unit`. Never a hidden file, never another folder. */
function fileName(stage: string): string {
  const safe = stripAnsi(stage)
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^\.+/, "")
  return safe === "" ? "stage" : [...safe].slice(0, LONGEST).join("")
}

/**
 * Returns the path of each stage's log, by the stage's name; stages with an empty log are absent. Names that would
 * clash, also on file systems that ignore case, get a number.
 */
export function logPaths(run: RunRecord): ReadonlyMap<string, string> {
  const used = new Set<string>()
  const free = (name: string, count: number): string => {
    const numbered = count === 1 ? name : `${name}-${count}`
    const path = `logs/${numbered}.log`
    return used.has(path.toLowerCase()) ? free(name, count + 1) : path
  }
  const paths = new Map<string, string>()
  for (const stage of run.stages.filter(({ log }) => cleanLog(log.text).trim() !== "")) {
    const path = free(fileName(stage.name), 1)
    used.add(path.toLowerCase())
    paths.set(stage.name, path)
  }
  return paths
}

/** Returns the path of a stage's full log; {@link logPaths} has the path of its end. */
export const fullLogPath = (path: string): string => path.replace(/\.log$/, ".full.log")

const NOTES: readonly (readonly [RegExp, string])[] = [
  [/^annotations\.|^gl-code-quality-report\.json$/, "annotations of the change: failed tests and findings"],
  [/\.full\.log$/, "full log"],
  [/\.sarif$/, "findings, for code scanning"],
]

/** Returns what an optional file is for; "" if unknown. */
export const fileNote = (path: string): string => NOTES.find(([pattern]) => pattern.test(path))?.[1] ?? ""
