import { cleanup, render, screen, waitFor } from "@testing-library/react"
import userEvent, { type UserEvent } from "@testing-library/user-event"
import { afterEach, describe, expect, it, vi } from "vitest"
import { App } from "../src/App"
import { fakeBackend, PATIENT, SLOT } from "./fakeBackend"

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function show(): UserEvent {
  render(<App initialDate="2026-03-02" />)
  return userEvent.setup()
}

async function findPatient(user: UserEvent) {
  await user.type(screen.getByLabelText("Family name"), "Musterfrau")
  await user.type(screen.getByLabelText("Date of birth"), "1980-05-17")
  await user.click(screen.getByRole("button", { name: "Find patient" }))
}

async function fillIn(user: UserEvent) {
  await findPatient(user)
  await user.click(await screen.findByRole("radio", { name: /Testa Musterfrau, MF-0000001-8/ }))
  await screen.findByRole("option", { name: "Dr Beispiel (Cardiology)" })
  await user.selectOptions(screen.getByLabelText("Practitioner"), "p1")
  await screen.findByRole("option", { name: "10:00" })
  await user.selectOptions(screen.getByLabelText("Time"), SLOT.startsAt)
  await user.type(screen.getByLabelText("Reason"), "check-up")
}

const submit = (user: UserEvent) =>
  user.click(screen.getByRole("button", { name: "Book appointment" }))

describe("finding a patient", () => {
  it("sends name and birth date in the body and never in the address", async () => {
    const requests = fakeBackend()
    await findPatient(show())
    await screen.findByRole("radio")
    expect(requests.at(-1)).toEqual({
      method: "POST",
      url: "/api/patients/search",
      body: { familyName: "Musterfrau", birthDate: "1980-05-17" },
    })
    expect(requests.map(({ url }) => url).join()).not.toMatch(/Musterfrau|1980/)
  })

  it("asks for both name and birth date", async () => {
    const requests = fakeBackend()
    await show().click(screen.getByRole("button", { name: "Find patient" }))
    expect(screen.getByText("Enter the family name and the date of birth.")).toBeVisible()
    expect(requests.some(({ url }) => url.includes("search"))).toBe(false)
  })

  it("says when nobody is found", async () => {
    fakeBackend({ "POST /api/patients/search": [200, { patients: [] }] })
    await findPatient(show())
    expect(await screen.findByText("No patient has this name and date of birth.")).toBeVisible()
  })

  it("warns of minors", async () => {
    fakeBackend({ "POST /api/patients/search": [200, { patients: [{ ...PATIENT, minor: true }] }] })
    await findPatient(show())
    expect(await screen.findByRole("radio", { name: /guardian must agree/ })).toBeVisible()
  })
})

describe("booking", () => {
  it("sends the booking, says so and reloads the day", async () => {
    const requests = fakeBackend()
    const user = show()
    await fillIn(user)
    await submit(user)
    expect(await screen.findByText("The appointment is booked.")).toBeVisible()
    expect(
      requests.find(({ url, method }) => method === "POST" && !url.includes("search"))?.body,
    ).toEqual({
      patientId: "t1",
      practitionerId: "p1",
      startsAt: SLOT.startsAt,
      minutes: 30,
      reason: "check-up",
    })
    const days = () => requests.filter(({ url }) => url.startsWith("/api/appointments?date"))
    await waitFor(() => {
      expect(days()).toHaveLength(2)
    })
    expect(screen.getByLabelText("Reason")).toHaveValue("")
  })

  it("marks what is missing and sends nothing", async () => {
    const requests = fakeBackend()
    const user = show()
    await submit(user)
    expect(screen.getByText("Find and choose a patient.")).toBeVisible()
    expect(screen.getByLabelText("Practitioner")).toBeInvalid()
    expect(screen.getByLabelText("Reason")).toHaveAccessibleDescription(
      "Say what the appointment is for.",
    )
    expect(requests.every(({ method }) => method === "GET")).toBe(true)
  })

  it("explains a conflict, keeps the input and asks for the free times again", async () => {
    const conflict = { error: "conflict", codes: ["practitioner-busy"] }
    const requests = fakeBackend({ "POST /api/appointments": [409, conflict] })
    const user = show()
    await fillIn(user)
    await submit(user)
    expect(await screen.findByRole("alert")).toHaveTextContent("This time has just been taken.")
    expect(screen.getByLabelText("Reason")).toHaveValue("check-up")
    await waitFor(() => {
      expect(requests.filter(({ url }) => url.includes("/slots"))).toHaveLength(2)
    })
  })

  it("survives a gateway's error page", async () => {
    fakeBackend({ "POST /api/appointments": [502, "<html>Bad gateway</html>"] })
    const user = show()
    await fillIn(user)
    await submit(user)
    expect(await screen.findByRole("alert")).toHaveTextContent("This didn't work. Try again.")
    expect(screen.getByRole("button", { name: "Book appointment" })).toBeEnabled()
  })

  it("asks for other times when the length changes, and drops a time that isn't among them", async () => {
    const requests = fakeBackend()
    const user = show()
    await fillIn(user)
    fakeBackend({ "GET /api/practitioners/p1/slots": [200, { slots: [] }] })
    await user.selectOptions(screen.getByLabelText("Length"), "60")
    expect(await screen.findByRole("option", { name: "No free time on this day" })).toBeVisible()
    expect(screen.getByLabelText("Time")).toHaveValue("")
    expect(requests.filter(({ url }) => url.includes("minutes=30"))).toHaveLength(1)
  })

  it("keeps nothing in the browser", async () => {
    fakeBackend()
    const user = show()
    await fillIn(user)
    await submit(user)
    await screen.findByText("The appointment is booked.")
    expect([localStorage.length, sessionStorage.length, document.cookie]).toEqual([0, 0, ""])
    expect(location.href).not.toMatch(/Musterfrau|t1/)
  })
})
