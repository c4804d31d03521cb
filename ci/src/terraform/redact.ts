import { isRecord } from "../formats/json.js"

/** Replaces a value that Terraform marks as sensitive. */
export const SENSITIVE = "(sensitive)"
/** Replaces a value that is known only after the apply. */
export const UNKNOWN = "(known after apply)"

/**
 * Returns a value without its sensitive parts.
 *
 * @param mask Terraform's: `true` for all of it, else the same shape as the value, with `true` in places.
 * @see https://developer.hashicorp.com/terraform/internals/json-format#change-representation
 */
export function redact(value: unknown, mask: unknown): unknown {
  if (mask === true) return SENSITIVE
  if (Array.isArray(value)) return value.map((each, i) => redact(each, Array.isArray(mask) ? mask[i] : null))
  if (!isRecord(value)) return value
  return mapped(value, (each, name) => redact(each, isRecord(mask) ? mask[name] : null))
}

/** Marks what is not yet known in a value. `unknown` has the form of a mask, and may name keys that the value lacks. */
export function withUnknown(value: unknown, unknown: unknown): unknown {
  if (unknown === true) return UNKNOWN
  if (Array.isArray(unknown)) {
    const items = Array.isArray(value) ? value : []
    return Array.from({ length: Math.max(items.length, unknown.length) }, (_, i) =>
      withUnknown(items[i], unknown[i]),
    )
  }
  if (!isRecord(unknown)) return value
  const fields = isRecord(value) ? value : {}
  const added = Object.entries(unknown).flatMap(([name, each]) => {
    const made = withUnknown(fields[name], each)
    return made === undefined ? [] : [[name, made] as const]
  })
  return isRecord(value) || added.length > 0 ? { ...fields, ...Object.fromEntries(added) } : value
}

/** The texts in the sensitive parts of a value. */
export function sensitiveTexts(value: unknown, mask: unknown): readonly string[] {
  if (typeof value === "string") return mask === true ? [value] : []
  if (Array.isArray(value)) return value.flatMap((each, i) => sensitiveTexts(each, maskOf(mask, i)))
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, each]) => sensitiveTexts(each, maskOf(mask, name)))
}

/** The mask of a part of a value. */
function maskOf(mask: unknown, name: string | number): unknown {
  if (mask === true) return true
  return isRecord(mask) || Array.isArray(mask) ? Reflect.get(mask, name) : null
}

/** Shorter texts are redacted only as whole values: they occur in other words. */
const SHORTEST = 6

/**
 * Removes certain texts from a value. When a provider copies a value, the copy loses its mark: a secret that is marked
 * in one place may be unmarked in another.
 */
export function blot(value: unknown, texts: ReadonlySet<string>): unknown {
  if (typeof value === "string") return blotText(value, texts)
  if (Array.isArray(value)) return value.map((each) => blot(each, texts))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [blotText(name, texts), blot(each, texts)]),
  )
}

function blotText(text: string, texts: ReadonlySet<string>): string {
  if (texts.has(text) && text !== "") return SENSITIVE
  let made = text
  for (const secret of texts)
    if (secret.length >= SHORTEST)
      for (const form of [secret, JSON.stringify(secret).slice(1, -1)])
        made = made.replaceAll(form, SENSITIVE)
  return made
}

const mapped = (
  record: Readonly<Record<string, unknown>>,
  change: (value: unknown, name: string) => unknown,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
