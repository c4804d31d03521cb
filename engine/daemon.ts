import { type ChildProcess, execFile, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import pino, { type Logger } from "pino"
import { whileMaking } from "./activity.js"
import { removeCgroups } from "./cgroups.js"
import { memory, proxyEnvironment, usesLoopbackProxy, writeConfig } from "./config.js"
import { limit } from "./host/logs.js"
import { entry, repository } from "./host/repository.js"
import { type Layout, layout } from "./layout.js"
import { refusal, whyNotMade } from "./making.js"
import { serveMirror } from "./mirror.js"
import type { Parts } from "./parts.js"
import type { Recipe } from "./recipes/index.js"
import { answers, type Daemon, processStart } from "./running.js"
import { pinned } from "./stand-in.js"

/**
 * Runs an embedded engine until it ends or SIGTERM comes: starts it in new namespaces with a network and a mirror, and
 * ends all of them with it. It is the hidden command `engine daemon`, detached.
 */
export async function runDaemon(parts: Parts): Promise<void> {
  const places = layout()
  const log = pino({ base: null }, pino.destination(places.daemonLog))
  for (const name of fs.readdirSync(places.run)) fs.rmSync(path.join(places.run, name), { force: true })
  writeConfig(places)
  const engine = startEngine(places, parts)
  const children: ChildProcess[] = [engine]
  ownNetwork(engine).then(
    () => children.push(startNetwork(parts, engine)),
    (error: Error) => log.error(`no network: ${error.message}`),
  )
  const mirror = serveImages(places, parts, log)
  const stopped = stopOnSignal(engine, log)
  setInterval(() => limit(places.engineLog), LOG_CHECK_MS).unref()
  engine.on("exit", (code, signal) => {
    log.info({ code, signal }, "engine ended")
    mirror.close()
    for (const child of children) child.kill("SIGKILL")
    removeCgroups()
    // Where nobody stopped it, daemon.json stays and says so: a service starts it again.
    if (stopped()) fs.rmSync(places.run, { recursive: true, force: true })
    process.exit(stopped() ? 0 : 1)
  })
  while (!(await answers(places.socket))) await sleep(20)
  const self: Daemon = { pid: process.pid, started: processStart(process.pid) ?? "", parts }
  fs.writeFileSync(`${places.daemonFile}.new`, JSON.stringify(self))
  fs.renameSync(`${places.daemonFile}.new`, places.daemonFile)
  log.info({ build: parts.build }, "engine started")
}

const serveImages = (places: Layout, parts: Parts, log: Logger) =>
  serveMirror({
    socket: places.mirrorSocket,
    registrySocket: places.registrySocket,
    pinned: (image) => pinned(image, parts),
    refusal,
    make: (image) => makeImage(places, image),
    log: (message) => log.warn(message),
  })

/** Stops the engine on SIGTERM. Tells whether that has come. */
function stopOnSignal(engine: ChildProcess, log: Logger): () => boolean {
  let stopped = false
  process.on("SIGTERM", () => {
    log.info("stopping on SIGTERM")
    stopped = true
    // The engine is a child of unshare, which does not forward signals.
    signalChildren(engine, "SIGTERM")
    setTimeout(() => engine.kill("SIGKILL"), STOP_SECONDS * 1000).unref()
  })
  process.on("SIGINT", () => {})
  return () => stopped
}

const LOG_CHECK_MS = 60_000

/** Seconds between SIGTERM and SIGKILL. */
export const STOP_SECONDS = 20

function startEngine(places: Layout, parts: Parts): ChildProcess {
  const out = fs.openSync(places.engineLog, "a")
  return spawn(
    "setpriv",
    [
      "--pdeathsig=KILL",
      ..."unshare --net --mount --pid --fork --kill-child=KILL --".split(" "),
      path.join(repository(), "engine/files/init.sh"),
    ],
    {
      stdio: ["ignore", out, out],
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        HOME: "/root",
        ...proxyEnvironment(process.env),
        ROOT: parts.engineRoot,
        BIN: parts.bin,
        CONTENT: parts.content,
        STATE: places.state,
        REGISTRY: places.registry,
        RUN: places.run,
        CONFIG: places.config,
        MOUNTPOINT: places.mountpoint,
        DAGGER_TYPESCRIPT_SDK_MANIFEST_DIGEST: parts.contentDigest,
        DO_NOT_TRACK: "1",
        ...memory(os.totalmem(), process.constrainedMemory()),
      },
    },
  )
}

/** Waits until the engine's process has left the host's network: slirp4netns must not configure the host's. */
async function ownNetwork(engine: ChildProcess): Promise<void> {
  const network = (pid: string) => fs.readlinkSync(`/proc/${pid}/ns/net`)
  while (network(String(engine.pid)) === network("self")) await sleep(5)
}

/** Runs slirp4netns from the engine's root, with that root's libraries, in the host's network. */
function startNetwork(parts: Parts, engine: ChildProcess): ChildProcess {
  const root = parts.engineRoot
  const libraries = fs
    .readdirSync(path.join(root, "usr/lib"))
    .filter((name) => name.endsWith("-linux-gnu"))
    .flatMap((name) => [path.join(root, "usr/lib", name), path.join(root, "lib", name)])
  const loader = ["lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"].find((file) =>
    fs.existsSync(path.join(root, file)),
  )
  const out = fs.openSync(layout().networkLog, "a")
  return spawn(
    "setpriv",
    [
      "--pdeathsig=KILL",
      path.join(root, loader ?? ""),
      "--library-path",
      libraries.join(":"),
      path.join(root, "usr/bin/slirp4netns"),
      "--configure",
      "--mtu=65520",
      ...(usesLoopbackProxy(process.env) ? [] : ["--disable-host-loopback"]),
      String(engine.pid),
      "tap0",
    ],
    { stdio: ["ignore", out, out] },
  )
}

function signalChildren(parent: ChildProcess, signal: NodeJS.Signals): void {
  const list = fs.readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, "utf8")
  for (const pid of list.trim().split(" ").filter(Boolean)) process.kill(Number(pid), signal)
}

/** Milliseconds for making an image: ten times its usual time, and at least half an hour. */
const makeLimit = ({ seconds }: Recipe): number => Math.max(1800, 10 * seconds) * 1000

/** Makes an image in another process, which keeps the daemon small. */
async function makeImage(places: Layout, image: Recipe): Promise<void> {
  const log = path.join(places.logs, `image-${image.name.replaceAll("/", "-")}-${image.tag}.log`)
  const command = [entry(), "engine", "image", image.name, image.tag]
  const options = { timeout: makeLimit(image), maxBuffer: 1 << 28 }
  const run = () =>
    new Promise<void>((resolve, reject) => {
      execFile(process.execPath, command, options, (error, stdout, stderr) => {
        fs.writeFileSync(log, stdout + stderr)
        if (!error) return resolve()
        const cause = error.killed ? "timed out" : whyNotMade(stderr)
        reject(new Error(`cannot make ${image.name}:${image.tag}: ${cause} (log: ${log})`))
      })
    })
  await whileMaking(image, run)
}
