/** Reads JSON that people write. Errors name the wrong key. */
import { isFields } from "./fields.ts"

/** @throws Error whose message begins with `at`, the path of the key. */
export type Check<T> = (value: unknown, at: string) => T

const wrong = (at: string, expects: string, value: unknown): Error =>
  new Error(`${at} must be ${expects}, not ${JSON.stringify(value)}`)

export const aText: Check<string> = (value, at) => {
  if (typeof value === "string") return value
  throw wrong(at, "a string", value)
}

export const aNumber: Check<number> = (value, at) => {
  if (typeof value === "number" && value >= 0) return value
  throw wrong(at, "a number of at least 0", value)
}

export const aFlag: Check<boolean> = (value, at) => {
  if (typeof value === "boolean") return value
  throw wrong(at, "true or false", value)
}

export const fields: Check<{ readonly [key: string]: unknown }> = (value, at) => {
  if (isFields(value)) return value
  throw wrong(at, "an object", value)
}

/** Accepts one of the given texts. */
export const oneOf =
  <const T extends string>(choices: readonly T[]): Check<T> =>
  (value, at) => {
    const chosen = choices.find((choice) => choice === value)
    if (chosen !== undefined) return chosen
    throw wrong(at, `one of ${choices.join(", ")}`, value)
  }

/** Accepts null, and what the other check accepts. */
export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, at) =>
    value === null ? null : check(value, at)

/** Accepts a list. An error names the index of the entry. */
export const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value, at) => {
    if (!Array.isArray(value)) throw wrong(at, "a list", value)
    return value.map((entry, index) => check(entry, `${at}[${index}]`))
  }

/** Accepts an object whose keys are free. */
export const recordOf =
  <T>(check: Check<T>): Check<Readonly<Record<string, T>>> =>
  (value, at) =>
    Object.fromEntries(
      Object.entries(fields(value, at)).map(([key, entry]) => [key, check(entry, `${at}.${key}`)]),
    )

/** A check for each key of an object. */
export type Checks<T> = { readonly [K in keyof T]-?: Check<T[K]> }

const isKeyOf = <T extends object>(key: string, checks: T): key is Extract<keyof T, string> => key in checks

/** Checks an object. Missing members come from `defaults`. */
export const shape =
  <T extends object>(defaults: T, checks: Checks<T>): Check<T> =>
  (value, at) => {
    const read = Object.entries(fields(value, at)).map(([key, member]) => {
      const path = at === "" ? key : `${at}.${key}`
      if (!isKeyOf(key, checks))
        throw new Error(`unknown key ${path}; known keys: ${Object.keys(checks).join(", ")}`)
      return [key, checks[key](member, path)] as const
    })
    return Object.assign({}, defaults, Object.fromEntries(read))
  }
