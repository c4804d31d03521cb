import { performance } from "node:perf_hooks"
import { duration } from "../../ci/src/formats/figures.js"

/** A long step that reports its progress on standard error. */
export interface Task {
  /** Reports the progress, such as "212 of 1900 packages". Shown every few seconds at most. */
  update(state: string): void
}

const INTERVAL_MS = process.stderr.isTTY ? 2_000 : 15_000

/**
 * Runs `body` as a named step. Prints a line when it starts, with the expected time, one now and then, and one with the
 * time it took.
 */
export async function step<T>(label: string, expected: string, body: (task: Task) => Promise<T>): Promise<T> {
  const started = performance.now()
  let shown = started
  const line = (text: string) => process.stderr.write(`${text}\n`)
  line(`▸ ${label} (${expected})`)
  const result = await body({
    update(state) {
      if (performance.now() - shown < INTERVAL_MS) return
      shown = performance.now()
      line(`  ${label}: ${state}, ${duration(shown - started)} so far`)
    },
  })
  line(`✓ ${label}, ${duration(performance.now() - started)}`)
  return result
}
