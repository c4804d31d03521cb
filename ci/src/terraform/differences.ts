import { isRecord } from "../formats/json.js"
import { redact } from "./redact.js"

/** One attribute that changes. */
export interface Difference {
  /** `desired_count`, `load_balancer.0.target_group_arn` */
  readonly path: string
  /** Undefined if absent. */
  readonly before: unknown
  readonly after: unknown
}

/** Returns the differences of two values, each at the deepest path that both have. */
export function differences(
  before: unknown,
  after: unknown,
  path: readonly string[] = [],
): readonly Difference[] {
  if (same(before, after)) return []
  const names = namesOf(before, after)
  if (names === null) return [{ path: path.join("."), before, after }]
  return names.flatMap((name) => differences(fieldOf(before, name), fieldOf(after, name), [...path, name]))
}

/**
 * Returns the same for values with sensitive parts: that such a part changes, without its value.
 *
 * @param masks Terraform's marks of both.
 */
export function redactedDifferences(
  [before, after]: readonly [unknown, unknown],
  [beforeMask, afterMask]: readonly [unknown, unknown],
): readonly Difference[] {
  const shown = [redact(before, beforeMask), redact(after, afterMask)] as const
  const found = differences(before, after).map(({ path }) => {
    const steps = path === "" ? [] : path.split(".")
    const depth = Math.min(known(beforeMask, steps), known(afterMask, steps))
    const cut = steps.slice(0, depth)
    return { path: cut.join("."), before: at(shown[0], cut), after: at(shown[1], cut) }
  })
  return [...new Map(found.map((one) => [one.path, one])).values()]
}

/** How many steps lead to where a mask hides all that lies below. */
function known(mask: unknown, steps: readonly string[]): number {
  let inner = mask
  for (const [depth, step] of steps.entries()) {
    if (inner === true) return depth
    inner = fieldOf(inner, step)
  }
  return steps.length
}

const at = (value: unknown, steps: readonly string[]): unknown =>
  steps.reduce<unknown>((inner, step) => fieldOf(inner, step), value)

const fieldOf = (value: unknown, name: string): unknown =>
  (isRecord(value) || Array.isArray(value)) && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined

/** The fields that two records have, or the places of two lists; null where the two are of different kinds. */
function namesOf(before: unknown, after: unknown): readonly string[] | null {
  if (isRecord(before) && isRecord(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.map((_, i) => String(i))
  return null
}

/** Equal as JSON, where null and nothing are the same: providers mix the two. */
function same(a: unknown, b: unknown): boolean {
  if ((a ?? null) === (b ?? null)) return true
  const names = namesOf(a, b)
  return names?.every((name) => same(fieldOf(a, name), fieldOf(b, name))) ?? false
}
