import { stripAnsi } from "../ci/src/formats/clean.js"
import type { Verdict } from "../ci/src/run/result.js"

/** The mark that the module prints before a line about a stage. */
const MARK = "⚓ "

const LINE =
  /^(?<name>\S.*?) (?:(?<starts>starts)|(?<verdict>passed|failed|errored|skipped)(?<cached> \(cached\))?: (?<summary>.*))$/

/** The start or end of a stage. */
export type StageEvent =
  | { readonly name: string; readonly ended: null }
  | {
      readonly name: string
      readonly ended: { readonly verdict: Verdict; readonly cached: boolean; readonly summary: string }
    }

const VERDICTS: readonly Verdict[] = ["passed", "failed", "errored", "skipped"]

/** Reads a stage event from a line of Dagger's progress; null for any other line. */
export function stageEvent(line: string): StageEvent | null {
  const at = line.indexOf(MARK)
  if (at === -1) return null
  const groups = LINE.exec(stripAnsi(line.slice(at + MARK.length)).trim())?.groups
  if (!groups) return null
  const { name = "", cached, summary = "" } = groups
  const verdict = VERDICTS.find((known) => known === groups.verdict)
  return { name, ended: verdict ? { verdict, cached: cached !== undefined, summary } : null }
}

/** Follows a run: reports the end of each stage once, and the running stages. Dagger repeats lines. */
export function follow(
  onEnd: (event: Extract<StageEvent, { readonly ended: object }>) => void,
  onRunning: (names: readonly string[]) => void,
): (line: string) => void {
  const seen = new Map<string, boolean>()
  return (line) => {
    const event = stageEvent(line)
    if (!event || seen.get(event.name) === (event.ended !== null) || seen.get(event.name) === true) return
    seen.set(event.name, event.ended !== null)
    if (event.ended !== null) onEnd(event)
    onRunning([...seen].flatMap(([name, done]) => (done ? [] : [name])))
  }
}
