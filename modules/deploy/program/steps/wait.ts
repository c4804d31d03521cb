/** Waiting for AWS: often enough to add little, seldom enough not to be throttled. */
import type { Clock } from "../clock.ts"

/**
 * Between two looks, in milliseconds. A deployment waits three times at most: for the snapshot, the migration and the
 * rollout. Each look comes that late at most, so that all of them add less than five seconds.
 */
const INTERVAL_MS = 1_600

/**
 * Looks until there is an answer.
 *
 * @param look null means "not yet".
 * @param milliseconds after which it stops looking.
 * @returns null where the time is up.
 */
export async function until<T>(
  clock: Clock,
  milliseconds: number,
  look: () => Promise<T | null>,
): Promise<T | null> {
  const start = clock.now()
  for (;;) {
    const answer = await look()
    if (answer !== null) return answer
    const passed = clock.now() - start
    if (passed >= milliseconds) return null
    await clock.sleep(INTERVAL_MS)
  }
}

export const minutes = (count: number): number => count * 60_000
