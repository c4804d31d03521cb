import { createHash } from "node:crypto"

/** Any value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Emits a value as canonical JSON in pieces, so that a large one is not in memory twice. */
function write(value: unknown, emit: (piece: string) => void): void {
  if (typeof value !== "object" || value === null) {
    emit(JSON.stringify(value))
    return
  }
  const list = Array.isArray(value)
  const fields = Object.entries(value).filter(([, field]) => list || field !== undefined)
  emit(list ? "[" : "{")
  for (const [index, [key, field]] of (list ? fields : fields.sort(byKey)).entries()) {
    const name = list ? "" : `${JSON.stringify(key)}:`
    emit(index === 0 ? name : `,${name}`)
    write(field, emit)
  }
  emit(list ? "]" : "}")
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

/**
 * Writes a value as canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no blanks, numbers and strings as
 * ECMAScript writes them. The same value always has the same hash.
 *
 * @param value any value of JSON; undefined fields are omitted.
 */
export function canonicalJson(value: unknown): string {
  const pieces: string[] = []
  write(value, (piece) => pieces.push(piece))
  return pieces.join("")
}

/** Returns the SHA-256 of {@link canonicalJson}, as 64 hexadecimal digits. */
export function canonicalDigest(value: unknown): string {
  const hash = createHash("sha256")
  write(value, (piece) => hash.update(piece, "utf8"))
  return hash.digest("hex")
}

/** Returns the SHA-256 of a text in UTF-8, as 64 hexadecimal digits. */
export const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex")
