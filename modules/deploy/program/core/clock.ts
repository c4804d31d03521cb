/** Real time, or the virtual time of a simulator. */
import { Interrupted } from "./outcome.ts"

/** The time of a run. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Monotonic time in milliseconds: nobody can set it, but it may stand still while the machine sleeps. */
  readonly steady: () => number
  /** @throws {Interrupted} if the run must stop. */
  readonly sleep: (milliseconds: number) => Promise<void>
  /**
   * Repeats a call until the returned function is called. A virtual clock makes the call during `sleep` only: between
   * sleeps its time stands still.
   */
  readonly every: (milliseconds: number, call: () => Promise<void>) => () => void
  readonly close: () => Promise<void>
}

const realSleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Interrupted())
    const stop = () => {
      clearTimeout(timer)
      reject(new Interrupted())
    }
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop)
      resolve()
    }, milliseconds)
    signal.addEventListener("abort", stop, { once: true })
  })

/** Returns the machine's own time. @param signal ends what sleeps. */
export const realClock = (signal: AbortSignal): Clock => ({
  now: () => Date.now(),
  steady: () => performance.now(),
  sleep: (milliseconds) => realSleep(milliseconds, signal),
  every: (milliseconds, call) => {
    let busy = false
    const timer = setInterval(() => {
      if (busy) return
      busy = true
      call().finally(() => {
        busy = false
      })
    }, milliseconds)
    return () => clearInterval(timer)
  },
  close: async () => {},
})

interface Timer {
  due: number
  readonly interval: number
  readonly call: () => Promise<void>
}

/** Reads the simulator's response: `{"now": <milliseconds or ISO 8601>}`. */
function timeIn(answer: unknown): number {
  const now = typeof answer === "object" && answer !== null && "now" in answer ? answer.now : undefined
  const time = typeof now === "string" ? Date.parse(now) : now
  if (typeof time === "number" && Number.isFinite(time)) return time
  throw new Error(`unexpected response of the simulator's clock: ${JSON.stringify(answer)}`)
}

/** Returns how to ask a simulator's clock. @throws Error for an answer that is no success. */
const asker =
  (base: string) =>
  async (method: string, path: string, body: object | null, stop?: AbortSignal): Promise<unknown> => {
    const answer = await fetch(`${base}/_simulator/${path}`, {
      method,
      ...(body === null
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      signal: stop ?? null,
    })
    const text = await answer.text()
    if (!answer.ok)
      throw new Error(`the simulator's clock failed at ${path}: ${answer.status} ${text.slice(0, 200)}`)
    return text === "" ? null : JSON.parse(text)
  }

/**
 * Joins a simulator's clock. Its time advances when all participants sleep.
 *
 * @param url address of the simulator.
 * @param participant a unique name.
 */
export async function virtualClock(url: string, participant: string, signal: AbortSignal): Promise<Clock> {
  const ask = asker(url.replace(/\/$/, ""))
  const timers = new Set<Timer>()
  let time = timeIn(await ask("POST", "participants", { participant }))

  const pass = async (milliseconds: number): Promise<void> => {
    if (signal.aborted) throw new Interrupted()
    try {
      time = timeIn(await ask("POST", "sleep", { participant, milliseconds }, signal))
    } catch (error) {
      if (signal.aborted) throw new Interrupted()
      throw error
    }
  }

  return {
    now: () => time,
    steady: () => time,
    sleep: async (milliseconds) => {
      const until = time + milliseconds
      while (time < until) {
        const due = Math.min(until, ...[...timers].map((timer) => timer.due))
        if (due > time) await pass(due - time)
        for (const timer of [...timers].filter((one) => one.due <= time)) {
          timer.due = time + timer.interval
          await timer.call()
        }
      }
    },
    every: (milliseconds, call) => {
      const timer: Timer = { due: time + milliseconds, interval: milliseconds, call }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    close: async () => {
      await ask("DELETE", `participants/${encodeURIComponent(participant)}`, null)
    },
  }
}
