import * as fs from "node:fs"
import { DAGGER_VERSION } from "../../engine/binaries.js"
import { MINIMUM_FREE_GB } from "../../engine/config.js"
import { status } from "../../engine/control.js"
import { siteCertificates } from "../../engine/debian.js"
import { home } from "../../engine/host/home.js"
import { shell } from "../../engine/host/shell.js"
import { layout } from "../../engine/layout.js"
import { readyParts } from "../../engine/parts.js"
import { answers } from "../../engine/running.js"
import { type Check, type Finding, fail, ok, warn } from "./check.js"

/** Gigabytes (10^9 bytes) for a build from empty caches and a first run. */
const FIRST_USE_GB = 8

const RESTART = "run `slipway engine stop`, then `slipway engine start`"

function disk(): Finding {
  const { bavail, blocks, bsize } = fs.statfsSync(home())
  const free = (bavail * bsize) / 1e9
  const text = `${free.toFixed(1)} GB of ${((blocks * bsize) / 1e9).toFixed(0)} GB free at ${home()}`
  const fix = "free some space, or set SLIPWAY_HOME to a folder on a larger disk"
  if (free < MINIMUM_FREE_GB + 1)
    return fail(`${text}: the engine would delete its caches after each run`, fix)
  return free < FIRST_USE_GB ? warn(`${text}: a first run needs about ${FIRST_USE_GB} GB`, fix) : ok(text)
}

async function namespaces(): Promise<Finding> {
  const $ = await shell()
  const tried = await $`unshare --net --mount --pid --fork -- mount --make-rprivate /`
  if (tried.exitCode === 0) return ok("network, mounts, processes")
  const fix = "run as root outside a container, or in a privileged one"
  return fail(`not permitted: ${tried.stderr.trim()}`, fix)
}

function tun(): Finding {
  const file = "/dev/net/tun"
  try {
    fs.closeSync(fs.openSync(file, "r+"))
    return ok(file)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return fail(why, `run \`modprobe tun\`; for a container, pass \`--device ${file}\``)
  }
}

function overlay(): Finding {
  const known = fs
    .readFileSync("/proc/filesystems", "utf8")
    .split("\n")
    .some((line) => line.endsWith("\toverlay"))
  return known ? ok("overlay") : fail("the kernel lacks overlay", "run `modprobe overlay`")
}

/** Certificates in the engine's folder are installed at each exec; Slipway puts them into its images instead. */
function certificates(): Finding {
  const site = siteCertificates().length
  const included = `${site} of this site, in every image built here`
  if (!process.env.SLIPWAY_MIRROR || site === 0) return ok(site === 0 ? "none of this site" : included)
  return warn(
    `${included}; images from SLIPWAY_MIRROR lack them`,
    "add them to those images: when the engine adds them, each exec takes about 1.5 s longer",
  )
}

function collector(): Finding {
  const free = `the engine keeps ${MINIMUM_FREE_GB} GB free`
  const file = `${layout().config}/engine.json`
  if (!fs.existsSync(file)) return ok(`${free} once it has started`)
  const set = fs.readFileSync(file, "utf8").includes('"maxUsedSpace"')
  return set ? ok(free) : warn("no limits set: on a fuller disk each run starts with empty caches", RESTART)
}

async function embedded(): Promise<Finding> {
  const parts = readyParts()
  const now = status()
  if (now.state === "stopped")
    return ok(
      parts
        ? `${DAGGER_VERSION}, built, stopped`
        : `${DAGGER_VERSION}, not built: the first start takes about 5 min`,
    )
  if (!(await answers(layout().socket)))
    return fail(`process ${now.pid} runs, but its engine does not answer`, RESTART)
  return now.parts?.build === parts?.build
    ? ok(`${DAGGER_VERSION}, running`)
    : warn("running, but started by another version of Slipway", RESTART)
}

/** Checks of the machine's permissions and resources for the embedded engine, and of the engine itself. */
export const systemChecks: readonly Check[] = [
  { name: "disk", run: disk },
  { name: "namespaces", run: namespaces },
  { name: "tun", run: tun },
  { name: "overlayfs", run: overlay },
  { name: "certificates", run: certificates },
  { name: "collector", run: collector },
  { name: "engine", run: embedded },
]
