/** A calendar day as people in the clinic write it: "2026-03-29". */
export type LocalDate = string

/** A wall-clock moment in the clinic: the day, and minutes since midnight on the clock face. */
export interface LocalTime {
  readonly date: LocalDate
  readonly minute: number
}

export const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const LOCAL_DATE = /^\d{4}-\d{2}-\d{2}$/

export function isLocalDate(text: string): boolean {
  if (!LOCAL_DATE.test(text)) return false
  const parsed = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text)
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return new Date(midnightUtc(date) + days * DAY).toISOString().slice(0, 10)
}

/** 1 is Monday, 7 is Sunday (ISO 8601). */
export function isoWeekday(date: LocalDate): number {
  return new Date(midnightUtc(date)).getUTCDay() || 7
}

export function addMinutes(instant: Date, minutes: number): Date {
  return new Date(instant.getTime() + minutes * MINUTE)
}

/** "09:05" for minute 545. */
export function clockText(minute: number): string {
  const hours = Math.floor(minute / 60)
  return `${String(hours).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`
}

export function toLocal(instant: Date, timeZone: string): LocalTime {
  const shown = instant.getTime() + offsetAt(instant.getTime(), timeZone)
  const date = new Date(shown).toISOString().slice(0, 10)
  return { date, minute: Math.floor((shown - midnightUtc(date)) / MINUTE) }
}

/**
 * The instant of a wall-clock time. When clocks go back and the time exists twice, the first one;
 * when they go forward and it doesn't exist, the same distance after the change.
 */
export function toInstant(local: LocalTime, timeZone: string): Date {
  const shown = midnightUtc(local.date) + local.minute * MINUTE
  const before = shown - offsetAt(shown - DAY, timeZone)
  const after = shown - offsetAt(shown + DAY, timeZone)
  const real = [before, after]
    .filter((instant) => instant + offsetAt(instant, timeZone) === shown)
    .sort((a, b) => a - b)
  return new Date(real[0] ?? before)
}

function midnightUtc(date: LocalDate): number {
  return Date.parse(`${date}T00:00:00Z`)
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Building a formatter takes longer than all the rest of computing a day's slots. */
function formatterFor(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" })
  formatters.set(timeZone, made)
  return made
}

/** Milliseconds by which the zone's clocks are ahead of UTC. */
function offsetAt(instant: number, timeZone: string): number {
  const parts = formatterFor(timeZone).formatToParts(new Date(instant))
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT"
  const match = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name)
  const [, sign, hours, minutes] = match ?? []
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE
  return sign === "-" ? -size : size
}
