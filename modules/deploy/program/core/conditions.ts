/** Finds out whether a store refuses what it must refuse: some that speak S3's protocol ignore its conditions. */
import { Ended, end } from "./outcome.ts"
import type { Store } from "./store.ts"

/** The etag of no object. */
const NOBODYS = `"${"0".repeat(32)}"`

const REFUSED = end(
  "refused",
  "the state bucket ignores the conditions of writes: two runs could change the environment at once",
  {
    todo: [
      "keep the state in S3, or in a store that refuses PutObject with `If-Match` and `If-None-Match` where they do not hold",
      "no schema and no service was changed",
    ],
  },
)

/**
 * Tries two writes over an object of this run that must be refused. A store that keeps its conditions changes nothing.
 *
 * @param body differs from what the object has.
 * @throws {Ended} `refused` if one of them is not.
 */
export async function assertConditional(store: Store, key: string, body: string): Promise<void> {
  for (const etag of [null, NOBODYS])
    if ((await store.write(key, body, etag)) !== null) throw new Ended(REFUSED)
}
