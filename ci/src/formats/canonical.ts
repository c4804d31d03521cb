import { createHash } from "node:crypto"

/** What JSON holds. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Hands a value over in pieces, as canonical JSON: what is large need not lie in memory twice. */
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
 * The one way to write a value as JSON (RFC 8785): keys in the order of their UTF-16 code units, no blanks, numbers
 * and strings as ECMAScript writes them. So the same value has the same hash, whoever writes it.
 *
 * @param value of what JSON holds; fields that are undefined are left out, as JSON does.
 */
export function canonicalJson(value: unknown): string {
  const pieces: string[] = []
  write(value, (piece) => pieces.push(piece))
  return pieces.join("")
}

/** Of {@link canonicalJson}, as 64 hexadecimal digits. */
export function canonicalDigest(value: unknown): string {
  const hash = createHash("sha256")
  write(value, (piece) => hash.update(piece, "utf8"))
  return hash.digest("hex")
}

/** As 64 hexadecimal digits. */
export const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex")
