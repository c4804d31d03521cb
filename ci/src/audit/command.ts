import { Fault } from "../run/fault.js"
import { readRecord } from "../run/record.js"
import { EXPORTS, parseTime, within } from "./export.js"
import { againstCheckpoint, againstRecord, type Verified, verifiedText, verifyAudit } from "./verify.js"

const SHOWN = 10

/** @throws {Fault} `failed` where anything is wrong with a log. */
function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return
  const more = faults.length > SHOWN ? [`… and ${faults.length - SHOWN} more`] : []
  throw new Fault("failed", {
    what: ["the audit log is not as it was written:", ...faults.slice(0, SHOWN), ...more].join("\n  "),
    where: null,
    fix: "do not rely on it; look for the log in another copy of the evidence, and find out who could write to this one",
  })
}

const usage = (what: string, fix: string) => new Fault("configuration", { what, where: null, fix })

/** A log that was looked at, or a fault that says what is wrong with it. */
function sound(log: string): Verified {
  const verified = verifyAudit(log)
  refuse(verified.faults)
  return verified
}

/**
 * Checks a log by itself, and against what was noted elsewhere.
 *
 * @param checkpoint a head that was noted, or "".
 * @param record the text of a result.json, or null.
 * @throws {Fault} `failed` where the log was changed, `configuration` where the record is none.
 */
export function verify(log: string, checkpoint: string, record: string | null): string {
  const verified = sound(log)
  const compared = [
    ...(checkpoint === "" ? [] : [againstCheckpoint(verified, checkpoint.trim().toLowerCase())]),
    ...(record === null ? [] : [againstRecord(verified, readRecord(record, "--record"))]),
  ]
  refuse(compared.filter((fault) => fault !== null))
  const without = "nothing to compare the end with: --checkpoint or --record tells a log that was cut off"
  return `${verifiedText(verified)}\n${compared.length === 0 ? without : "it holds the checkpoint"}`
}

/**
 * The entries of a log in a range of time, in a format for others.
 *
 * @throws {Fault} `failed` where the log was changed, `configuration` for a format or a time that is none.
 */
export function exported(log: string, format: string, from: string, to: string): string {
  const write = EXPORTS[format]
  if (!write) throw usage(`--format ${format} is none`, `use one of ${Object.keys(EXPORTS).join(", ")}`)
  const range = {
    from: from === "" ? Number.NEGATIVE_INFINITY : parseTime(from),
    to: to === "" ? Number.POSITIVE_INFINITY : parseTime(to),
  }
  if (range.from === null || range.to === null)
    throw usage(
      `${range.from === null ? from : to} is no time`,
      "write a day or a time as ISO 8601: 2025-11-21 or 2025-11-21T09:30:00Z",
    )
  return write(within(sound(log).entries, { from: range.from, to: range.to }))
}
