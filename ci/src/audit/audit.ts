import { canonicalDigest, type Json } from "../formats/canonical.js"
import { printable } from "../formats/clean.js"
import { reuseText } from "../run/origin.js"
import type { AuditHead, RunRecord, StageRecord, Verdict } from "../run/result.js"

/**
 * An entry of the audit log: who did what, and when. The log is JSON Lines, and chained: each entry holds the hash of
 * the entry before it, and its own hash over all its other fields. Changing, removing or reordering an entry breaks
 * the chain; a log rewritten from its start has another head than the one noted elsewhere.
 *
 * `level`, `time` and `msg` are pino's fields, so that viewers of pino's logs show it.
 */
export interface AuditEntry {
  /** 30 for success, 40 for what was waived or skipped, 50 for failure. */
  readonly level: number
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly msg: string
  /** 1 for the first. */
  readonly seq: number
  readonly action:
    | "run.started"
    | "shard"
    | "stage"
    | "image"
    | "waiver"
    | "evidence"
    | "run.ended"
    | "deploy"
  /** Who started the run, or null if unknown. */
  readonly actor: string | null
  /** The subject of the action; its fields depend on the kind of action. */
  readonly about: Json
  /** The hash of the entry before, or {@link ORIGIN}. */
  readonly prev: string
  /** SHA-256 of the canonical JSON (RFC 8785) of the entry without this field. */
  readonly hash: string
}

/** `prev` of the first entry. */
export const ORIGIN = "0".repeat(64)

type Action = Omit<AuditEntry, "seq" | "actor" | "prev" | "hash">

const LEVEL: Readonly<Record<Verdict, number>> = { passed: 30, skipped: 40, errored: 50, failed: 50 }

/** Returns the hash that an entry must have. */
export function hashOf(entry: object): string {
  const rest = Object.entries(entry).filter(([key]) => key !== "hash")
  return canonicalDigest(Object.fromEntries(rest))
}

/** Makes every text printable, and valid for every reader of JSON. */
function cleaned(value: Json): Json {
  if (typeof value === "string") return printable(value)
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(cleaned)
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, cleaned(field)]))
}

/** Returns the SHA-256 of the canonical JSON of a record, without what it says of its audit log. */
export const recordDigest = ({ audit: _, ...record }: RunRecord): string => canonicalDigest(record)

function started({ startedAt, project, slipway, context }: RunRecord): Action {
  const about = { project, slipway, ...withoutActor(context) }
  return { level: 30, time: startedAt, msg: `run of ${project} started`, action: "run.started", about }
}

/** Each entry names the actor by itself. */
const withoutActor = ({ actor: _, ...rest }: RunRecord["context"]) => rest

/** The shards that were merged, each with the head of its audit log. */
const shardActions = ({ shards = [], startedAt }: RunRecord): readonly Action[] =>
  shards.map((shard) => ({
    level: LEVEL[shard.verdict],
    time: Math.max(shard.endedAt, startedAt),
    msg: `shard ${shard.shard} ${shard.verdict}`,
    action: "shard",
    about: shard,
  }))

function stageAction(stage: StageRecord, run: RunRecord): Action {
  const { name, verdict, cause, summary, cached, startedAt, endedAt, inputs = null, remembered } = stage
  const reuse = reuseText(stage)
  const how = reuse === null ? "" : ` (${reuse})`
  return {
    level: LEVEL[verdict],
    // A cached stage ran earlier: the entry has the time of this run, and `about` the time of the stage.
    time: Math.max(endedAt ?? run.startedAt, run.startedAt),
    msg: `stage ${name} ${verdict}${how}: ${summary}`,
    action: "stage",
    about: {
      stage: name,
      verdict,
      cause,
      cached,
      startedAt,
      endedAt,
      inputs,
      ...(remembered ? { remembered } : {}),
    },
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

/** The last entries: images that were used, evidence that was written, how the run ended. */
function ended(run: RunRecord, digests: Readonly<Record<string, string | null>>): readonly Action[] {
  const { verdict, exitCode, endedAt: time } = run
  const images = run.images.map(({ name, digest, purpose }): Action => {
    const about = { image: name, digest, purpose }
    return { level: 30, time, msg: `image ${name}: ${purpose}`, action: "image", about }
  })
  const evidence = Object.entries(digests).map(([path, digest]): Action => {
    const about = { path, digest }
    return { level: 30, time, msg: `evidence ${path} written`, action: "evidence", about }
  })
  const about = { verdict, exitCode, record: recordDigest(run) }
  const msg = `run of ${run.project} ${verdict}`
  return [...images, ...evidence, { level: LEVEL[verdict], time, msg, action: "run.ended", about }]
}

/** A log, and where it ends. */
export interface AuditLog {
  /** One line of JSON per entry. */
  readonly text: string
  readonly end: AuditHead
}

/**
 * Writes the audit log of a run. The same run gives the same bytes.
 *
 * @param digests digests of evidence files, by path, except for the files that hold the head of this log.
 */
export function auditLog(run: RunRecord, digests: Readonly<Record<string, string | null>>): AuditLog {
  const stages = run.stages.flatMap((stage) => [stageAction(stage, run), ...waiverActions(stage, run)])
  const work = [...shardActions(run), ...stages]
  const actions = [started(run), ...work.toSorted((a, b) => a.time - b.time), ...ended(run, digests)]
  const actor = run.context.actor === null ? null : printable(run.context.actor)
  const lines: string[] = []
  let prev = ORIGIN
  for (const { level, time, msg, action, about } of actions) {
    const fields = { level, time, action, about: cleaned(about), seq: lines.length + 1, actor, prev }
    const entry = { ...fields, msg: printable(msg) }
    prev = hashOf(entry)
    lines.push(`${JSON.stringify({ ...fields, hash: prev, msg: entry.msg })}\n`)
  }
  return { text: lines.join(""), end: { head: prev, entries: lines.length } }
}
