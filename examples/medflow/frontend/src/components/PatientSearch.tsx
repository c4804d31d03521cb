import { useState, type SubmitEvent } from "react"
import { api } from "../api/client"
import type { Patient } from "../api/types"
import { Field } from "./Field"

interface PatientSearchProps {
  readonly chosen: Patient | undefined
  readonly onChoose: (patient: Patient | undefined) => void
}

export function PatientSearch({ chosen, onChoose }: PatientSearchProps) {
  const [familyName, setFamilyName] = useState("")
  const [birthDate, setBirthDate] = useState("")
  const [found, setFound] = useState<readonly Patient[]>()
  const [message, setMessage] = useState("")

  async function search(event: SubmitEvent) {
    event.preventDefault()
    onChoose(undefined)
    setFound(undefined)
    if (familyName.trim() === "" || birthDate === "") {
      setMessage("Enter the family name and the date of birth.")
      return
    }
    try {
      const patients = await api.searchPatients(familyName, birthDate)
      setFound(patients)
      setMessage(patients.length === 0 ? "No patient has this name and date of birth." : "")
    } catch {
      setMessage("The search didn't work. Try again.")
    }
  }

  return (
    <form aria-label="Find a patient" noValidate onSubmit={(event) => void search(event)}>
      <Field label="Family name">
        {(control) => (
          <input
            {...control}
            autoComplete="off"
            value={familyName}
            onChange={(event) => {
              setFamilyName(event.target.value)
            }}
          />
        )}
      </Field>
      <Field label="Date of birth">
        {(control) => (
          <input
            {...control}
            type="date"
            autoComplete="off"
            value={birthDate}
            onChange={(event) => {
              setBirthDate(event.target.value)
            }}
          />
        )}
      </Field>
      <button type="submit">Find patient</button>
      <p role="status">{message}</p>
      {found && found.length > 0 && (
        <fieldset>
          <legend>Patient</legend>
          {found.map((patient) => (
            <label key={patient.id} className="choice">
              <input
                type="radio"
                name="patient"
                checked={chosen?.id === patient.id}
                onChange={() => {
                  onChoose(patient)
                }}
              />
              {patient.givenName} {patient.familyName}, {patient.recordNumber}
              {patient.minor && " (minor: a guardian must agree)"}
            </label>
          ))}
        </fieldset>
      )}
    </form>
  )
}
