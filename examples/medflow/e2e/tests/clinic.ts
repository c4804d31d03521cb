import { randomInt } from "node:crypto"
import { expect, type APIRequestContext, type Page } from "@playwright/test"

export interface Patient {
  readonly id: string
  readonly givenName: string
  readonly familyName: string
  readonly birthDate: string
}

/** Tests share one database: names of their own keep them apart. */
const unique = (): string =>
  String.fromCharCode(...Array.from({ length: 8 }, () => randomInt(97, 123)))

/** A practitioner who works from nine to ten on every day of the week. */
export async function practitioner(request: APIRequestContext): Promise<string> {
  const fullName = `Dr. Test ${unique()}`
  const hours = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opens: 540, closes: 600 }))
  await created(request, "/api/practitioners", { fullName, specialty: "Cardiology", hours })
  return fullName
}

export async function patient(request: APIRequestContext): Promise<Patient> {
  const person = {
    givenName: "Testa",
    familyName: `Probe${unique()}`,
    birthDate: "1980-02-29",
  }
  const { id } = await created(request, "/api/patients", person)
  return { id, ...person }
}

async function created(
  request: APIRequestContext,
  path: string,
  data: object,
): Promise<{ id: string }> {
  const response = await request.post(path, { data })
  expect(response.status()).toBe(201)
  return (await response.json()) as { id: string }
}

/** A day that is neither past nor too far ahead, as the page's date fields take it. */
export function dayAhead(days: number): string {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
}

export async function openDay(page: Page, date: string): Promise<void> {
  await page.goto("/")
  await page.getByLabel("Day", { exact: true }).fill(date)
}

export async function findPatient(page: Page, { familyName, birthDate }: Patient): Promise<void> {
  const form = page.getByRole("form", { name: "Find a patient" })
  await form.getByLabel("Family name").fill(familyName)
  await form.getByLabel("Date of birth").fill(birthDate)
  await form.getByRole("button", { name: "Find patient" }).click()
}

/** Fills in the form for the first free time, with the patient chosen already. */
export async function fillBooking(page: Page, doctor: string, time: string): Promise<void> {
  const form = page.getByRole("form", { name: "Book an appointment" })
  await form.getByLabel("Practitioner").selectOption({ label: `${doctor} (Cardiology)` })
  await form.getByLabel("Time").selectOption({ label: time })
  await form.getByLabel("Reason").fill("Check-up")
}
