import { performance } from "node:perf_hooks"

/** A long step that reports its progress on standard error. */
export interface Task {
  /** Reports the progress, such as "212 of 1900 packages". Shown every few seconds at most. */
  update(state: string): void
}

/** Formats seconds: `212 ms`, `3.4 s`, `5 min 04 s`. */
export function spoken(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, "0")} s`
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
      line(`  ${label}: ${state}, ${spoken((shown - started) / 1000)} so far`)
    },
  })
  line(`✓ ${label}, ${spoken((performance.now() - started) / 1000)}`)
  return result
}
