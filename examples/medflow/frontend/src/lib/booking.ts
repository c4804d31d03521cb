export interface BookingDraft {
  readonly patientId: string
  readonly practitionerId: string
  readonly startsAt: string
  readonly minutes: number
  readonly reason: string
}

export type DraftErrors = Partial<Record<keyof BookingDraft, string>>

export const LENGTHS = [15, 30, 45, 60] as const
const LONGEST_REASON = 200

export function draftErrors(draft: BookingDraft): DraftErrors {
  const reason = draft.reason.trim()
  return {
    ...(draft.patientId === "" && { patientId: "Find and choose a patient." }),
    ...(draft.practitionerId === "" && { practitionerId: "Choose a practitioner." }),
    ...(draft.startsAt === "" && { startsAt: "Choose a time." }),
    ...(reason === "" && { reason: "Say what the appointment is for." }),
    ...(reason.length > LONGEST_REASON && {
      reason: `Use at most ${LONGEST_REASON} characters.`,
    }),
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  "practitioner-busy": "This time has just been taken. Choose another.",
  "patient-busy": "The patient has another appointment at this time.",
  "in-the-past": "This time has passed.",
  "too-far-ahead": "Appointments can be booked up to 180 days ahead.",
  "outside-opening-hours": "The practitioner doesn't work at this time.",
  "status-not-reachable": "The appointment has changed meanwhile. Reload the day.",
}

/** What a person at the desk can do about a refusal. */
export function refusalText(codes: readonly string[]): string {
  const known = codes.flatMap((code) => REFUSALS[code] ?? [])
  return known.length > 0 ? known.join(" ") : "This didn't work. Try again."
}
