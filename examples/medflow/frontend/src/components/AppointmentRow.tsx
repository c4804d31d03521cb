import type { Appointment, Status } from "../api/types"

const ACTIONS: Record<Status, readonly { readonly to: Status; readonly label: string }[]> = {
  booked: [
    { to: "checked-in", label: "Check in" },
    { to: "cancelled", label: "Cancel" },
  ],
  "checked-in": [{ to: "completed", label: "Complete" }],
  completed: [],
  cancelled: [],
  "no-show": [],
}

interface AppointmentRowProps {
  readonly appointment: Appointment
  readonly onChange: (id: string, to: Status) => void
}

export function AppointmentRow({ appointment, onChange }: AppointmentRowProps) {
  const { id, localTime, patientName, practitionerName, reason, status } = appointment
  return (
    <li className={`appointment ${status}`}>
      <time dateTime={localTime}>{localTime}</time>
      <span className="who">
        {patientName} with {practitionerName}
      </span>
      <span>{reason}</span>
      <span className="status">{status.replace("-", " ")}</span>
      <span className="actions">
        {ACTIONS[status].map(({ to, label }) => (
          <button
            key={to}
            type="button"
            aria-label={`${label} ${patientName}, ${localTime}`}
            onClick={() => {
              onChange(id, to)
            }}
          >
            {label}
          </button>
        ))}
      </span>
    </li>
  )
}
