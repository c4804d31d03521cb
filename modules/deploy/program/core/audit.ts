/** The audit log of a run in the bucket: each entry is written as it happens, into an object that is never overwritten. */
import { createHash } from "node:crypto"
import type { Store } from "./store.ts"
import { messageOf, oneLine, plural, utc } from "./text.ts"

/** `prev` of the first entry. */
const ORIGIN = "0".repeat(64)

/** Writes a value as canonical JSON (RFC 8785), as the audit log of `ci` has it. */
export function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1))
  const members = sorted.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`)
  return `{${members.join(",")}}`
}

const hashOf = (entry: object): string => createHash("sha256").update(canonical(entry)).digest("hex")

/** What happened, by whom and when. */
interface Happening {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly actor: string
  readonly msg: string
  readonly about: unknown
}

/** A log, and where it ends. */
export interface AuditEnd {
  /** Its key in the bucket, without what follows the environment's folder. */
  readonly log: string
  readonly entries: number | null
  readonly head: string | null
}

/** Writes the audit log. */
export interface Trail {
  readonly add: (happening: Happening) => void
  /** Starts to write: earlier entries too. */
  readonly begin: () => void
  /** Waits until everything so far is written. @returns why it is not; null: it is. */
  readonly flush: () => Promise<string | null>
  readonly end: () => AuditEnd
}

const keyOf = (log: string, seq: number): string => `${log}/${String(seq).padStart(6, "0")}.jsonl`

/** Returns an entry of the log, with the hash of the previous one and its own. */
function chained({ time, actor, msg, about }: Happening, seq: number, prev: string) {
  const fields = { level: 30, time, action: "deploy", about, seq, actor, prev, msg }
  return { ...fields, hash: hashOf(fields) }
}

async function writeNew(bucket: Store, key: string, text: string): Promise<void> {
  const etag = await bucket.write(key, text, null)
  if (etag === null) throw new Error("another run writes the same log")
}

/** Returns what writes new objects: quickly for as long as the last write failed. It returns why it failed; null: it is written. */
function writerOf(bucket: Store, quick: Store) {
  let wrong: string | null = null
  return async (key: string, text: string): Promise<string | null> => {
    try {
      await writeNew(wrong === null ? bucket : quick, key, text)
      wrong = null
    } catch (error) {
      wrong = oneLine(messageOf(error))
    }
    return wrong
  }
}

/**
 * @param log the key of the log: no other run has it.
 * @param quick the same bucket, for as long as the last write failed: a run waits for a broken log once.
 */
export function trailOf(bucket: Store, log: string, quick = bucket): Trail {
  let pending: string[] = []
  let [entries, head] = [0, ORIGIN]
  let begun = false
  let wrong: string | null = null
  let last = Promise.resolve()
  const writes = writerOf(bucket, quick)
  const write = async (): Promise<void> => {
    const lines = [...pending]
    if (!begun || lines.length === 0) return
    wrong = await writes(keyOf(log, entries - pending.length + 1), lines.join(""))
    if (wrong === null) pending = pending.slice(lines.length)
  }
  const next = () => {
    last = last.then(write)
  }
  return {
    add: (happening) => {
      entries += 1
      const entry = chained(happening, entries, head)
      head = entry.hash
      pending.push(`${JSON.stringify(entry)}\n`)
      next()
    },
    begin: () => {
      begun = true
      next()
    },
    flush: async () => {
      next()
      await last
      return wrong
    },
    end: () => ({ log, entries, head }),
  }
}

/** A log as it was read. */
interface Chain {
  readonly entries: number
  readonly head: string
  readonly first: number | null
  readonly last: number | null
  /** What is wrong with it; null: nothing. */
  readonly problem: string | null
}

/** Verifies that no entry of a log was changed, removed or moved. */
export function verifyChain(text: string): Chain {
  const chain = { entries: 0, head: ORIGIN, first: null as number | null, last: null as number | null }
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const at = chain.entries + 1
    const wrong = (what: string): Chain => ({ ...chain, problem: `entry ${at} ${what}` })
    let entry: unknown
    try {
      entry = JSON.parse(line)
    } catch {
      return wrong("is not JSON")
    }
    if (typeof entry !== "object" || entry === null) return wrong("is not an entry")
    const { hash, ...rest } = { hash: null, ...entry }
    const { seq, prev, time } = { seq: null, prev: null, time: null, ...rest }
    if (seq !== at || prev !== chain.head) return wrong("does not follow the entry before it")
    if (typeof hash !== "string" || hashOf(rest) !== hash) return wrong("was changed")
    Object.assign(chain, { entries: at, head: hash, last: time, first: chain.first ?? time })
  }
  return { ...chain, problem: chain.entries === 0 ? "it is empty or missing" : null }
}

/** Reads a log: its objects follow each other by the number of their first entry. */
export async function readTrail(bucket: Store, log: string): Promise<string> {
  const parts: string[] = []
  for (let seq = 1; ; ) {
    const stored = await bucket.read(keyOf(log, seq))
    const lines = stored?.body.split("\n").filter((line) => line !== "").length ?? 0
    if (stored === null || lines === 0) return parts.join("")
    parts.push(stored.body)
    seq += lines
  }
}

/** Verifies a log against its end as the ledger has it. @returns a line, and whether something is wrong. */
export function auditLine(text: string, end: AuditEnd): { readonly line: string; readonly wrong: boolean } {
  const { problem, entries, head, first, last } = verifyChain(text)
  const cut =
    end.entries === null || text.split("\n").some((line) => end.head !== null && line.includes(end.head))
      ? null
      : `its end is missing: the ledger knows ${plural(end.entries, "entry", "entries")}, ${entries} are there`
  const found = problem ?? cut
  if (found !== null) return { line: `${end.log}: ${found}`, wrong: true }
  const range = first === null || last === null ? "" : ` from ${utc(first)} to ${utc(last)}`
  return {
    line: `${end.log}: ${plural(entries, "entry", "entries")}${range}, unchanged, head ${head}`,
    wrong: false,
  }
}
