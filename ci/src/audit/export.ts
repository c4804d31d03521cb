import { canonicalJson } from "../formats/canonical.js"
import { clean } from "../formats/clean.js"
import { iso } from "../formats/figures.js"
import type { AuditEntry } from "./audit.js"

/** From, inclusive, to, exclusive; milliseconds since the epoch. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** The formats of an export. */
export const EXPORTS: Readonly<Record<string, (entries: readonly AuditEntry[]) => string>> = {
  json: (entries) => `${JSON.stringify(entries, null, 2)}\n`,
  csv: (entries) => [HEAD, ...entries.map(row)].map((cells) => `${cells.map(cell).join(",")}\r\n`).join(""),
}

const HEAD = ["seq", "time", "actor", "action", "message", "about", "hash"]

const row = ({ seq, time, actor, action, msg, about, hash }: AuditEntry): readonly string[] => [
  ...[String(seq), iso(time), actor ?? "", action, msg],
  ...[canonicalJson(about), hash],
]

/** RFC 4180. Spreadsheets take what begins with one of these for a formula, and run it. */
function cell(text: string): string {
  const said = clean(text)
  const inert = /^[=+\-@\t]/.test(said) ? `'${said}` : said
  return /[",\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

const DAY = /\d{4}-\d{2}-\d{2}/
const CLOCK = /\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?/
const ZONE = /Z|[+-]\d{2}:\d{2}/
const TIME = new RegExp(`^${DAY.source}(?:T${CLOCK.source}(?:${ZONE.source}))?$`)

/**
 * A point in time as milliseconds since the epoch: ISO 8601, a day alone being its midnight in UTC; null for what is
 * none.
 */
export function parseTime(text: string): number | null {
  if (!TIME.test(text)) return null
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}

/** The entries of a range. */
export const within = (entries: readonly AuditEntry[], { from, to }: TimeRange): readonly AuditEntry[] =>
  entries.filter(({ time }) => time >= from && time < to)
