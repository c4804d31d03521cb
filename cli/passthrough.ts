import { spawn } from "node:child_process"
import { doesNotStart, type Session } from "./session.js"

/** Progress printers that this build of the client has nothing to show with: its interactive one is left out. */
const SILENT = new Set(["", "auto", "tty"])

/**
 * Hands the terminal to the Dagger client until it ends.
 *
 * @returns its exit code.
 */
export function passThrough(session: Session, args: readonly string[]): Promise<number> {
  const asked = session.env.DAGGER_PROGRESS ?? ""
  const env =
    session.choice.kind === "embedded" && SILENT.has(asked)
      ? { ...session.env, DAGGER_PROGRESS }
      : session.env
  const child = spawn(session.dagger, args, { env, stdio: "inherit" })
  // A terminal's Ctrl-C reaches the client by itself, which ends its session at SIGINT alone.
  const ignore = () => {}
  const end = () => child.kill("SIGINT")
  process.on("SIGINT", ignore).on("SIGTERM", end).on("SIGHUP", end)
  return new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(doesNotStart(session, error)))
    child.on("close", (code) => resolve(code ?? 130))
  }).finally(() => process.off("SIGINT", ignore).off("SIGTERM", end).off("SIGHUP", end))
}

/** The printer that reads best of those that this build has. */
export const DAGGER_PROGRESS = "logs"
