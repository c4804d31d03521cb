import type { Directory, File } from "@dagger.io/dagger"
import { Fault } from "../run/fault.js"
import { readRecord } from "../run/record.js"
import { EXPORTS, parseTime, within } from "./export.js"
import {
  againstCheckpoint,
  againstRecord,
  isHash,
  type Verified,
  verifiedText,
  verifyAudit,
} from "./verify.js"

const SHOWN = 10

/** @throws {Fault} `failed` if there is any problem. */
function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return
  const more = problems.length > SHOWN ? [`… and ${problems.length - SHOWN} more`] : []
  throw new Fault("failed", {
    what: ["the audit log failed verification:", ...problems.slice(0, SHOWN), ...more].join("\n  "),
    where: null,
    fix: "do not rely on this log. Compare another copy of the evidence, and find out who could write to this one",
  })
}

const usage = (what: string, fix: string) => new Fault("configuration", { what, where: null, fix })

/** Verifies a log by itself. @throws {Fault} `failed` if it was changed. */
function verified(log: string): Verified {
  const result = verifyAudit(log)
  refuse(result.problems)
  return result
}

function parseCheckpoint(text: string): string {
  const head = text.trim().toLowerCase()
  if (isHash(head)) return head
  throw usage(
    `\`--checkpoint ${text}\` is not a hash`,
    "pass the 64 hexadecimal digits that a summary showed as head",
  )
}

const COMPLETE = "complete: it contains the head that was noted elsewhere"
const NOT_COMPARED =
  "not checked: whether its end was cut off. Pass `--checkpoint` or `--record` to compare it with a head that was noted elsewhere"

/**
 * Verifies a log by itself, and against what was noted elsewhere.
 *
 * @param checkpoint a head that was noted, or "".
 * @param record the text of a result.json, or null.
 * @throws {Fault} `failed` if the log was changed, `configuration` for an invalid checkpoint or record.
 */
export function verify(log: string, checkpoint: string, record: string | null): string {
  const result = verified(log)
  const compared = [
    ...(checkpoint === "" ? [] : [againstCheckpoint(result, parseCheckpoint(checkpoint))]),
    ...(record === null ? [] : [againstRecord(result, readRecord(record, "--record"))]),
  ]
  refuse(compared.filter((problem) => problem !== null))
  return `${verifiedText(result)}\n${compared.length === 0 ? NOT_COMPARED : COMPLETE}`
}

/** Reads the time of an option; `otherwise` if it is empty. */
function timeOf(option: string, text: string, otherwise: number): number {
  const time = text === "" ? otherwise : parseTime(text)
  if (time !== null) return time
  throw usage(`\`${option} ${text}\` is not a time`, "write ISO 8601: `2025-11-21` or `2025-11-21T09:30:00Z`")
}

/**
 * Exports the entries of a log in a range of time.
 *
 * @throws {Fault} `failed` if the log was changed, `configuration` for an unknown format or an invalid time.
 */
export function exported(log: string, format: string, since: string, until: string): string {
  const write = EXPORTS[format]
  if (!write)
    throw usage(`\`--format ${format}\` is unknown`, `use one of ${Object.keys(EXPORTS).join(", ")}`)
  const from = timeOf("--since", since, Number.NEGATIVE_INFINITY)
  const to = timeOf("--until", until, Number.POSITIVE_INFINITY)
  return write(within(verified(log).entries, { from, to }))
}

/** Reads the logs below a folder, by the folders that hold their objects: each begins with the number of its first entry. */
export async function logsIn(folder: Directory): Promise<ReadonlyMap<string, string>> {
  const files = (await folder.glob("**/*.jsonl")).toSorted()
  const logs = new Map<string, string>()
  for (const file of files) {
    const log = file.slice(0, Math.max(0, file.lastIndexOf("/")))
    logs.set(log, (logs.get(log) ?? "") + (await folder.file(file).contents()))
  }
  return logs
}

/**
 * Verifies logs by themselves.
 *
 * @throws {Fault} `failed` if one was changed, `configuration` without any.
 */
export function verifyAll(logs: ReadonlyMap<string, string>): string {
  if (logs.size === 0) throw usage("no audit log in the folder", "pass the folder `audit` of an environment")
  const all = [...logs].map(([log, text]) => ({ log, result: verifyAudit(text) }))
  refuse(all.flatMap(({ log, result }) => result.problems.map((problem) => `${log}: ${problem}`)))
  const lines = all.map(({ log, result }) => `${log || "."}: ${verifiedText(result)}`)
  return [
    ...lines,
    "not checked: whether ends were cut off. `audit --env NAME verify` compares them with the ledger",
  ].join("\n")
}

/** @throws {Fault} `configuration` without a log. */
export async function textOf(log: File | undefined): Promise<string> {
  if (log) return log.contents()
  throw usage(
    "no audit log given",
    "add `--log audit.jsonl`, `--folder` with logs of the bucket, or `--env` with an environment",
  )
}
