import { useCallback, useEffect, useState } from "react"

export interface Loaded<T> {
  readonly data: T | undefined
  readonly failed: boolean
  readonly reload: () => void
}

interface Outcome<T> {
  readonly load: () => Promise<T>
  readonly data?: T
  readonly failed: boolean
}

/**
 * What `load` gives, again whenever `load` changes (wrap it in useCallback). An answer that arrives
 * after a newer question was asked is dropped.
 */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [outcome, setOutcome] = useState<Outcome<T>>()
  const [attempt, setAttempt] = useState(0)

  useEffect(() => {
    let current = true
    load().then(
      (data) => {
        if (current) setOutcome({ load, data, failed: false })
      },
      () => {
        if (current) setOutcome({ load, failed: true })
      },
    )
    return () => {
      current = false
    }
  }, [load, attempt])

  const reload = useCallback(() => {
    setAttempt((before) => before + 1)
  }, [])
  const known = outcome?.load === load ? outcome : undefined
  return { data: known?.data, failed: known?.failed ?? false, reload }
}
