import { expect, test } from "@playwright/test"
import { dayAhead, fillBooking, findPatient, openDay, patient, practitioner } from "./clinic.js"

test("reception books an appointment, and it stands in the day's list", async ({
  page,
  request,
}) => {
  const [doctor, person] = [await practitioner(request), await patient(request)]
  await openDay(page, dayAhead(7))
  await findPatient(page, person)
  await page.getByRole("radio", { name: person.familyName }).check()
  await fillBooking(page, doctor, "09:00")
  await page.getByRole("button", { name: "Book appointment" }).click()

  await expect(page.getByText("The appointment is booked.")).toBeVisible()
  const entry = page.getByRole("listitem").filter({ hasText: person.familyName })
  await expect(entry).toContainText("09:00")
  await expect(entry).toContainText(doctor)
  await expect(entry).toContainText("booked")
})

test("a patient who arrives is checked in", async ({ page, request }) => {
  const [doctor, person] = [await practitioner(request), await patient(request)]
  await openDay(page, dayAhead(8))
  await findPatient(page, person)
  await page.getByRole("radio", { name: person.familyName }).check()
  await fillBooking(page, doctor, "09:30")
  await page.getByRole("button", { name: "Book appointment" }).click()

  const entry = page.getByRole("listitem").filter({ hasText: person.familyName })
  await entry.getByRole("button", { name: "Check in" }).click()
  await expect(entry).toContainText("checked in")
  await expect(entry.getByRole("button", { name: "Cancel" })).toBeHidden()
})

test("a time that a colleague took meanwhile is refused with the reason", async ({
  page,
  request,
}) => {
  const doctor = await practitioner(request)
  const [first, second] = [await patient(request), await patient(request)]
  const day = dayAhead(9)
  await openDay(page, day)
  await findPatient(page, second)
  await page.getByRole("radio", { name: second.familyName }).check()
  await fillBooking(page, doctor, "09:00")

  const { practitioners } = (await (await request.get("/api/practitioners")).json()) as {
    practitioners: { id: string; fullName: string }[]
  }
  const practitionerId = practitioners.find(({ fullName }) => fullName === doctor)?.id
  const form = page.getByRole("form", { name: "Book an appointment" })
  const startsAt = await form.getByLabel("Time").inputValue()
  const taken = await request.post("/api/appointments", {
    data: { practitionerId, patientId: first.id, startsAt, minutes: 30, reason: "Check-up" },
  })
  expect(taken.status()).toBe(201)

  await page.getByRole("button", { name: "Book appointment" }).click()
  await expect(page.getByRole("alert")).toHaveText("This time has just been taken. Choose another.")
  await expect(page.getByText("The appointment is booked.")).toBeHidden()
})
