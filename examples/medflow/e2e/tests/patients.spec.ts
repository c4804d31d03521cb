import { expect, test } from "@playwright/test"
import { findPatient, patient } from "./clinic.js"

test("reception finds a patient by name and date of birth", async ({ page, request }) => {
  const person = await patient(request)
  await page.goto("/")
  await findPatient(page, person)
  await expect(page.getByRole("radio")).toHaveCount(1)
  await expect(page.getByText(`${person.givenName} ${person.familyName}`)).toBeVisible()
})

test("nobody is shown for another date of birth, and the address names no one", async ({
  page,
  request,
}) => {
  const person = await patient(request)
  await page.goto("/")
  await findPatient(page, { ...person, birthDate: "1980-03-01" })
  await expect(page.getByText("No patient has this name and date of birth.")).toBeVisible()
  await expect(page.getByRole("radio")).toHaveCount(0)
  expect(page.url()).not.toContain(person.familyName)
})
