import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { removeCgroups } from "./cgroups.js"
import { STOP_SECONDS } from "./daemon.js"
import { HostFault } from "./host/fault.js"
import { home, requireDisk, withLock } from "./host/home.js"
import { rotate, tail } from "./host/logs.js"
import { endOf } from "./host/process.js"
import { entry } from "./host/repository.js"
import { type Layout, layout } from "./layout.js"
import { ensureParts, type Parts, readyParts, removeOldParts, removeParts, requireRoot } from "./parts.js"
import { answers, type Daemon, findDaemon, processStart } from "./running.js"
import { otherUsers } from "./users.js"

/** The state of the embedded engine. One that an older Slipway started may lack `parts`. */
export type Status =
  | { readonly state: "running"; readonly pid: number; readonly parts: Parts | undefined }
  | { readonly state: "stopped" }

/** Seconds after which a start has failed, and after which a message explains the wait. */
const START_SECONDS = 300
const SLOW_SECONDS = 20

/** Finds the engine of this state folder. */
export function status(): Status {
  const daemon = recorded() ?? findDaemon()
  return daemon ? { state: "running", pid: daemon.pid, parts: daemon.parts } : { state: "stopped" }
}

/** Reads daemon.json; null where it is damaged or its process has ended. */
function recorded(): Daemon | null {
  try {
    const daemon: Daemon = JSON.parse(fs.readFileSync(layout().daemonFile, "utf8"))
    return processStart(daemon.pid) === daemon.started ? daemon : null
  } catch {
    return null
  }
}

/** Returns the wanted parts where an engine runs from them and answers, or null. */
async function current(wanted: Parts | null): Promise<Parts | null> {
  const now = status()
  const same = wanted !== null && now.state === "running" && now.parts?.build === wanted.build
  return same && (await answers(layout().socket)) ? wanted : null
}

/**
 * Starts an engine from the current parts, after building what is missing. Several processes may call it at once.
 *
 * @throws HostFault where this machine cannot run one.
 */
export async function start(): Promise<Parts> {
  const running = await current(readyParts())
  if (running) return running
  requireRoot()
  return withLock("engine", waiting, async () => {
    const parts = await ensureParts()
    const started = await current(parts)
    if (started) return started
    const now = status()
    if (now.state === "running") {
      if (now.parts?.build !== parts.build) await unused()
      await end(now.pid)
    }
    requireDisk(1)
    await boot(parts)
    removeOldParts()
    return parts
  })
}

/** Waits while another checkout of Slipway uses an engine of its version, so that its run is not cut off. */
async function unused(): Promise<void> {
  for (let told = false; otherUsers().length > 0; await sleep(500)) {
    if (!told)
      process.stderr.write(
        `Another version of Slipway uses the engine (process ${otherUsers().join(", ")}); waiting for it to end.\n`,
      )
    told = true
  }
}

/** Builds the parts of an engine. */
export const prepare = (): Promise<Parts> => withLock("engine", waiting, ensureParts)

const waiting = () => {
  process.stderr.write("Another Slipway is preparing the engine; waiting for it.\n")
}

/**
 * Starts the daemon. Where it ends at once, or cannot read its caches, moves its state aside and tries again with an
 * empty one.
 */
async function boot(parts: Parts): Promise<void> {
  removeCgroups()
  const places = layout()
  const first = await launch(places, parts)
  if (first.state === "up") {
    // The engine deletes small caches itself, before its log is read here.
    if (saysUnread(places.engineLog)) tellDamaged(NOT_READ)
    return
  }
  // A slow engine says nothing about its caches.
  if (first.state === "late") throw notStarted(places, first.why, "try again when this machine is less busy")
  const aside = `${places.state}.damaged-${new Date().toISOString().replaceAll(":", "")}`
  fs.renameSync(places.state, aside)
  const second = await launch(layout(), parts)
  if (second.state !== "up") {
    fs.rmSync(places.state, { recursive: true, force: true })
    fs.renameSync(aside, places.state)
    throw notStarted(places, second.why, "`slipway doctor` checks this machine")
  }
  const kept = first.state === "unread" ? "" : ` The old ones are in ${aside}`
  if (first.state === "unread") removeLater(aside)
  tellDamaged(first.why, kept)
}

const tellDamaged = (why: string, kept = ""): void => {
  process.stderr.write(`The engine's caches were damaged (${why}): started with empty ones.${kept}\n`)
}

/** Deletes a folder in the background: caches have tens of gigabytes. */
const removeLater = (folder: string): void =>
  spawn("nice", ["rm", "-rf", folder], { detached: true, stdio: "ignore" }).unref()

