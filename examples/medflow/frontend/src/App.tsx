import { useCallback, useState } from "react"
import { api } from "./api/client"
import type { Patient } from "./api/types"
import { BookingForm } from "./components/BookingForm"
import { DaySchedule } from "./components/DaySchedule"
import { PatientSearch } from "./components/PatientSearch"
import { useLoaded } from "./hooks/useLoaded"

interface AppProps {
  readonly initialDate: string
}

export function App({ initialDate }: AppProps) {
  const [date, setDate] = useState(initialDate)
  const [patient, setPatient] = useState<Patient>()
  const [notice, setNotice] = useState("")
  const loadDay = useCallback(() => api.appointments(date), [date])
  const day = useLoaded(loadDay)
  const practitioners = useLoaded(api.practitioners)

  return (
    <>
      <header>
        <h1>MedFlow</h1>
      </header>
      <main>
        <DaySchedule
          date={date}
          day={day}
          onDate={(next) => {
            setDate(next)
            setNotice("")
          }}
        />
        <section aria-labelledby="booking-heading">
          <h2 id="booking-heading">New appointment</h2>
          <p role="status">{notice}</p>
          {practitioners.failed && <p role="alert">The practitioners couldn't be loaded.</p>}
          <PatientSearch chosen={patient} onChoose={setPatient} />
          <BookingForm
            date={date}
            patient={patient}
            practitioners={practitioners.data ?? []}
            onBooked={() => {
              setNotice("The appointment is booked.")
              day.reload()
            }}
          />
        </section>
      </main>
    </>
  )
}
