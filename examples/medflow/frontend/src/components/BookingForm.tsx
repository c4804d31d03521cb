import { useCallback, useState, type SubmitEvent } from "react"
import { api, ApiError } from "../api/client"
import type { Patient, Practitioner } from "../api/types"
import { useLoaded } from "../hooks/useLoaded"
import { draftErrors, LENGTHS, refusalText, type BookingDraft } from "../lib/booking"
import { Field } from "./Field"

interface BookingFormProps {
  readonly date: string
  readonly patient: Patient | undefined
  readonly practitioners: readonly Practitioner[]
  readonly onBooked: () => void
}

export function BookingForm({ date, patient, practitioners, onBooked }: BookingFormProps) {
  const [practitionerId, setPractitionerId] = useState("")
  const [minutes, setMinutes] = useState<number>(30)
  const [startsAt, setStartsAt] = useState("")
  const [reason, setReason] = useState("")
  const [submitted, setSubmitted] = useState(false)
  const [sending, setSending] = useState(false)
  const [refusal, setRefusal] = useState("")

  const loadSlots = useCallback(
    () => (practitionerId ? api.slots(practitionerId, date, minutes) : Promise.resolve([])),
    [practitionerId, date, minutes],
  )
  const slots = useLoaded(loadSlots)
  const offered = slots.data ?? []
  // A time chosen earlier may not be offered any more, on another day or for another length.
  const chosen = offered.some((slot) => slot.startsAt === startsAt) ? startsAt : ""
  const draft: BookingDraft = {
    patientId: patient?.id ?? "",
    practitionerId,
    startsAt: chosen,
    minutes,
    reason: reason.trim(),
  }
  const errors = submitted ? draftErrors(draft) : {}

  async function book(event: SubmitEvent) {
    event.preventDefault()
    setSubmitted(true)
    setRefusal("")
    if (Object.keys(draftErrors(draft)).length > 0) return
    setSending(true)
    try {
      await api.book(draft)
      setStartsAt("")
      setReason("")
      setSubmitted(false)
      onBooked()
    } catch (error) {
      setRefusal(refusalText(error instanceof ApiError ? error.codes : []))
    }
    setSending(false)
    slots.reload()
  }

  return (
    <form aria-label="Book an appointment" noValidate onSubmit={(event) => void book(event)}>
      <p className={errors.patientId ? "error" : ""}>
        {patient ? `For ${patient.givenName} ${patient.familyName}` : errors.patientId}
      </p>
      <Field label="Practitioner" error={errors.practitionerId}>
        {(control) => (
          <select
            {...control}
            value={practitionerId}
            onChange={(event) => {
              setPractitionerId(event.target.value)
            }}
          >
            <option value="">Choose…</option>
            {practitioners.map(({ id, fullName, specialty }) => (
              <option key={id} value={id}>
                {fullName} ({specialty})
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Length">
        {(control) => (
          <select
            {...control}
            value={minutes}
            onChange={(event) => {
              setMinutes(Number(event.target.value))
            }}
          >
            {LENGTHS.map((length) => (
              <option key={length} value={length}>
                {length} minutes
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Time" error={errors.startsAt}>
        {(control) => (
          <select
            {...control}
            value={chosen}
            onChange={(event) => {
              setStartsAt(event.target.value)
            }}
          >
            <option value="">{slotHint(practitionerId, slots.data?.length)}</option>
            {offered.map((slot) => (
              <option key={slot.startsAt} value={slot.startsAt}>
                {slot.localTime}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Reason" error={errors.reason}>
        {(control) => (
          <input
            {...control}
            autoComplete="off"
            value={reason}
            onChange={(event) => {
              setReason(event.target.value)
            }}
          />
        )}
      </Field>
      {refusal !== "" && <p role="alert">{refusal}</p>}
      <button type="submit" disabled={sending}>
        {sending ? "Booking…" : "Book appointment"}
      </button>
    </form>
  )
}

function slotHint(practitionerId: string, free: number | undefined): string {
  if (practitionerId === "") return "Choose a practitioner first"
  return free === 0 ? "No free time on this day" : "Choose…"
}
