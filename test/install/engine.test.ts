import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { goBuild } from "../../engine/go-build.js"
import { type Machine, machine, query, version } from "./machine.js"

const ENGINE_VERSION = /"version": "v0\.21\.8"/

describe("the embedded engine", () => {
  it("starts, answers and stops", async () => {
    await using own = await machine()
    expect(await own.slipway(["engine", "start"])).toMatchObject({ exitCode: 0 })
    expect(await version(own)).toMatch(ENGINE_VERSION)
    expect((await own.slipway(["engine", "stop"])).stdout).toContain("has stopped")
    expect((await own.slipway(["engine", "stop"])).stdout).toContain("No embedded engine")
  })

  it("starts once for two commands at once", async () => {
    await using own = await machine()
    const both = await Promise.all([own.slipway(["engine", "start"]), own.slipway(["engine", "start"])])
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(both.some(({ stderr }) => stderr.includes("waiting for it"))).toBe(true)
    expect(await version(own)).toMatch(ENGINE_VERSION)
  })

  it("is found and not started twice when daemon.json is damaged", async () => {
    await using own = await machine()
    await own.slipway(["engine", "start"])
    const file = path.join(own.home, "engine/run/daemon.json")
    const { pid } = JSON.parse(fs.readFileSync(file, "utf8"))
    fs.writeFileSync(file, '{"pid":')
    expect(await own.slipway(["engine", "start"])).toMatchObject({ exitCode: 0 })
    expect((await own.slipway(["engine", "status"])).stdout).toContain(`process ${pid}`)
    expect(await own.slipway(["engine", "stop"])).toMatchObject({ exitCode: 0 })
    expect(fs.existsSync(`/proc/${pid}`)).toBe(false)
  })

  it("starts again after its daemon was killed", async () => {
    await using own = await machine()
    await own.slipway(["engine", "start"])
    const { pid } = JSON.parse(fs.readFileSync(path.join(own.home, "engine/run/daemon.json"), "utf8"))
    process.kill(pid, "SIGKILL")
    const call = await own.slipway(["engine", "start"])
    expect(call, call.stderr).toMatchObject({ exitCode: 0 })
    expect(await version(own)).toMatch(ENGINE_VERSION)
  })

  it.each([
    ["are garbage", (file: string) => file.endsWith(".db") && "garbage"],
    ["have lost what they refer to", (file: string) => file.endsWith("containerdmeta.db") && ""],
  ])("starts with an empty state where the caches %s", async (_, damage) => {
    await using own = await machine()
    await own.slipway(["engine", "start"])
    await query(own, '{directory{withNewFile(path:"kept",contents:"text"){file(path:"kept"){contents}}}}')
    await own.slipway(["engine", "stop"])
    const state = path.join(own.home, "engine/state")
    for (const file of fs.readdirSync(state, { recursive: true, encoding: "utf8" })) {
      const text = damage(file)
      if (text === "") fs.rmSync(path.join(state, file))
      else if (text) fs.writeFileSync(path.join(state, file), text)
    }
    const call = await own.slipway(["engine", "start"])
    expect(call, call.stderr).toMatchObject({ exitCode: 0 })
    expect(call.stderr).toContain("caches were damaged")
    expect(await version(own)).toMatch(ENGINE_VERSION)
  })

  it("starts while port 5000 of the host is busy", async () => {
    const { createServer } = await import("node:net")
    const server = createServer().listen(5000, "127.0.0.1")
    try {
      await using own = await machine()
      expect(await own.slipway(["engine", "start"])).toMatchObject({ exitCode: 0 })
      expect(await version(own)).toMatch(ENGINE_VERSION)
    } finally {
      server.close()
    }
  })

  it("fails a plain dagger call at once when it is stopped", async () => {
    await using own = await machine()
    await version(own)
    await own.slipway(["engine", "stop"])
    const { $ } = await import("zx")
    const call = await $({ nothrow: true, quiet: true })`${own.home}/bin/dagger functions`
    expect(call.exitCode).toBe(35)
    expect(call.stderr).toContain("slipway engine start")
  })
})

/** A command whose output differs at every run: the same output twice comes from the cache. */
const REMEMBERED = `{ container { from(address: "debian:bookworm-slim") {
  withExec(args: ["cat", "/proc/sys/kernel/random/uuid"]) { stdout } } } }`
