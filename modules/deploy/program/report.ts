/** What is said while it runs: progress for people, audit entries for machines; neither holds a secret. */
import pino from "pino"
import type { Clock } from "./clock.ts"
import { duration, oneLine } from "./plan/text.ts"
import type { Request } from "./request.ts"

export type Verdict = "done" | "skipped" | "ended" | "failed"

/** One step as it went. */
export interface StepEntry {
  readonly step: string
  readonly verdict: Verdict
  readonly milliseconds: number
  readonly note: string
}

export interface Reporter {
  /** A line for people. */
  readonly say: (line: string) => void
  readonly step: (entry: StepEntry) => void
  /** What is no step: approvals, a lease that was taken over, a notification. */
  readonly audit: (event: string, about: Readonly<Record<string, unknown>>) => void
  /** Blots secrets out. */
  readonly clean: (text: string) => string
  readonly steps: () => readonly StepEntry[]
  /** The audit log so far, an entry of JSON each. */
  readonly entries: () => readonly string[]
}

/** Shorter ones would blot out ordinary words. */
const SHORTEST_SECRET = 6

/** Blots values out, the longest first. */
export function scrubber(secrets: readonly string[]): (text: string) => string {
  const parts = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ])
  const values = [...new Set(parts)]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
  return (text) => values.reduce((cleaned, value) => cleaned.replaceAll(value, "***"), text)
}

const MARKS: Readonly<Record<Verdict, string>> = { done: "✓", skipped: "–", ended: "■", failed: "✗" }

/**
 * @param print where lines for people go.
 * @param log where the audit's lines go.
 */
export function reporter(
  request: Request,
  clock: Clock,
  clean: (text: string) => string,
  out: { readonly print: (line: string) => void; readonly log: (line: string) => void },
): Reporter {
  const steps: StepEntry[] = []
  const entries: string[] = []
  const write = (line: string) => {
    const cleaned = clean(line.trimEnd())
    entries.push(cleaned)
    out.log(cleaned)
  }
  const { environment, release, run, action } = request
  const audit = pino(
    {
      base: { environment: environment.name, action, commit: release.commit, run: run.id, actor: run.actor },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      messageKey: "event",
    },
    { write },
  )
  return {
    clean,
    say: (line) => out.print(clean(line)),
    step: (entry) => {
      const note = oneLine(clean(entry.note))
      steps.push({ ...entry, note })
      audit.info({ verdict: entry.verdict, milliseconds: entry.milliseconds, note }, `step ${entry.step}`)
      const took = entry.milliseconds >= 1000 ? ` (${duration(entry.milliseconds)})` : ""
      out.print(`${MARKS[entry.verdict]} ${entry.step.padEnd(10)} ${note}${took}`)
    },
    audit: (event, about) => audit.info(about, event),
    steps: () => steps,
    entries: () => entries,
  }
}