/**
 * What an engine logs when it cannot read its caches. It would delete them before it answers, for minutes; ended while
 * it does so, it leaves caches that no engine works with.
 */
const UNREAD = "resetting worker and dagql persistence state"
const NOT_READ = "it could not read them"

/** True if a log, which begins with the start, says that the engine cannot read its caches. */
const saysUnread = (log: string): boolean =>
  fs.existsSync(log) && fs.readFileSync(log, "utf8").includes(UNREAD)

const notStarted = (places: Layout, why: string, hint: string): HostFault =>
  new HostFault(
    "engine-failed",
    `the embedded engine does not start: ${why}`,
    `read the log; ${hint}; \`slipway engine prune --all\` deletes the engine, and the next start builds it again`,
    fs.existsSync(places.engineLog) ? places.engineLog : places.daemonLog,
  )

/** The result of a start: the engine is up, its process ended, it cannot read its caches, or it did not answer in time. */
type Launched =
  | { readonly state: "up" }
  | { readonly state: "ended" | "unread" | "late"; readonly why: string }

/** Starts the daemon and waits until the engine answers. */
async function launch(places: Layout, parts: Parts): Promise<Launched> {
  for (const log of [places.engineLog, places.daemonLog, places.networkLog]) rotate(log)
  const out = fs.openSync(places.daemonLog, "a")
  // The parts are passed on: the sources, and so the current parts, may change before the daemon reads them.
  const child = spawn(process.execPath, [entry(), "engine", "daemon", JSON.stringify(parts)], {
    detached: true,
    stdio: ["ignore", out, out],
    cwd: "/",
  })
  fs.closeSync(out)
  let ended: string | null = null
  child.on("exit", (code, signal) => {
    ended = `its process ended with ${endOf(code, signal)}`
  })
  const begun = Date.now()
  for (let told = false; Date.now() < begun + START_SECONDS * 1000; await sleep(20)) {
    if (ended !== null) return { state: "ended", why: `${ended}${lastWords(places)}` }
    if (recorded()?.pid === child.pid) {
      child.unref()
      return { state: "up" }
    }
    if (saysUnread(places.engineLog)) {
      await end(child.pid ?? 0)
      return { state: "unread", why: NOT_READ }
    }
    if (told || Date.now() < begun + SLOW_SECONDS * 1000) continue
    told = true
    process.stderr.write(`The engine is loading its caches; this may take up to ${START_SECONDS} s.\n`)
  }
  await end(child.pid ?? 0)
  return { state: "late", why: `no answer in ${START_SECONDS} s${lastWords(places)}` }
}

function lastWords(places: Layout): string {
  const line = tail(places.engineLog, 1)[0] ?? tail(places.daemonLog, 1)[0]
  return line ? `; last line of its log: ${line}` : ""
}

/** Ends a daemon and its engine: SIGTERM, then SIGKILL. */
async function end(pid: number): Promise<void> {
  const started = processStart(pid)
  if (started === null) return
  const alive = () => processStart(pid) === started
  process.kill(pid, "SIGTERM")
  for (const deadline = Date.now() + (STOP_SECONDS + 5) * 1000; alive() && Date.now() < deadline; )
    await sleep(50)
  if (alive()) process.kill(pid, "SIGKILL")
}

/** Stops the engine. Returns false when none was running. */
export async function stop(): Promise<boolean> {
  const running = status()
  if (running.state === "running") await withLock("engine", waiting, () => end(running.pid))
  // A killed engine leaves its cgroups behind.
  removeCgroups()
  return running.state === "running"
}

/**
 * Deletes the engine's caches, its images, and the parts of other versions.
 *
 * @param all also deletes the current parts and the logs.
 */
export async function prune(all: boolean): Promise<void> {
  await stop()
  await withLock("engine", waiting, async () => {
    const { root, state, registry, pins } = layout()
    const damaged = fs.readdirSync(root).filter((name) => name.includes(".damaged-"))
    for (const target of [state, registry, pins, ...damaged.map((name) => path.join(root, name))])
      fs.rmSync(target, { recursive: true, force: true })
    removeOldParts()
    if (all) {
      removeParts()
      for (const folder of [root, path.join(home(), "logs")])
        fs.rmSync(folder, { recursive: true, force: true })
    }
  })
}

/** Lists the log files: of the builds, then of the engine. */
export function logFiles(): readonly string[] {
  return [path.join(home(), "logs"), layout().logs]
    .filter((folder) => fs.existsSync(folder))
    .flatMap((folder) => fs.readdirSync(folder).map((file) => path.join(folder, file)))
}
