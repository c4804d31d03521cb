import { parse } from "smol-toml"
import { type JsonRecord, recordOf } from "./json.js"

/** Returns a TOML document as data; null where it is not valid TOML. */
export function parseToml(text: string): JsonRecord | null {
  try {
    return recordOf(parse(text.replace(/^\uFEFF/, "")))
  } catch {
    return null
  }
}
