import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { HostFault } from "../fault.js"
import { home, requireDisk, withLock } from "../home.js"
import { answers, type Daemon, processStart, STOP_SECONDS } from "./daemon.js"
import { type Layout, layout } from "./layout.js"
import { ensureParts, type Parts, readyParts, removeOldParts } from "./parts.js"

/** What is to be known of the embedded engine. */
export type Status =
  | { readonly state: "running"; readonly pid: number; readonly build: string }
  | { readonly state: "stopped" }

/** Seconds that a start may take before it is called failed. */
const START_SECONDS = 60

/** The engine that runs from this state folder, if one does. */
export function status(): Status {
  try {
    const daemon: Daemon = JSON.parse(fs.readFileSync(layout().daemonFile, "utf8"))
    if (processStart(daemon.pid) === daemon.started) return { state: "running", pid: daemon.pid, build: daemon.build }
  } catch {
    // No file, or one cut short: nothing runs that wrote it whole.
  }
  return { state: "stopped" }
}

/**
 * Makes sure that an engine of today's parts runs, building and starting what is needed. Safe to call from
 * several processes at once.
 */
export async function start(): Promise<Parts> {
  const running = status()
  const ready = readyParts()
  if (ready && running.state === "running" && running.build === ready.build && (await answers(layout().socket))) return ready
  return withLock(
    "engine",
    () => process.stderr.write("Another Slipway prepares the engine; waiting for it.\n"),
    async () => {
      const parts = await ensureParts()
      const now = status()
      if (now.state === "running" && now.build === parts.build && (await answers(layout().socket))) return parts
      if (now.state === "running") await end(now.pid)
      requireDisk(1)
      await boot(parts)
      removeOldParts()
      return parts
    },
  )
}

/** Starts the daemon; with a damaged state, once more with a fresh one. */
async function boot(parts: Parts): Promise<void> {
  const places = layout()
  const first = await launch(places)
  if (first === null) return
  const aside = `${places.state}.damaged-${new Date().toISOString().replaceAll(":", "")}`
  fs.renameSync(places.state, aside)
  const second = await launch(layout())
  const log = path.join(places.logs, "engine.log")
  if (second !== null) {
    fs.rmSync(places.state, { recursive: true, force: true })
    fs.renameSync(aside, places.state)
    throw new HostFault("engine-failed", `the embedded engine does not start: ${second}`, "read the log; `slipway doctor` checks this machine", log)
  }
  process.stderr.write(`The engine's caches were damaged (${first}); it started with empty ones. The old: ${aside}\n`)
  void parts
}

/** Starts the daemon and waits until the engine answers. Returns null, or why it did not start. */
async function launch(places: Layout): Promise<string | null> {
  const out = fs.openSync(path.join(places.logs, "daemon.log"), "a")
  const entry = process.argv[1] ?? ""
  const child = spawn(process.execPath, [entry, "engine", "daemon"], {
    detached: true,
    stdio: ["ignore", out, out],
    cwd: "/",
  })
  fs.closeSync(out)
  let ended: string | null = null
  child.on("exit", (code, signal) => {
    ended = `its process ended with ${signal ?? `exit code ${code}`}`
  })
  for (const deadline = Date.now() + START_SECONDS * 1000; Date.now() < deadline; await sleep(20)) {
    if (ended !== null) return `${ended}${lastLine(path.join(places.logs, "engine.log"))}`
    if (status().state === "running") {
      child.unref()
      return null
    }
  }
  await end(child.pid ?? 0)
  return `no answer in ${START_SECONDS} s${lastLine(path.join(places.logs, "engine.log"))}`
}

function lastLine(file: string): string {
  try {
    const line = fs.readFileSync(file, "utf8").trim().split("\n").at(-1)
    return line ? ` after saying: ${line}` : ""
  } catch {
    return ""
  }
}

/** Ends a daemon, and with it its engine: first by asking. */
async function end(pid: number): Promise<void> {
  const started = processStart(pid)
  if (started === null) return
  const alive = () => processStart(pid) === started
  process.kill(pid, "SIGTERM")
  for (const deadline = Date.now() + (STOP_SECONDS + 5) * 1000; alive() && Date.now() < deadline; ) await sleep(50)
  if (alive()) process.kill(pid, "SIGKILL")
}

/** Stops the engine. Returns false when none ran. */
export async function stop(): Promise<boolean> {
  const running = status()
  if (running.state === "stopped") return false
  await withLock("engine", () => {}, () => end(running.pid))
  return true
}

/** Throws away the engine's caches and the images made here, and the parts of other versions. */
export async function prune(): Promise<void> {
  await stop()
  const { state, registry, pinsFile } = layout()
  for (const target of [state, registry, pinsFile]) fs.rmSync(target, { recursive: true, force: true })
  removeOldParts()
}

/** Paths of the logs that there are, oldest part first. */
export function logFiles(): readonly string[] {
  return [path.join(home(), "logs"), layout().logs]
    .filter((folder) => fs.existsSync(folder))
    .flatMap((folder) => fs.readdirSync(folder).map((file) => path.join(folder, file)))
}
