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

export type JsonRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

export const recordOf = (value: unknown): JsonRecord => (isRecord(value) ? value : {})

export const recordsOf = (value: unknown): readonly JsonRecord[] =>
  Array.isArray(value) ? value.filter(isRecord) : []

export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : []
