/** Waiting for AWS: often enough to add little, seldom enough not to be throttled. */
import type { Clock } from "../clock.ts"

/** Looks come every second at first, then every other second, in milliseconds. */
const FIRST = { interval: 1_000, until: 120_000 }
const THEN = 2_000

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
    await clock.sleep(passed < FIRST.until ? FIRST.interval : THEN)
  }
}

export const minutes = (count: number): number => count * 60_000
