/**
 * Runs Terraform so that it can end well. Told to stop, it finishes what it began, writes its state and gives its
 * lock back; told twice, or killed, it does not. Runs in containers: it imports nothing but Node.js's own.
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"

/** Milliseconds from look to look. */
const POLL = 500

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const

/**
 * Runs a command in a process group of its own, and hands the first signal on to it, once.
 *
 * @param seconds after which it is told to stop. However long it then takes, it is waited for.
 * @param flag a file that tells it to stop by being there: an engine hands no signals on.
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
