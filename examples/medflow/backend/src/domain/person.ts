import type { LocalDate } from "./time.js"

/** One spelling for one name, however it was typed, so that a search finds it. */
export function tidyName(name: string): string {
  return name.normalize("NFC").trim().replace(/\s+/g, " ")
}

const E164 = /^\+[1-9]\d{6,14}$/

/** The number in E.164 form, or undefined when it isn't an international number. */
export function tidyPhone(phone: string): string | undefined {
  const compact = phone.replace(/[\s()./-]/g, "").replace(/^00/, "+")
  return E164.test(compact) ? compact : undefined
}

/** Completed years of life; people born on 29 February turn a year older on 1 March. */
export function ageOn(date: LocalDate, birthDate: LocalDate): number {
  const years = Number(date.slice(0, 4)) - Number(birthDate.slice(0, 4))
  return date.slice(5) < birthDate.slice(5) ? years - 1 : years
}

export function isMinor(date: LocalDate, birthDate: LocalDate): boolean {
  return ageOn(date, birthDate) < 18
}
