const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const two = (value: number): string => String(value).padStart(2, "0")

/**
 * Formats a duration: `840 ms`, `3.2 s`, `2 min 05 s`, `1 h 05 min`.
 *
 * @param ms milliseconds; NaN and negative numbers count as 0
 */
export function duration(ms: number): string {
  const whole = Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : 0
  if (whole < SECOND) return `${whole} ms`
  const tenths = Math.round(whole / 100)
  if (tenths < 600) return `${Math.floor(tenths / 10)}.${tenths % 10} s`
  const seconds = Math.round(whole / SECOND)
  if (seconds < HOUR / SECOND) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  const minutes = Math.round(whole / MINUTE)
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
}

/** Formats a time in UTC, the same for every reader: `2025-11-21 01:47:03 UTC`. */
export function utc(epochMs: number): string {
  return `${iso(epochMs).slice(0, 19).replace("T", " ")} UTC`
}

/** Formats a time as ISO 8601 in UTC, for machines. An invalid time becomes the epoch. */
export function iso(epochMs: number): string {
  const date = new Date(epochMs)
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString()
}

/** Groups digits: `5,000`. */
export function thousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",")
}

/** Counts things: `1 test`, `5,000 tests`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${thousands(value)} ${value === 1 ? one : many}`
}

/** Formats a share in per cent, never rounded up to 100: `83.1 %`, `99.9 %`, `100 %`. */
export function share(value: number): string {
  return `${value >= 1 ? "100" : (Math.floor(value * 1000) / 10).toFixed(1)} %`
}

const BYTES = ["B", "kB", "MB", "GB"] as const

/** `840 B`, `72.7 kB`, `1.4 MB` */
export function bytes(value: number): string {
  const power = Math.min(BYTES.length - 1, Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3))
  const scaled = value / 1000 ** power
  return `${power === 0 ? Math.round(scaled) : scaled.toFixed(1)} ${BYTES[power]}`
}

const rounded = (value: number): string =>
  Number.isInteger(value) ? thousands(value) : String(Number(value.toFixed(2)))

/** Formatters by unit; any other unit follows its number. */
const QUANTITIES: Readonly<Partial<Record<string, (value: number) => string>>> = {
  B: bytes,
  ms: (value) => (value < SECOND ? `${rounded(value)} ms` : duration(value)),
}

/** Formats a measured value: `1.4 MB`, `310 ms`, `3.2 %`, `12`. */
export function quantity(value: number, unit: string): string {
  return QUANTITIES[unit]?.(value) ?? [rounded(value), unit].filter(Boolean).join(" ")
}

/** Formats the difference of two values: `+1.2 kB`, `−0.4 %`, `no change`. */
export function difference(value: number, base: number, unit: string): string {
  const change = value - base
  if (Math.abs(change) < 1e-9) return "no change"
  return `${change > 0 ? "+" : "−"}${quantity(Math.abs(change), unit)}`
}
