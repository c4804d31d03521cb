import * as fs from "node:fs"
import { DAGGER_VERSION } from "../../engine/binaries.js"
import { MINIMUM_FREE_GB } from "../../engine/config.js"
import { status } from "../../engine/control.js"
import { siteCertificates } from "../../engine/debian.js"
import { layout } from "../../engine/layout.js"
import { readyParts } from "../../engine/parts.js"
import { answers } from "../../engine/running.js"
import { home } from "../home.js"
import { shell } from "../shell.js"
import { type Check, type Finding, fail, ok, warn } from "./check.js"

/** Gigabytes that a build from nothing and a first run take. */
const FIRST_USE_GB = 8

function disk(): Finding {
  const { bavail, blocks, bsize } = fs.statfsSync(home())
  const free = (bavail * bsize) / 1e9
  const text = `${free.toFixed(1)} GB of ${((blocks * bsize) / 1e9).toFixed(0)} GB free at ${home()}`
  const fix = "free some space, or set SLIPWAY_HOME to a folder on a larger disk"
  if (free < MINIMUM_FREE_GB + 1)
    return fail(`${text}: the engine would throw its caches away after each run`, fix)
  return free < FIRST_USE_GB ? warn(`${text}: a first use takes about ${FIRST_USE_GB} GB`, fix) : ok(text)
}

async function namespaces(): Promise<Finding> {
  const $ = await shell()
  const tried = await $`unshare --net --mount --pid --fork -- mount --make-rprivate /`
  if (tried.exitCode === 0) return ok("network, mounts, processes")
  const fix = "run as root outside a container, or in a privileged one"
  return fail(`this process may not make them: ${tried.stderr.trim()}`, fix)
}

function tun(): Finding {
  const file = "/dev/net/tun"
  try {
    fs.closeSync(fs.openSync(file, "r+"))
    return ok(file)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return fail(why, `modprobe tun; in a container: --device ${file}`)
  }
}

function overlay(): Finding {
  const known = fs
    .readFileSync("/proc/filesystems", "utf8")
    .split("\n")
    .some((line) => line.endsWith("\toverlay"))
  return known ? ok("overlay") : fail("the kernel does not know overlay", "modprobe overlay")
}

/** The engine installs what is in its own folder in each container, at each exec; Slipway bakes them in instead. */
function certificates(): Finding {
  const site = siteCertificates().length
  const baked = `${site} of this site's, in the images made here: no cost at a run`
  if (!process.env.SLIPWAY_MIRROR || site === 0) return ok(site === 0 ? "none of this site's own" : baked)
  return warn(
    `${baked}; images that SLIPWAY_MIRROR serves do not have them`,
    "bake them into your images: to have the engine add them costs about 1.5 s at each exec",
  )
}

function collector(): Finding {
  const free = `the engine keeps ${MINIMUM_FREE_GB} GB free`
  const file = `${layout().config}/engine.json`
  if (!fs.existsSync(file)) return ok(`${free} once it was started`)
  const set = fs.readFileSync(file, "utf8").includes('"maxUsedSpace"')
  return set
    ? ok(free)
    : warn(
        "no limits are set: on a fuller disk each run starts cold",
        "slipway engine stop; slipway engine start",
      )
}

async function embedded(): Promise<Finding> {
  const parts = readyParts()
  const now = status()
  if (now.state === "stopped")
    return ok(
      parts
        ? `${DAGGER_VERSION}, built, stopped`
        : `${DAGGER_VERSION}, not built yet: a first start takes about 5 min`,
    )
  const fix = "slipway engine stop; slipway engine start"
  if (!(await answers(layout().socket)))
    return fail(`process ${now.pid} runs, and its engine does not answer`, fix)
  return now.parts?.build === parts?.build
    ? ok(`${DAGGER_VERSION}, running`)
    : warn("it runs from parts of another Slipway", fix)
}

/** What the machine itself must allow for the embedded engine, and the engine's own state. */
export const systemChecks: readonly Check[] = [
  { name: "disk", run: disk },
  { name: "namespaces", run: namespaces },
  { name: "tun", run: tun },
  { name: "overlayfs", run: overlay },
  { name: "certificates", run: certificates },
  { name: "collector", run: collector },
  { name: "engine", run: embedded },
]
