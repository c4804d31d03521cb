/** The day on the wall calendar, "2026-03-02", by the browser's clock. */
export function today(now: Date): string {
  const month = String(now.getMonth() + 1).padStart(2, "0")
  return `${now.getFullYear()}-${month}-${String(now.getDate()).padStart(2, "0")}`
}

export function shiftDay(date: string, days: number): string {
  const shifted = new Date(`${date}T00:00:00Z`)
  shifted.setUTCDate(shifted.getUTCDate() + days)
  return shifted.toISOString().slice(0, 10)
}

const LONG = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" })

/** "Monday 2 March 2026", or "" while the field is being typed in. */
export function longDate(date: string): string {
  const parsed = new Date(`${date}T00:00:00Z`)
  return Number.isNaN(parsed.getTime()) ? "" : LONG.format(parsed).replace(",", "")
}
