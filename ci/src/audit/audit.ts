import pino from "pino"
import { canonicalDigest, type Json } from "../formats/canonical.js"
import { printable } from "../formats/clean.js"
import type { RunContext } from "../run/context.js"
import type { AuditHead, RunRecord, StageRecord, Verdict } from "../run/result.js"

/**
 * What was done, by whom and when, as lines of JSON that are chained: each holds the hash of the one before it, and
 * its own over all else that it says. Who changes, removes or reorders one breaks the chain; who writes all of it
 * anew has another head than the one that was noted elsewhere.
 *
 * pino writes the lines, out of the record of a run that is over, in one go.
 */
export interface AuditEntry {
  /** pino's: 30 for what went well, 40 for what was waived or left out, 50 for what went wrong. */
  readonly level: number
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly msg: string
  /** 1 for the first. */
  readonly seq: number
  readonly action: "run.started" | "stage" | "image" | "waiver" | "evidence" | "run.ended"
  /** Who started the run, or null where nobody said. */
  readonly actor: string | null
  /** What the action was about: what belongs to its kind. */
  readonly about: Json
  /** The hash of the entry before, or {@link ORIGIN}. */
  readonly prev: string
  /** SHA-256 of the canonical JSON (RFC 8785) of the entry without this field. */
  readonly hash: string
}

/** What the first entry comes after. */
export const ORIGIN = "0".repeat(64)

type Action = Omit<AuditEntry, "seq" | "actor" | "prev" | "hash"> & { readonly level: Level }

const LEVEL: Readonly<Record<Verdict, Level>> = { passed: 30, skipped: 40, errored: 50, failed: 50 }

type Level = 30 | 40 | 50

/** pino's names of its levels. */
const NAMES = { 30: "info", 40: "warn", 50: "error" } as const

/** The hash that an entry must have. */
export function hashOf(entry: object): string {
  const rest = Object.entries(entry).filter(([key]) => key !== "hash")
  return canonicalDigest(Object.fromEntries(rest))
}

/** With text that can be shown, and that every reader of JSON takes. */
function cleaned(value: Json): Json {
  if (typeof value === "string") return printable(value)
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(cleaned)
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, cleaned(field)]))
}

/** SHA-256 of the canonical JSON of a record, but for what it says of the log itself. */
export const recordDigest = ({ audit: _, ...record }: RunRecord): string => canonicalDigest(record)

function started({ startedAt, project, slipway, context }: RunRecord): Action {
  const about = { project, slipway, ...withoutActor(context) }
  return { level: 30, time: startedAt, msg: `run of ${project} started`, action: "run.started", about }
}

/** Each entry of the log says who it was, by itself. */
const withoutActor = ({ actor: _, ...rest }: RunContext) => rest

function stageAction(stage: StageRecord, run: RunRecord): Action {
  const { name, verdict, cause, summary, cached, startedAt, endedAt, inputs = null } = stage
  return {
    level: LEVEL[verdict],
    // One that was remembered is looked at in this run, and says when it ran.
    time: Math.max(endedAt ?? run.startedAt, run.startedAt),
    msg: `stage ${name} ${verdict}${cached ? " (cached)" : ""}: ${summary}`,
    action: "stage",
    about: { stage: name, verdict, cause, cached, startedAt, endedAt, inputs },
  }
}

function waiverActions(stage: StageRecord, run: RunRecord): readonly Action[] {
  const waived = stage.findings.filter((finding) => finding.standing?.status === "waived")
  return waived.map(({ rule, fingerprint = null, file, vulnerability, standing }) => ({
    level: 40,
    time: Math.max(stage.endedAt ?? run.startedAt, run.startedAt),
    msg: `${rule} is waived: ${standing?.why ?? ""}`,
    action: "waiver",
    about: {
      stage: stage.name,
      rule,
      fingerprint,
      place: vulnerability?.package ?? file,
      why: standing?.why ?? "",
    },
  }))
}

/** What comes last: what was used, what was written, how it ended. */
function ended(run: RunRecord, digests: Readonly<Record<string, string | null>>): readonly Action[] {
  const { verdict, exitCode, endedAt: time } = run
  return [
    ...run.images.map(
      ({ name, digest, purpose }): Action => ({
        ...{ level: 30, time, msg: `image ${name}: ${purpose}`, action: "image" },
        about: { image: name, digest, purpose },
      }),
    ),
    ...Object.entries(digests).map(
      ([path, digest]): Action => ({
        ...{ level: 30, time, msg: `evidence ${path} written`, action: "evidence" },
        about: { path, digest },
      }),
    ),
    {
      ...{ level: LEVEL[verdict], time, msg: `run of ${run.project} ${verdict}`, action: "run.ended" },
      about: { verdict, exitCode, record: recordDigest(run) },
    },
  ]
}

/** A log and where it ends. */
export interface AuditLog {
  /** A line of JSON for each entry. */
  readonly text: string
  readonly end: AuditHead
}

/**
 * The log of a run. The same run gives the same bytes.
 *
 * @param digests of the files of the evidence that do not hold the log's head, by path.
 */
export function auditLog(run: RunRecord, digests: Readonly<Record<string, string | null>>): AuditLog {
  const stages = run.stages.flatMap((stage) => [stageAction(stage, run), ...waiverActions(stage, run)])
  const actions = [started(run), ...stages.toSorted((a, b) => a.time - b.time), ...ended(run, digests)]
  const { actor } = run.context
  const lines: string[] = []
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(line) })
  let prev = ORIGIN
  for (const action of actions) {
    const said = { ...action, msg: printable(action.msg), about: cleaned(action.about) }
    const entry = { ...said, seq: lines.length + 1, actor: actor === null ? null : printable(actor), prev }
    prev = hashOf(entry)
    const { level, msg, ...rest } = entry
    log[NAMES[level]]({ ...rest, hash: prev }, msg)
  }
  return { text: lines.join(""), end: { head: prev, entries: lines.length } }
}
