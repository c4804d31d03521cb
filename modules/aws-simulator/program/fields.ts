/** Reads members of a request: from JSON, or from form fields, whose values are all text. */
import { AwsError } from "./error.ts"

/** Members of a request or an answer, whose values are still unknown. */
export type Fields = { readonly [key: string]: unknown }

/** Returns whether a value has members: no list, no date, not null. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)

/** Removes fields. */
export const without = (fields: Fields, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

/** @throws AwsError if the member is missing. */
export function text(fields: Fields, key: string): string {
  const value = fields[key]
  if (typeof value === "string" && value !== "") return value
  throw new AwsError("InvalidParameterException", `${key} can not be blank.`)
}

/** Returns a text; `otherwise` where it is missing, empty or no text. */
export function textOr<T>(fields: Fields, key: string, otherwise: T): string | T {
  const value = fields[key]
  return typeof value === "string" && value !== "" ? value : otherwise
}

/** Returns a number, or a text that is one: the query protocol sends all values as texts. */
export function numberOr<T>(fields: Fields, key: string, otherwise: T): number | T {
  const value = fields[key]
  if (typeof value === "number") return value
  return typeof value === "string" && value !== "" && !Number.isNaN(Number(value)) ? Number(value) : otherwise
}

/** Returns a truth value; false where it is missing. The query protocol sends it as text. */
export const flag = (fields: Fields, key: string): boolean => fields[key] === true || fields[key] === "true"

/** Returns the texts of a list; none where it is missing. */
export function texts(fields: Fields, key: string): readonly string[] {
  const value = fields[key]
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : []
}

/** Returns the members of a structure; none where it is missing. */
export function fieldsOf(fields: Fields, key: string): Fields {
  const value = fields[key]
  return isFields(value) ? value : {}
}

/** Returns the structures of a list; none where it is missing. */
export function records(fields: Fields, key: string): readonly Fields[] {
  const value = fields[key]
  return Array.isArray(value) ? value.filter(isFields) : []
}
