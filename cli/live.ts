import { duration } from "../ci/src/formats/figures.js"

/** Shows a run in progress: a line for each finished stage and, on a terminal, a status line. */
export interface Live {
  /** Prints a line that stays. */
  line(text: string): void
  /** Sets the status line. Only terminals show it. */
  status(text: string): void
  end(): void
}

const CLEAR = "\r\u001b[2K"
const INTERVAL_MS = 200

/**
 * Opens a live view on a stream.
 *
 * @param watched false where nobody looks on: some CI vendors give a job a terminal, and keep all that it shows.
 */
export function live(watched: boolean, stream: NodeJS.WriteStream = process.stderr): Live {
  if (!watched || !stream.isTTY)
    return { line: (text) => void stream.write(`${text}\n`), status: () => {}, end: () => {} }
  const started = performance.now()
  let now = "working"
  const draw = () => {
    const text = `⏳ ${now}, ${duration(performance.now() - started).replace(/\.\d s$/, " s")}`
    stream.write(CLEAR + text.slice(0, (stream.columns ?? 80) - 2))
  }
  const timer = setInterval(draw, INTERVAL_MS)
  return {
    line: (text) => void stream.write(`${CLEAR}${text}\n`),
    status: (text) => {
      now = text
    },
    end: () => {
      clearInterval(timer)
      stream.write(CLEAR)
    },
  }
}
