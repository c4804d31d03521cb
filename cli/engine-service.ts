import * as fs from "node:fs"
import * as path from "node:path"
import { prepare, stop } from "../engine/control.js"
import { HostFault } from "../engine/host/fault.js"
import { home } from "../engine/host/home.js"
import { repository } from "../engine/host/repository.js"
import { shell } from "../engine/host/shell.js"
import { requireRoot } from "../engine/parts.js"
import { environmentFile, environmentText, type Places, UNIT, unitText } from "../engine/service-unit.js"
import { usage } from "./args.js"
import { replaceFile } from "./folder.js"

/** Where an administrator's units lie. */
const UNIT_FILE = path.join("/etc/systemd/system", UNIT)

const places = (): Places => ({ repository: repository(), home: home() })

const ACTIONS: Readonly<Record<string, () => Promise<string>>> = { install, status, remove }

/** Installs, shows or removes the engine as a service of systemd. Returns what it did. */
export function engineService([action = "status", ...rest]: readonly string[]): Promise<string> {
  const run = ACTIONS[action]
  if (run === undefined || rest.length > 0)
    throw usage(`engine service: name one of ${Object.keys(ACTIONS).join(", ")}`, "engine")
  return run()
}

/** Builds the engine, then hands it to systemd: one that runs already would stay outside of the service. */
async function install(): Promise<string> {
  requireSystemd()
  await prepare()
  if (!fs.existsSync(UNIT_FILE)) await stop()
  replaceFile(environmentFile(places()), environmentText(places(), process.env), 0o600)
  replaceFile(UNIT_FILE, unitText(places()), 0o644)
  await systemctl("daemon-reload")
  await systemctl("enable", "--quiet", UNIT)
  await systemctl("restart", UNIT)
  return `Installed ${UNIT_FILE}: the engine runs, and starts with this machine.`
}

async function status(): Promise<string> {
  if (!fs.existsSync(UNIT_FILE)) return `${UNIT}: not installed`
  const shown = await systemctl("show", "--property=ActiveState,SubState,UnitFileState,NRestarts", UNIT)
  const state = Object.fromEntries(shown.split("\n").map((line) => line.split("=")))
  const { ActiveState, SubState, UnitFileState, NRestarts } = state
  const old = fs.readFileSync(UNIT_FILE, "utf8") !== unitText(places())
  return [
    `${UNIT}: ${ActiveState} (${SubState}), ${UnitFileState}; restarts: ${NRestarts}`,
    ...(old
      ? ["`slipway engine service install` would write another unit: run it after an update of Slipway"]
      : []),
  ].join("\n")
}

async function remove(): Promise<string> {
  if (!fs.existsSync(UNIT_FILE)) return `${UNIT}: not installed`
  requireSystemd()
  await systemctl("disable", "--quiet", "--now", UNIT)
  for (const file of [UNIT_FILE, environmentFile(places())]) fs.rmSync(file, { force: true })
  await systemctl("daemon-reload")
  return `Removed ${UNIT_FILE}. The engine has stopped; its caches stay.`
}

/** @throws HostFault `tool-missing` where systemd is not this machine's first process, `not-root`. */
function requireSystemd(): void {
  requireRoot()
  // sd_booted(3)
  if (fs.existsSync("/run/systemd/system")) return
  throw new HostFault(
    "tool-missing",
    "systemd does not run this machine",
    "have another supervisor run `slipway engine start --foreground`",
  )
}

async function systemctl(...args: readonly string[]): Promise<string> {
  const $ = await shell()
  const { exitCode, stdout, stderr } = await $`systemctl ${args}`
  if (exitCode === 0) return stdout.trim()
  const why = stderr.trim() || `exit code ${exitCode}`
  throw new HostFault(
    "engine-failed",
    `systemctl ${args.join(" ")}: ${why}`,
    `\`journalctl --unit ${UNIT}\` shows why`,
  )
}
