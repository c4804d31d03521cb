/** Freeze windows: times without deployments. */
import { DAYS, type Freeze, type FreezeWindow } from "../environment.ts"

/** Local time in a time zone. */
interface Local {
  /** `2026-11-26` */
  readonly date: string
  /** 0 is Monday. */
  readonly day: number
  /** Minutes since midnight. */
  readonly minutes: number
}

const WEEK: readonly string[] = DAYS
const MINUTES_A_DAY = 24 * 60

/** @param zone a name of the IANA time zone database. */
function localTime(time: number, zone: string): Local {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    weekday: "short",
  })
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]))
  return {
    date: `${parts.year}-${parts.month}-${parts.day}`,
    day: WEEK.indexOf(parts.weekday?.toLowerCase() ?? ""),
    minutes: Number(parts.hour) * 60 + Number(parts.minute),
  }
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

function holds(window: FreezeWindow, { date, day, minutes }: Local): boolean {
  if (!("days" in window)) return window.from <= date && date <= window.to
  const from = minutesOf(window.from)
  const to = minutesOf(window.to)
  const length = to > from ? to - from : to + MINUTES_A_DAY - from
  return window.days.some((name) => {
    const week = 7 * MINUTES_A_DAY
    const start = DAYS.indexOf(name) * MINUTES_A_DAY + from
    return (day * MINUTES_A_DAY + minutes - start + week) % week < length
  })
}

const windowText = (window: FreezeWindow): string =>
  "days" in window
    ? `${window.days.join(", ")} from ${window.from} to ${window.to}`
    : `${window.from} to ${window.to}, inclusive`

/** Returns the freeze window at a point in time as text; null: none. */
export function frozen(freeze: Freeze | null, time: number): string | null {
  if (freeze === null) return null
  const local = localTime(time, freeze.zone)
  const window = freeze.windows.find((one) => holds(one, local))
  return window ? `${window.why} (${windowText(window)}, ${freeze.zone})` : null
}
