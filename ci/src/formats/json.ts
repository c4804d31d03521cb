/** Readers of foreign JSON: a value of another shape reads as empty. */

/** Parses JSON; null for anything else. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "")
  } catch {
    return null
  }
}

/** A text in quotes, or a comment. */
const TEXT_OR_COMMENT = /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
/** A text in quotes, or a comma that nothing follows. */
const TEXT_OR_LAST_COMMA = /("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g

/** Parses JSON with comments and trailing commas, as tsconfig.json is written; null for anything else. */
export const parseJsonc = (text: string): unknown =>
  parseJson(
    text
      .replace(/^\uFEFF/, "")
      .replace(TEXT_OR_COMMENT, "$1")
      .replace(TEXT_OR_LAST_COMMA, "$1"),
  )

/** An object of JSON, whose values are still unknown. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** Returns whether a value is an object: neither null nor a list. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Returns the value if it is an object, and an empty object otherwise. */
export const recordOf = (value: unknown): JsonRecord => (isRecord(value) ? value : {})

/** Returns the objects of a list, without its other entries; none where the value is no list. */
export const recordsOf = (value: unknown): readonly JsonRecord[] =>
  Array.isArray(value) ? value.filter(isRecord) : []

/** Returns the texts of a list, without its other entries; none where the value is no list. */
export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : []
