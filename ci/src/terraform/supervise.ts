/**
 * Runs Terraform so that it can stop cleanly. Told to stop, it finishes its operation, writes its state and releases its
 * lock back; told twice, or killed, it does not. Runs in containers: it imports nothing but Node.js's own.
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"

/** Milliseconds between checks of the flag. */
const POLL = 500

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const

/**
 * Runs a command in its own process group, and forwards the first signal to it, once.
 *
 * @param seconds until it is told to stop. Then it may take as long as it needs.
 * @param flag a file whose existence tells it to stop: engines forward no signals.
 * @returns its exit code, with whether it was told to stop.
 */
export function supervise(
  [command = "", ...args]: readonly string[],
  seconds: number,
  flag: string,
): Promise<{ readonly code: number; readonly stopped: boolean }> {
  return new Promise((resolve, reject) => {
    // A signal to our own group would reach it twice: by itself, and from here.
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], detached: true })
    let stopped = false
    const stop = () => {
      if (stopped) return
      stopped = true
      child.kill("SIGTERM")
    }
    const timer = setTimeout(stop, seconds * 1000)
    const watch = setInterval(() => existsSync(flag) && stop(), POLL)
    for (const signal of SIGNALS) process.on(signal, stop)
    child.on("error", reject)
    child.on("close", (code) => {
      clearTimeout(timer)
      clearInterval(watch)
      for (const signal of SIGNALS) process.removeListener(signal, stop)
      resolve({ code: code ?? 1, stopped })
    })
  })
}
