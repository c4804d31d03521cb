/** Checks that a call has the parameters that AWS requires. */
import { type Fields, isFields } from "./fields.ts"
import { REQUIRED } from "./required-members.ts"

const isThere = (value: unknown): boolean => value !== undefined && value !== null && value !== ""

/** Returns the path of the first missing member below a value; null: it has all. */
function missingBelow(value: unknown, path: readonly string[], at: string): string | null {
  const [head = "", ...rest] = path
  if (!isFields(value)) return null
  const name = head.replace(/\[\]$/, "")
  const inner = value[name]
  const here = at === "" ? name : `${at}.${name}`
  if (rest.length === 0) return isThere(inner) ? null : here
  if (!head.endsWith("[]")) return missingBelow(inner, rest, here)
  const entries = Array.isArray(inner) ? inner : []
  return (
    entries
      .map((entry, index) => missingBelow(entry, rest, `${here}.${index + 1}.member`))
      .find((missing) => missing !== null) ?? null
  )
}

/** Returns the first missing parameter of a call; null: none is missing. */
export function missingMember(service: string, operation: string, input: Fields): string | null {
  const paths = REQUIRED[`${service}:${operation}`] ?? []
  return (
    paths.map((path) => missingBelow(input, path.split("."), "")).find((missing) => missing !== null) ?? null
  )
}
