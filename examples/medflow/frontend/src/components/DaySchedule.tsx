import { useState } from "react"
import { api, ApiError } from "../api/client"
import type { Appointment, Status } from "../api/types"
import type { Loaded } from "../hooks/useLoaded"
import { refusalText } from "../lib/booking"
import { longDate, shiftDay } from "../lib/dates"
import { AppointmentRow } from "./AppointmentRow"
import { Field } from "./Field"

interface DayScheduleProps {
  readonly date: string
  readonly onDate: (date: string) => void
  readonly day: Loaded<readonly Appointment[]>
}

export function DaySchedule({ date, onDate, day }: DayScheduleProps) {
  const [refusal, setRefusal] = useState("")

  async function change(id: string, to: Status) {
    setRefusal("")
    try {
      await api.setStatus(id, to)
    } catch (error) {
      setRefusal(refusalText(error instanceof ApiError ? error.codes : []))
    }
    day.reload()
  }

  const step = (days: number) => () => {
    onDate(shiftDay(date, days))
  }
  return (
    <section aria-labelledby="day-heading">
      <h2 id="day-heading">{longDate(date)}</h2>
      <div className="day-picker">
        <button type="button" onClick={step(-1)}>
          Previous day
        </button>
        <Field label="Day">
          {(control) => (
            <input
              {...control}
              type="date"
              value={date}
              onChange={(event) => {
                if (event.target.value !== "") onDate(event.target.value)
              }}
            />
          )}
        </Field>
        <button type="button" onClick={step(1)}>
          Next day
        </button>
      </div>
      {refusal !== "" && <p role="alert">{refusal}</p>}
      <DayList day={day} onChange={(id, to) => void change(id, to)} />
    </section>
  )
}

interface DayListProps {
  readonly day: Loaded<readonly Appointment[]>
  readonly onChange: (id: string, to: Status) => void
}

function DayList({ day, onChange }: DayListProps) {
  if (day.failed) {
    return (
      <p role="alert">
        The appointments couldn't be loaded.{" "}
        <button type="button" onClick={day.reload}>
          Try again
        </button>
      </p>
    )
  }
  if (!day.data) return <p role="status">Loading…</p>
  if (day.data.length === 0) return <p>No appointments on this day.</p>
  return (
    <ul className="day-list">
      {day.data.map((appointment) => (
        <AppointmentRow key={appointment.id} appointment={appointment} onChange={onChange} />
      ))}
    </ul>
  )
}
