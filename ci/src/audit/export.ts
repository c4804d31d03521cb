import { canonicalJson } from "../formats/canonical.js"
import { clean } from "../formats/clean.js"
import { iso } from "../formats/figures.js"
import type { AuditEntry } from "./audit.js"

/** A range of time in milliseconds since the epoch: from `from` on, and before `to`. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** Writers by the name of their format. */
export const EXPORTS: Readonly<Record<string, (entries: readonly AuditEntry[]) => string>> = {
  json: (entries) => `${JSON.stringify(entries, null, 2)}\n`,
  csv: (entries) => [HEAD, ...entries.map(row)].map((cells) => `${cells.map(cell).join(",")}\r\n`).join(""),
}

const HEAD = ["seq", "time", "actor", "action", "message", "about", "hash"]

const row = ({ seq, time, actor, action, msg, about, hash }: AuditEntry): readonly string[] => [
  ...[String(seq), iso(time), actor ?? "", action, msg],
  ...[canonicalJson(about), hash],
]

/** Writes a cell as RFC 4180 has it. Spreadsheets run a text that begins with `=`, `+`, `-`, `@` or a tab as formula. */
function cell(text: string): string {
  const cleaned = clean(text)
  const inert = /^[=+\-@\t]/.test(cleaned) ? `'${cleaned}` : cleaned
  return /[",\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

const DAY = /\d{4}-\d{2}-\d{2}/
const CLOCK = /\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?/
const ZONE = /Z|[+-]\d{2}:\d{2}/
const TIME = new RegExp(`^${DAY.source}(?:T${CLOCK.source}(?:${ZONE.source}))?$`)

/** Reads an ISO 8601 time as milliseconds since the epoch: a day alone is its midnight in UTC; null if invalid. */
export function parseTime(text: string): number | null {
  if (!TIME.test(text)) return null
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}

/** Returns the entries of a range. */
export const within = (entries: readonly AuditEntry[], { from, to }: TimeRange): readonly AuditEntry[] =>
  entries.filter(({ time }) => time >= from && time < to)
