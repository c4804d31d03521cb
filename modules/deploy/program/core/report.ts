/** Progress lines for people and the audit log for machines. Secrets are removed from both. */
import pino, { type Logger } from "pino"
import type { Trail } from "./audit.ts"
import type { Clock } from "./clock.ts"
import type { Request } from "./request.ts"
import { duration, oneLine } from "./text.ts"

type Verdict = "done" | "skipped" | "ended" | "failed"

/** Result of one step. */
export interface StepEntry {
  readonly step: string
  readonly verdict: Verdict
  readonly milliseconds: number
  readonly note: string
}

/** Reports one run: to people, and to the audit log. */
export interface Reporter {
  /** Prints a line of progress. */
  readonly say: (line: string) => void
  readonly step: (entry: StepEntry) => void
  /** Writes an audit entry for anything other than a step. */
  readonly audit: (event: string, about: Readonly<Record<string, unknown>>) => void
  readonly steps: () => readonly StepEntry[]
  /** Replaces secrets in all texts of a value. */
  readonly cleaned: <T>(value: T) => T
  /** Returns the audit log so far, one JSON object per entry. */
  readonly entries: () => readonly string[]
}

/** Shorter values would hide ordinary words. */
const SHORTEST_SECRET = 6

/** Returns a function that replaces secrets with `***`, the longest first. */
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

/** Reads an entry back: what is written to the bucket has no secret either. */
function entryOf(line: string): Readonly<Record<string, unknown>> {
  const entry: unknown = JSON.parse(line)
  return typeof entry === "object" && entry !== null ? { ...entry } : {}
}

const MARKS: Readonly<Record<Verdict, string>> = { done: "✓", skipped: "–", ended: "■", failed: "✗" }

/** Returns a logger of audit entries, each with what the run is about. */
const auditLog = (
  { environment, release, run, action }: Request,
  clock: Clock,
  write: (line: string) => void,
): Logger =>
  pino(
    {
      base: { environment: environment.name, action, commit: release.commit, run: run.id, actor: run.actor },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      messageKey: "event",
    },
    { write },
  )

/**
 * Reports one run.
 *
 * @param out `print` receives progress lines, `log` receives audit entries.
 */
export function reporter(
  request: Request,
  clock: Clock,
  clean: (text: string) => string,
  out: { readonly print: (line: string) => void; readonly log: (line: string) => void },
  trail: Trail,
): Reporter {
  const steps: StepEntry[] = []
  const entries: string[] = []
  const write = (line: string) => {
    const cleaned = clean(line.trimEnd())
    entries.push(cleaned)
    out.log(cleaned)
    const { level: _, time, event, actor, ...about } = entryOf(cleaned)
    trail.add({ time: Date.parse(String(time)), actor: String(actor), msg: String(event), about })
  }
  const audit = auditLog(request, clock, write)
  return {
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
    cleaned: (value) => JSON.parse(clean(JSON.stringify(value))),
    entries: () => entries,
  }
}
