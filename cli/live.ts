import { spoken } from "./progress.js"

/** Shows a run while it goes: a line for what is done and, on a terminal, one that says what goes on. */
export interface Live {
  /** A line that stays. */
  line(text: string): void
  /** What goes on now; on a terminal alone. */
  status(text: string): void
  end(): void
}

const CLEAR = "\r\u001b[2K"
const INTERVAL_MS = 200

/** A live view on standard error. */
export function live(stream: NodeJS.WriteStream = process.stderr): Live {
  if (!stream.isTTY)
    return { line: (text) => void stream.write(`${text}\n`), status: () => {}, end: () => {} }
  const started = performance.now()
  let now = "working"
  const draw = () => {
    const text = `⏳ ${now}, ${spoken((performance.now() - started) / 1000).replace(/\.\d s$/, " s")}`
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
