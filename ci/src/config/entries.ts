import { type JsonRecord, recordOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import { lineColumn, type Path, readYaml, type YamlText } from "./yaml-position.js"

/** A key of an entry. */
export interface EntryKey {
  readonly required: boolean
  /** Completes "expected …". */
  readonly expected: string
}

/** Who answers for an entry, why, and until when. */
export interface Answer {
  readonly owner: string
  readonly reason: string
  /** The last day that it holds, as `2026-12-31`. */
  readonly expires: string
}

/** The keys of an {@link Answer}. */
export const ANSWER_KEYS: Readonly<Record<keyof Answer, EntryKey>> = {
  owner: { required: true, expected: "who answers for it" },
  reason: { required: true, expected: "why it may stay" },
  expires: { required: true, expected: "a day such as 2026-12-31" },
}

/** An entry of a file of exceptions, each with an owner and a last day. */
export interface Entry {
  /** Returns the text of a key; null for an optional key that is missing. */
  readonly text: (key: string) => string | null
  /** Returns the text of a required key. */
  readonly required: (key: string) => string
  /** The texts of {@link ANSWER_KEYS}. */
  readonly answer: () => Answer
  /** Refuses the file because of a key. */
  readonly refuse: (key: string, what: string) => never
  /** 1-based, in its file. */
  readonly line: number
}

const DAY = 86_400_000

type Ending = Pick<Answer, "expires">

const endOf = ({ expires }: Ending): number => Date.parse(expires) + DAY

/** True from the day after the last one, UTC. */
export const expired = (entry: Ending, now: number): boolean => now >= endOf(entry)

/** The last moment that a Date can hold. */
const FOREVER = 8.64e15

/** Returns when the first valid entry ends, in milliseconds since the epoch. */
export const firstEnd = (entries: readonly Ending[], now: number): number =>
  Math.min(FOREVER, ...entries.map(endOf).filter((end) => end > now))

/** A file of entries. */
export interface EntryFile {
  readonly text: string
  /** Its path, for messages. */
  readonly file: string
  /** The only key at its top. It has the list. */
  readonly top: string
  readonly keys: Readonly<Record<string, EntryKey>>
  /** What an entry is called: `waiver`. */
  readonly noun: string
  /** Days that an entry may hold. After them, somebody must look at it again. */
  readonly longest: number
}

/**
 * Reads a file of entries: a list under one key.
 *
 * @param now milliseconds since the epoch: no entry may run for longer from then than its file allows.
 * @throws {Fault} `configuration`, with the line of the first thing that is wrong.
 */
export function readEntries(file: EntryFile, now: number): readonly Entry[] {
  const { text, top } = file
  const yaml = readYaml(text)
  const refuse = refuser(file)
  const [problem] = yaml.problems
  if (problem) return refuse(problem.offset, problem.message)
  const whole = recordOf(yaml.value)
  const other = Object.keys(whole).find((key) => key !== top)
  if (other !== undefined) refuse(yaml.locate([other], "key"), `unknown key "${other}". Known: ${top}`)
  const entries = whole[top] ?? []
  if (!Array.isArray(entries)) return refuse(yaml.locate([top], "value"), `${top}: expected a list`)
  return entries.map((value: unknown, index) =>
    entryOf(recordOf(value), { yaml, path: [top, index], file, refuse, now }),
  )
}

type Refuse = (offset: number, what: string) => never

/** Returns what refuses a file because of what is at an offset of its text. */
function refuser({ text, file, keys, noun }: EntryFile): Refuse {
  const named = (required: boolean) => Object.keys(keys).filter((key) => keys[key]?.required === required)
  return (offset, what) => {
    const fix = `correct ${file}: each ${noun} has ${named(true).join(", ")}, and may have ${named(false).join(" and ")}`
    throw new Fault("configuration", { what, where: `${file}:${lineColumn(text, offset)}`, fix })
  }
}

/** Where an entry is read from. */
interface EntryPlace {
  readonly yaml: YamlText
  readonly path: Path
  readonly file: EntryFile
  readonly refuse: Refuse
  readonly now: number
}

function entryOf(fields: JsonRecord, { yaml, path, file, refuse, now }: EntryPlace): Entry {
  const { keys, longest } = file
  const at = (key: string) => yaml.locate([...path, key], key in fields ? "value" : "key")
  const unknown = Object.keys(fields).find((key) => !(key in keys))
  if (unknown !== undefined)
    refuse(
      yaml.locate([...path, unknown], "key"),
      `unknown key "${unknown}". Known: ${Object.keys(keys).join(", ")}`,
    )
  const word = (key: string): string | null => {
    const found = fields[key] ?? null
    if (typeof found === "string" && found.trim() !== "") return found.trim()
    if (found === null && !keys[key]?.required) return null
    return refuse(at(key), `${key}: expected ${keys[key]?.expected}`)
  }
  const required = (key: string) => word(key) ?? ""
  const day = (key: string) => {
    const last = required(key)
    if (!isDay(last)) refuse(at(key), `${key}: "${last}" is not a date. Write it as 2026-12-31`)
    if (Date.parse(last) > now + longest * DAY)
      refuse(at(key), `${key}: ${last} is more than ${longest} days ahead`)
    return last
  }
  return {
    text: word,
    required,
    answer: () => ({ owner: required("owner"), reason: required("reason"), expires: day("expires") }),
    refuse: (key, what) => refuse(at(key), what),
    line: Number(lineColumn(file.text, yaml.locate(path, "value")).split(":")[0]),
  }
}

/** False for `2026-02-30`. */
const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text)
