import { isRecord, type JsonRecord, recordOf } from "../../formats/json.js"
import type { Env } from "./found.js"
import { interpolate, pairs, scalar } from "./values.js"

/** The services of a compose file, by name. */
export type Services = Readonly<Record<string, JsonRecord>>

/** Returns services with those of a file that overrides them. */
export const mergedServices = (below: Services, above: Services): Services => ({
  ...below,
  ...Object.fromEntries(
    Object.entries(above).map(([host, settings]) => [host, merged(below[host] ?? {}, settings)]),
  ),
})

/** True for a service whose localhost is that of another: programs find it there without a published port. */
export function sharesNetwork(host: string, all: Services): boolean {
  const networkOf = (one: JsonRecord | undefined) => scalar(one?.network_mode) ?? ""
  return (
    networkOf(all[host]).startsWith("service:") ||
    Object.values(all).some((one) => networkOf(one) === `service:${host}`)
  )
}

/** Replaces the variables in all texts. */
export function resolved(value: unknown, env: Env): unknown {
  if (typeof value === "string") return interpolate(value, env)
  if (Array.isArray(value)) return value.map((each) => resolved(each, env))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, env)]))
}

/**
 * Adds what a service takes over from another one.
 *
 * @param own the services of its file.
 * @param of returns those of another file, by its path.
 */
export function extended(
  settings: JsonRecord,
  own: JsonRecord,
  of: (path: string) => JsonRecord,
): JsonRecord {
  const name = scalar(settings.extends) ?? scalar(recordOf(settings.extends).service)
  const path = scalar(recordOf(settings.extends).file)
  const all = path === null ? own : of(path)
  return name === null || !(name in all) ? settings : merged(recordOf(all[name]), settings)
}

/** Merges as compose does: maps by key, lists one after the other, anything else is replaced. */
function merged(below: JsonRecord, above: JsonRecord): JsonRecord {
  const result: Record<string, unknown> = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const old = result[key]
    const lists = ["ports", "volumes", "expose", "env_file"].includes(key)
    if (key === "environment") result[key] = { ...pairs(old), ...pairs(value) }
    else if (lists) result[key] = [...listOf(old), ...listOf(value)]
    else result[key] = isRecord(old) && isRecord(value) ? merged(old, value) : value
  }
  return result
}

/** Returns a value of YAML that may be one or a list of them, as a list. */
export const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}
