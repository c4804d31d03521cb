import { type JsonRecord, recordOf, recordsOf } from "../../formats/json.js"
import { scalar } from "./values.js"

/** The matrix of a job of GitHub. @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix */

/** GitHub runs no more jobs of a matrix. */
const MOST = 256

/** Returns all entries of a matrix, in their order; empty without one, and for one that only GitHub can tell. */
export function entriesOf(job: JsonRecord): readonly JsonRecord[] {
  const { include, exclude, ...axes } = recordOf(recordOf(job.strategy).matrix)
  const all = productOf(axes).filter((entry) => !recordsOf(exclude).some((one) => agrees(one, entry)))
  let entries = all
  for (const one of recordsOf(include)) {
    const own = Object.fromEntries(Object.entries(one).filter(([axis]) => axis in axes))
    const isMeant = (entry: JsonRecord) => all.length > 0 && isWhole(entry, axes) && agrees(own, entry)
    entries = entries.some(isMeant)
      ? entries.map((entry) => (isMeant(entry) ? { ...entry, ...one } : entry))
      : [...entries, one]
  }
  return entries
}

/** Tells whether an entry has a value for each axis: one that `include` added alone has not. */
const isWhole = (entry: JsonRecord, axes: JsonRecord): boolean =>
  Object.keys(axes).every((axis) => axis in entry)

/** An axis whose values only GitHub can tell has the value null. */
function productOf(axes: JsonRecord): readonly JsonRecord[] {
  const lists = Object.entries(axes).map(([axis, values]): readonly [string, readonly unknown[]] => [
    axis,
    Array.isArray(values) ? values : [null],
  ])
  if (lists.length === 0) return []
  return lists.reduce<readonly JsonRecord[]>(
    (entries, [axis, values]) =>
      entries.flatMap((entry) => values.map((value) => ({ ...entry, [axis]: value }))).slice(0, MOST),
    [{}],
  )
}

/** Tells whether an entry has all values of another record. */
const agrees = (wanted: JsonRecord, entry: JsonRecord): boolean =>
  Object.entries(wanted).every(([axis, value]) => JSON.stringify(entry[axis]) === JSON.stringify(value))

/**
 * Returns the first entry, and of the others those with a value that no entry before has: each value is in one of them.
 *
 * @param pinned the names whose values do not count: `node`, `config.os`.
 */
export function entriesByValue(
  entries: readonly JsonRecord[],
  pinned: ReadonlySet<string>,
): readonly JsonRecord[] {
  const seen = new Set<string>()
  return entries.filter((entry, i) => {
    const values = leavesOf(entry, "").filter(([path]) => !pinned.has(path))
    const fresh = values.map((leaf) => leaf.join("=")).filter((one) => !seen.has(one))
    for (const one of fresh) seen.add(one)
    return i === 0 || fresh.length > 0
  })
}

const leavesOf = (value: JsonRecord, before: string): readonly (readonly [path: string, value: string])[] =>
  Object.entries(value).flatMap(([key, each]) => {
    const text = scalar(each)
    return text === null ? leavesOf(recordOf(each), `${before}${key}.`) : [[`${before}${key}`, text] as const]
  })

const MATRIX = /\bmatrix\.([\w.-]+)/g

/** Returns the names of a matrix that a value of any depth uses. */
export const axesIn = (value: unknown): readonly string[] =>
  [...(JSON.stringify(value) ?? "").matchAll(MATRIX)].map(([, axis = ""]) => axis)
