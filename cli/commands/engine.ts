import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { didYouMean } from "../../ci/src/config/suggest.js"
import { duration } from "../../ci/src/formats/figures.js"
import { sayProgress } from "../../engine/activity.js"
import { describe } from "../../engine/choose.js"
import * as control from "../../engine/control.js"
import { runDaemon } from "../../engine/daemon.js"
import { HostFault } from "../../engine/host/fault.js"
import { tail } from "../../engine/host/logs.js"
import { step } from "../../engine/host/progress.js"
import { layout } from "../../engine/layout.js"
import type { Parts } from "../../engine/parts.js"
import { findRecipe, RECIPES, type Recipe, recipeOf } from "../../engine/recipes/index.js"
import { serve } from "../../engine/serve.js"
import { makeStandIn, pinned } from "../../engine/stand-in.js"
import { statusLines } from "../../engine/status.js"
import { parse, usage } from "../args.js"
import { makeEngineImage } from "../engine-image.js"
import { engineService } from "../engine-service.js"
import { chosen } from "../session.js"
import type { Command } from "./command.js"

const say = (text: string): number => {
  process.stdout.write(`${text}\n`)
  return 0
}

const SHOWN_LINES = 20

/** The subcommands. The engine itself runs `daemon`, and `image` with the name and tag of an image to make. */
const SUBCOMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  async start(args) {
    const { values } = parse("engine", args, { foreground: { type: "boolean", default: false } })
    if (values.foreground) {
      await serve()
      return 0
    }
    await control.start()
    return say("The embedded engine is running.")
  },
  async stop() {
    return say(
      (await control.stop()) ? "The embedded engine has stopped." : "No embedded engine was running.",
    )
  },
  async service(args) {
    return say(await engineService(args))
  },
  async status() {
    return say([describe(await chosen()).replace("using", "would use"), ...(await statusLines())].join("\n"))
  },
  async logs(args) {
    const { values } = parse("engine", args, { follow: { type: "boolean", short: "f", default: false } })
    return values.follow ? follow() : say(logText())
  },
  async prune(args) {
    const { values } = parse("engine", args, { all: { type: "boolean", default: false } })
    await control.prune(values.all)
    return say(
      values.all
        ? "Deleted the engine with its caches and images. The next start builds it again."
        : "Deleted the engine's caches and images.",
    )
  },
  async make(names) {
    const images = names.map(toMake)
    const parts = await control.start()
    for (const image of images.filter((one) => pinned(one, parts) === null)) await makeNow(image, parts)
    return say(images.length === 0 ? listing(parts) : "All images are made.")
  },
  async daemon([parts = ""]) {
    const wanted: Parts = JSON.parse(parts)
    await runDaemon(wanted)
    return 0
  },
  async image(args) {
    const [name = "", tag] = args
    if (tag === undefined || name.startsWith("-")) return say(await makeEngineImage(args))
    const image = findRecipe(name, tag)
    const now = control.status()
    if (!image) throw usage(`engine image: unknown image ${name}:${tag}`, "engine")
    if (now.state === "stopped" || !now.parts)
      throw usage("engine image: the engine is not running", "engine")
    return say(await makeStandIn(image, now.parts, process.stderr, sayProgress(image)))
  },
}

const PUBLIC = ["start", "stop", "status", "service", "make", "image", "logs", "prune"]

export const engine: Command = {
  name: "engine",
  group: "This machine",
  help: "starts, stops or inspects the embedded engine",
  usage: [
    "engine start [--foreground] | stop | status",
    "engine service install | status | remove",
    "engine make [IMAGE]…",
    "engine image [--output FILE] [--load]",
    "engine logs [-f]",
    "engine prune [--all]",
  ],
  details: [
    "",
    "start   builds what is missing and starts the engine; it keeps running after the command, or with",
    "        --foreground runs as long as the command",
    "stop    stops the engine; its caches stay",
    "status  shows which engine would be used and why, whether it runs, and what is on disk",
    "service makes the engine a service of systemd, which starts with this machine and again after a crash",
    "make    builds images now that a run would build when it needs them, such as `trivy` or",
    "        `node:23.11.1`; without a name it lists all images",
    "image   writes the engine as an image for Docker, Podman or Kubernetes into FILE; --load puts it",
    "        into the container runtime of this machine, under the name that the dagger client looks for",
    "logs    lists the log files and shows the end of the engine's log; -f follows it",
    "prune   deletes the engine's caches and images; --all also deletes the engine",
  ],
  async run([name = "status", ...args]) {
    const run = SUBCOMMANDS[name]
    if (!run) throw usage(`engine: unknown subcommand ${name}${didYouMean(name, PUBLIC)}`, "engine")
    return run(args)
  },
}

async function makeNow(image: Recipe, parts: Parts): Promise<void> {
  const label = `${image.name}:${image.tag}`
  const file = path.join(layout().logs, "make.log")
  const log = fs.createWriteStream(file)
  try {
    await step(label, `about ${duration(image.seconds * 1000)}`, (task) =>
      makeStandIn(image, parts, log, task.update),
    )
  } catch (error) {
    if (error instanceof HostFault) throw error
    const what = error instanceof Error ? error.message : String(error)
    const fix = "run it again: downloads and compiled packages are kept"
    throw new HostFault("build-failed", `cannot make ${label}: ${what}`, fix, file)
  } finally {
    log.end()
  }
}

function toMake(name: string): Recipe {
  const [, untagged = "", tag = ""] = /^(.+):([^/]+)$/.exec(name) ?? []
  const image =
    findRecipe(untagged, tag) ?? recipeOf(name) ?? RECIPES.find((one) => one.name.split("/").at(-1) === name)
  if (image) return image
  const names = RECIPES.map((one) => one.name)
  throw usage(`engine make: unknown image ${name}${didYouMean(name, names)}`, "engine")
}

function listing(parts: Parts): string {
  const width = Math.max(...RECIPES.map(({ name, tag }) => name.length + tag.length + 1))
  return RECIPES.map((image) => {
    const state = pinned(image, parts) ? "made" : `about ${duration(image.seconds * 1000)} to make`
    const name = `${image.name}:${image.tag}`
    return `${name.padEnd(width)}  ${state.padEnd(24)}  ${image.purpose}`
  }).join("\n")
}

function logText(): string {
  const { engineLog } = layout()
  return [...control.logFiles(), "", `${engineLog} ends with:`, ...tail(engineLog, SHOWN_LINES)].join("\n")
}

/** Prints new lines of the engine's logs until Ctrl-C. */
function follow(): Promise<number> {
  const files = [layout().engineLog, layout().daemonLog].filter((file) => fs.existsSync(file))
  const child = spawn("tail", ["-n", String(SHOWN_LINES), "-F", ...files], { stdio: "inherit" })
  process.on("SIGINT", () => {})
  return new Promise((resolve) => child.on("close", () => resolve(0)))
}
