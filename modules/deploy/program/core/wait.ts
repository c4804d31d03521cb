/** Waits for AWS by polling. */
import type { Clock } from "./clock.ts"

/**
 * Time between two polls, in milliseconds. A deployment waits for the snapshot, the migration and the rollout: together,
 * polling adds less than five seconds, and stays below the throttling limits of AWS.
 */
const INTERVAL_MS = 1_600

/**
 * Polls until there is a result.
 *
 * @param look returns null for "not yet".
 * @returns null after the time limit.
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

/** Returns minutes as milliseconds. */
export const minutes = (count: number): number => count * 60_000
