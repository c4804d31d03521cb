import { useId, type ReactNode } from "react"

interface FieldControl {
  readonly id: string
  readonly "aria-invalid": boolean
  readonly "aria-describedby": string | undefined
}

interface FieldProps {
  readonly label: string
  readonly error?: string | undefined
  readonly children: (control: FieldControl) => ReactNode
}

/** A label, its control, and the error that screen readers read out with the control. */
export function Field({ label, error, children }: FieldProps) {
  const id = useId()
  const errorId = `${id}-error`
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-invalid": error !== undefined,
        "aria-describedby": error === undefined ? undefined : errorId,
      })}
      {error !== undefined && (
        <p id={errorId} className="error">
          {error}
        </p>
      )}
    </div>
  )
}
