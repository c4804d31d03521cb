import type { BookingDraft } from "../lib/booking"
import type { Appointment, Patient, Practitioner, Slot, Status } from "./types"

/** A refusal by the backend; the codes say why. Without codes the backend couldn't be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly codes: readonly string[],
  ) {
    super(`the backend answered ${status}`)
    this.name = "ApiError"
  }
}

export const api = {
  practitioners: () =>
    call<{ practitioners: Practitioner[] }>("GET", "/api/practitioners").then(
      (answer) => answer.practitioners,
    ),
  appointments: (date: string) =>
    call<{ appointments: Appointment[] }>("GET", `/api/appointments?date=${date}`).then(
      (answer) => answer.appointments,
    ),
  slots: (practitionerId: string, date: string, minutes: number) =>
    call<{ slots: Slot[] }>(
      "GET",
      `/api/practitioners/${practitionerId}/slots?date=${date}&minutes=${minutes}`,
    ).then((answer) => answer.slots),
  /** Name and birth date travel in the body: addresses end up in logs and histories. */
  searchPatients: (familyName: string, birthDate: string) =>
    call<{ patients: Patient[] }>("POST", "/api/patients/search", { familyName, birthDate }).then(
      (answer) => answer.patients,
    ),
  book: (draft: BookingDraft) => call<Appointment>("POST", "/api/appointments", draft),
  setStatus: (id: string, status: Status) =>
    call<undefined>("PUT", `/api/appointments/${id}/status`, { status }),
}

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(path, {
    method,
    cache: "no-store",
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  })
  const answer: unknown = response.status === 204 ? undefined : await bodyOf(response)
  if (!response.ok) throw new ApiError(response.status, codesIn(answer))
  // Backend and page are released together: its answers are trusted to have the shape of types.ts.
  return answer as Answer
}

/** A gateway's error page isn't JSON. */
function bodyOf(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined)
}

function codesIn(answer: unknown): string[] {
  if (typeof answer !== "object" || answer === null || !("codes" in answer)) return []
  const { codes } = answer
  return Array.isArray(codes) ? codes.filter((code) => typeof code === "string") : []
}
