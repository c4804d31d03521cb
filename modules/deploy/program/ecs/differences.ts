/** Names how two task definitions differ, field by field. Values that may be secret are not shown. */
import { isDeepStrictEqual } from "node:util"

type Fields = Readonly<Record<string, unknown>>

/** Whether a value is a map. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)

/** Fields whose values are shown. */
const SHOWN = new Set([
  ...[
    "cpu",
    "memory",
    "memoryReservation",
    "image",
    "networkMode",
    "taskRoleArn",
    "executionRoleArn",
    "user",
  ],
  ...["essential", "readonlyRootFilesystem", "privileged", "pidMode", "ipcMode", "stopTimeout"],
])

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "set"

function fieldLine(field: string, before: unknown, after: unknown, of: string): string {
  const name = of === "" ? field : `${field} of ${of}`
  if (isNothing(before)) return SHOWN.has(field) ? `+ ${name} ${textOf(after)}` : `+ ${name}`
  if (isNothing(after)) return SHOWN.has(field) ? `- ${name} ${textOf(before)}` : `- ${name}`
  return SHOWN.has(field) ? `~ ${name} ${textOf(before)} → ${textOf(after)}` : `~ ${name}`
}

/** Lists whose entries have a name of their own, and the words for an entry. */
const NAMED: Readonly<Record<string, { readonly word: string; readonly key: string }>> = {
  environment: { word: "environment", key: "name" },
  secrets: { word: "secret", key: "name" },
  containerDefinitions: { word: "container", key: "name" },
  volumes: { word: "volume", key: "name" },
}

const byKey = (list: unknown, key: string): ReadonlyMap<string, Fields> =>
  new Map(
    (Array.isArray(list) ? list.filter(isFields) : []).map((entry) => [String(entry[key] ?? ""), entry]),
  )

function inNamed(field: string, before: unknown, after: unknown, of: string): readonly string[] {
  const { word, key } = NAMED[field] ?? { word: field, key: "name" }
  const [had, has] = [byKey(before, key), byKey(after, key)]
  const named = (name: string): string => (of === "" ? `${word} ${name}` : `${word} ${name} of ${of}`)
  return [...new Set([...had.keys(), ...has.keys()])].flatMap((name) => {
    const [old, now] = [had.get(name), has.get(name)]
    if (old === undefined) return [`+ ${named(name)}`]
    if (now === undefined) return [`- ${named(name)}`]
    if (isDeepStrictEqual(tidy(old), tidy(now))) return []
    return field === "containerDefinitions" ? differences(old, now, name) : [`~ ${named(name)}`]
  })
}

/**
 * Returns a line for each difference: `+ secret PAYMENT_KEY of web`, `~ cpu 256 → 512`.
 *
 * @param of the container whose fields these are; "": the task's.
 */
export function differences(before: object, after: object, of = ""): readonly string[] {
  const [had, has]: readonly Fields[] = [{ ...before }, { ...after }]
  return [...new Set([...Object.keys(had ?? {}), ...Object.keys(has ?? {})])].sort().flatMap((field) => {
    const [old, now] = [had?.[field], has?.[field]]
    if (isDeepStrictEqual(tidy(old), tidy(now)) || (isNothing(old) && isNothing(now))) return []
    return field in NAMED ? inNamed(field, old, now, of) : [fieldLine(field, old, now, of)]
  })
}

/** Removes undefined members and empty lists: ECS adds empty lists to its responses. */
export function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy)
  if (!isFields(value)) return value
  const kept = Object.entries(value)
    .filter(([, one]) => one !== undefined && !(Array.isArray(one) && one.length === 0))
    .map(([key, one]) => [key, tidy(one)])
  return Object.fromEntries(kept)
}