const ENDLESS = REMEMBERED.replace('"cat", "/proc/sys/kernel/random/uuid"', '"sleep", "4321"')

/** A shell command in a container that has a cache volume, given by its identifier. */
const inVolume = (
  volume: string,
  script: string,
): string => `{ container { from(address: "debian:bookworm-slim") {
  withMountedCache(path: "/volume", cache: "${volume}") { withExec(args: ["sh", "-c", "${script}"]) { stdout } } } } }`

async function remembered(own: Machine): Promise<string> {
  const { stdout, stderr } = await query(own, REMEMBERED)
  const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(stdout)?.[0]
  if (uuid === undefined) throw new Error(`no output: ${stdout}${stderr}`)
  return uuid
}

/** Waits until a file of the engine's logs has a text. */
async function logged(own: Machine, text: string, file = "engine.log"): Promise<void> {
  const log = path.join(own.home, "engine/logs", file)
  for (let tries = 0; !fs.readFileSync(log, "utf8").includes(text); tries++) {
    if (tries > 1200) throw new Error(`${log} never had: ${text}`)
    await sleep(100)
  }
}

const daemon = (own: Machine): number =>
  JSON.parse(fs.readFileSync(path.join(own.home, "engine/run/daemon.json"), "utf8")).pid

/** Names of the images that the engine made since the machine was set up. */
const made = (own: Machine): readonly string[] =>
  fs.readdirSync(path.join(own.home, "engine/logs")).filter((name) => name.startsWith("image-"))

describe("a killed engine", () => {
  it.each([
    ["idle", null],
    ["running a command", ENDLESS],
  ])("keeps its images and the results of earlier sessions when it was %s", async (_, running) => {
    await using own = await machine({ images: true })
    await own.slipway(["engine", "start"])
    const before = await remembered(own)
    const images = made(own)
    await logged(own, "saved the cache's state")
    if (running) {
      void query(own, running)
      await logged(own, "sleep 4321")
    }
    process.kill(daemon(own), "SIGKILL")
    expect(await own.slipway(["engine", "start"])).toMatchObject({ exitCode: 0 })
    expect(await remembered(own)).toBe(before)
    expect(made(own)).toEqual(images)
  })

  it("keeps a cache volume that a command was writing to", async () => {
    await using own = await machine({ images: true })
    const { stdout } = await query(own, '{cacheVolume(key:"kept"){id}}')
    const volume: string = JSON.parse(stdout).cacheVolume.id
    const run = (script: string) => query(own, inVolume(volume, script))
    await run("echo first > /volume/first")
    await logged(own, "saved the cache's state")
    void run("echo second > /volume/second; sleep 4321")
    const layers = path.join(own.home, "engine/state/worker/snapshots/snapshots")
    const written = () =>
      fs.readdirSync(layers).some((name) => fs.existsSync(path.join(layers, name, "fs/second")))
    for (let tries = 0; !written(); tries++, await sleep(100))
      expect(tries, "the command ran").toBeLessThan(600)
    process.kill(daemon(own), "SIGKILL")
    expect(await own.slipway(["engine", "start"])).toMatchObject({ exitCode: 0 })
    const kept = await run("cat /volume/first /volume/second")
    expect(kept.stdout, kept.stderr).toContain("first\\nsecond\\n")
  })
})

describe("the build of a Go program", () => {
  it("counts up to the total on a real build", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-go-"))
    fs.writeFileSync(path.join(folder, "go.mod"), "module example.org/app\ngo 1.22\n")
    fs.writeFileSync(
      path.join(folder, "main.go"),
      'package main\nimport "example.org/app/sub"\nfunc main() { sub.Run() }\n',
    )
    fs.mkdirSync(path.join(folder, "sub"))
    fs.writeFileSync(
      path.join(folder, "sub/sub.go"),
      `package sub\n// ${folder}\nfunc Run() { println("ran") }\n`,
    )
    const states: string[] = []
    await goBuild({
      args: ["-o", path.join(folder, "out"), "."],
      cwd: folder,
      env: process.env,
      log: path.join(folder, "log"),
      timeout: 300,
      progress: (state) => states.push(state),
    })
    expect(states).toEqual(["1 of 2 packages", "2 of 2 packages"])
    fs.rmSync(folder, { recursive: true })
  })
})
