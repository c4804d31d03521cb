import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { repository } from "../../engine/host/repository.js"
import { UNIT } from "../../engine/service-unit.js"
import { type Machine, machine } from "../install/machine.js"
import { type SystemdMachine, startSystemd } from "./systemd/machine.js"

let own: Machine
let systemd: SystemdMachine

beforeAll(async () => {
  own = await machine()
  systemd = await startSystemd(own.home)
})
afterAll(async () => {
  await systemd.stop()
  await own[Symbol.asyncDispose]()
})

const slipway = (...args: readonly string[]) => systemd.run(path.join(repository(), "slipway"), ...args)
const service = async (action: string) => (await slipway("engine", "service", action)).text.trim()

/** Waits until the service's state has a text. */
async function shows(text: string): Promise<void> {
  for (let last = "", tries = 0; !last.includes(text); await sleep(500)) {
    last = await service("status")
    if (tries++ > 120) throw new Error(`the service never was ${text}: ${last}`)
  }
}

/** Asks the engine for its version, by the client that \`slipway env\` puts on the PATH. */
async function version(): Promise<string> {
  await slipway("env")
  const ask = `echo '{version}' | ${own.home}/bin/dagger query --no-mod`
  return (await systemd.run("sh", "-c", ask)).text
}

/** The engine's process on the host of its namespaces, as that machine counts processes. */
const daemon = (): number =>
  JSON.parse(fs.readFileSync(path.join(own.home, "engine/run/daemon.json"), "utf8")).pid

test("the unit is installed, verified by systemd, and its engine answers", async () => {
  expect(await service("status")).toBe(`${UNIT}: not installed`)
  const { code, text } = await slipway("engine", "service", "install")
  expect(code, text).toBe(0)
  expect(await service("status")).toBe(`${UNIT}: active (running), enabled; restarts: 0`)
  expect(await systemd.run("systemd-analyze", "verify", UNIT)).toEqual({ code: 0, text: "" })
  expect(await version()).toContain("v0.21.8")
})

test.each([
  ["its process", "$0", 1],
  ["its engine", "$(cut -d' ' -f1 /proc/$0/task/$0/children)", 2],
])("the service starts again after %s was killed", async (_what, victim, restarts) => {
  await systemd.run("sh", "-c", `kill -KILL ${victim}`, String(daemon()))
  await shows(`active (running), enabled; restarts: ${restarts}`)
  expect(await version()).toContain("v0.21.8")
})

test("an engine that somebody stops stays stopped, and its caches are saved", async () => {
  expect((await slipway("engine", "stop")).text).toContain("has stopped")
  await shows("inactive (dead)")
  expect(await systemd.run("systemctl", "start", UNIT)).toMatchObject({ code: 0 })
  expect(await systemd.run("systemctl", "stop", UNIT)).toMatchObject({ code: 0 })
  expect(await service("status")).toContain("inactive (dead)")
  expect(fs.readFileSync(path.join(own.home, "engine/logs/daemon.log"), "utf8")).toContain(
    "stopping on SIGTERM",
  )
})

test("a service that is removed leaves nothing but the engine's state", async () => {
  expect(await systemd.run("systemctl", "start", UNIT)).toMatchObject({ code: 0 })
  expect(await service("remove")).toContain("The engine has stopped")
  expect(await service("status")).toBe(`${UNIT}: not installed`)
  expect((await systemd.run("systemctl", "list-unit-files", "--no-legend", "slipway*")).text).toBe("")
  expect((await systemd.run("find", "/etc/systemd", "-name", "slipway*")).text).toBe("")
  expect(fs.existsSync(path.join(own.home, "service.env"))).toBe(false)
  expect((await slipway("engine", "status")).text).toContain("stopped")
})
