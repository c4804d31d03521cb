import { vi } from "vitest"

interface Request {
  readonly method: string
  readonly url: string
  readonly body: unknown
}

type Answer = readonly [status: number, body?: unknown]

const PRACTITIONER = { id: "p1", fullName: "Dr Beispiel", specialty: "Cardiology" }

export const PATIENT = {
  id: "t1",
  recordNumber: "MF-0000001-8",
  givenName: "Testa",
  familyName: "Musterfrau",
  minor: false,
}

export const APPOINTMENT = {
  id: "a1",
  localTime: "10:00",
  patientName: "Testa Musterfrau",
  practitionerName: "Dr Beispiel",
  reason: "check-up",
  status: "booked",
}

export const SLOT = { startsAt: "2026-03-02T09:00:00.000Z", localTime: "10:00" }

const ANSWERS: Readonly<Record<string, Answer>> = {
  "GET /api/practitioners": [200, { practitioners: [PRACTITIONER] }],
  "GET /api/appointments": [200, { appointments: [APPOINTMENT] }],
  "GET /api/practitioners/p1/slots": [200, { slots: [SLOT] }],
  "POST /api/patients/search": [200, { patients: [PATIENT] }],
  "POST /api/appointments": [201, APPOINTMENT],
  "PUT /api/appointments/a1/status": [204],
}

/** Answers each request by its method and path, with what a test changes; returns what was asked. */
export function fakeBackend(changes: Readonly<Record<string, Answer>> = {}): Request[] {
  const requests: Request[] = []
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const method = init.method ?? "GET"
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined
    requests.push({ method, url, body })
    const key = `${method} ${url.split("?")[0] ?? ""}`
    const [status, answer] = changes[key] ?? ANSWERS[key] ?? [404, { error: "not-found" }]
    return Promise.resolve(
      new Response(answer === undefined ? null : JSON.stringify(answer), { status }),
    )
  })
  return requests
}
