import { execFile } from "node:child_process"
import * as fs from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { start, status, stop } from "./control.js"
import { HostFault } from "./host/fault.js"
import { layout } from "./layout.js"

/** Milliseconds between two looks whether the engine runs. */
const LOOK_MS = 500

/**
 * Starts the engine and waits for its end. SIGTERM and Ctrl-C stop it.
 *
 * @throws HostFault `engine-lost` where nobody stopped it.
 */
export async function serve(): Promise<void> {
  await start()
  await tellReady()
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop())
  while (status().state === "running") await sleep(LOOK_MS)
  const { daemonFile, engineLog } = layout()
  // An engine that is stopped deletes it.
  if (fs.existsSync(daemonFile))
    throw new HostFault("engine-lost", "the engine has ended, and nobody stopped it", null, engineLog)
}

/** Tells systemd that the engine answers (sd_notify(3)), where that started this process. */
async function tellReady(): Promise<void> {
  if (process.env.NOTIFY_SOCKET) await promisify(execFile)("systemd-notify", ["--ready"])
}
