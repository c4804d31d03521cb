import { cleanup, render, screen, within } from "@testing-library/react"
import userEvent from "@testing-library/user-event"
import { afterEach, describe, expect, it, vi } from "vitest"
import { App } from "../src/App"
import { APPOINTMENT, fakeBackend } from "./fakeBackend"

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function show() {
  render(<App initialDate="2026-03-02" />)
  return userEvent.setup()
}

describe("the day's list", () => {
  it("shows each appointment with time, patient, practitioner and status", async () => {
    fakeBackend()
    show()
    const row = await screen.findByRole("listitem")
    expect(screen.getByRole("heading", { name: "Monday 2 March 2026" })).toBeVisible()
    expect(row).toHaveTextContent("10:00Testa Musterfrau with Dr Beispielcheck-upbooked")
  })

  it("says when a day is empty", async () => {
    fakeBackend({ "GET /api/appointments": [200, { appointments: [] }] })
    show()
    expect(await screen.findByText("No appointments on this day.")).toBeVisible()
  })

  it("moves from day to day", async () => {
    const requests = fakeBackend()
    const user = show()
    await screen.findByRole("listitem")
    await user.click(screen.getByRole("button", { name: "Next day" }))
    expect(screen.getByLabelText("Day")).toHaveValue("2026-03-03")
    await screen.findByRole("listitem")
    expect(requests.at(-1)?.url).toBe("/api/appointments?date=2026-03-03")
  })

  it("offers another try when it couldn't be loaded", async () => {
    fakeBackend({ "GET /api/appointments": [502] })
    const user = show()
    const alert = await screen.findByRole("alert")
    expect(alert).toHaveTextContent("couldn't be loaded")
    fakeBackend()
    await user.click(within(alert).getByRole("button", { name: "Try again" }))
    expect(await screen.findByRole("listitem")).toBeVisible()
  })

  it("checks a patient in and shows the change", async () => {
    const requests = fakeBackend()
    const user = show()
    const button = await screen.findByRole("button", { name: "Check in Testa Musterfrau, 10:00" })
    const changed = fakeBackend({
      "GET /api/appointments": [200, { appointments: [{ ...APPOINTMENT, status: "checked-in" }] }],
    })
    await user.click(button)
    expect(await screen.findByText("checked in")).toBeVisible()
    expect(changed[0]).toMatchObject({ method: "PUT", body: { status: "checked-in" } })
    expect(requests.every(({ method }) => method === "GET")).toBe(true)
  })

  it("says when somebody else was faster", async () => {
    fakeBackend({
      "PUT /api/appointments/a1/status": [
        409,
        { error: "conflict", codes: ["status-not-reachable"] },
      ],
    })
    const user = show()
    await user.click(await screen.findByRole("button", { name: /^Cancel/ }))
    expect(await screen.findByRole("alert")).toHaveTextContent("has changed meanwhile")
  })

  it("has no buttons for what is over", async () => {
    fakeBackend({
      "GET /api/appointments": [200, { appointments: [{ ...APPOINTMENT, status: "cancelled" }] }],
    })
    show()
    const row = await screen.findByRole("listitem")
    expect(within(row).queryByRole("button")).toBeNull()
  })
})
