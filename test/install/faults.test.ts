import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { $ } from "zx"
import { commandsWithout, launcher, machine, plainEnvironment, version } from "./machine.js"

/** Problem, fix, and perhaps a log; no stack trace. */
const MESSAGE = /^slipway: .+\n {2}→ .+\n( {2}log: .+\n)?$/m

const binaries = (folder: string): string =>
  path.join(folder, fs.readdirSync(folder).find((name) => /^binaries-[0-9a-f]+$/.test(name)) ?? "")

describe("a machine that lacks something", () => {
  it("asks for root where there is no Docker", async () => {
    await using own = await machine({ parts: false })
    fs.chmodSync(own.home, 0o777)
    const env = { ...plainEnvironment(), HOME: own.home, SLIPWAY_HOME: path.join(own.home, "state") }
    const call = await $({
      nothrow: true,
      quiet: true,
      env,
    })`setpriv --reuid=65534 --regid=65534 --clear-groups ${launcher} ci ${own.home}`
    expect(call.exitCode, call.stderr).toBe(30)
    expect(call.stderr).toMatch(MESSAGE)
    expect(call.stderr).toContain("is not root")
  })

  it("names SLIPWAY_HOME when it cannot write its state", async () => {
    await using own = await machine({ parts: false })
    const env = { ...plainEnvironment(), SLIPWAY_HOME: path.join(own.home, "state") }
    const call = await $({
      nothrow: true,
      quiet: true,
      env,
    })`setpriv --reuid=65534 --regid=65534 --clear-groups ${launcher} ci /tmp`
    expect(call.exitCode, call.stderr).toBe(33)
    expect(call.stderr).toContain("SLIPWAY_HOME")
  })

  it("names SLIPWAY_HOME when no folder can be made there", async () => {
    await using own = await machine({ parts: false })
    const call = await own.slipway(["engine", "status"], { SLIPWAY_HOME: "/proc/slipway/state" })
    expect(call.exitCode, call.stderr).toBe(33)
    expect(call.stderr).toMatch(MESSAGE)
    expect(call.stderr).toContain("/proc/slipway/state")
  })

  it.each([
    ["go is missing", { go: null }, 31, "Go"],
    ["go is too old", { go: "echo go version go1.22.0 linux/amd64" }, 31, "go1.22.0"],
    ["node is too old", { node: "echo v18.19.0" }, 31, "v18.19.0 is too old"],
    ["node is missing", { node: null }, 31, "Node.js is missing"],
    ["flock is missing", { flock: null }, 31, "util-linux"],
  ] as const)("fails when %s", async (_, commands, code, words) => {
    await using own = await machine({ parts: false })
    const PATH = commandsWithout(path.join(own.home, "commands"), commands)
    const call = await own.slipway(["engine", "start"], { PATH })
    expect(call.exitCode, call.stderr).toBe(code)
    expect(call.stderr).toContain(words)
    expect(call.stderr).not.toContain("    at ")
  })

  it("fails before it builds when the disk is nearly full", async () => {
    await using own = await machine({ parts: false })
    const command = `mount -t tmpfs -o size=200m tmpfs ${own.home} && exec ${launcher} engine start`
    const env = { ...plainEnvironment(), SLIPWAY_HOME: own.home }
    const call = await $({ nothrow: true, quiet: true, env })`unshare --mount sh -c ${command}`
    expect(call.exitCode, call.stderr).toBe(32)
    expect(call.stderr).toMatch(MESSAGE)
    expect(call.stderr).toContain("0.2 GB free")
  })

  it.each([
    ["no folder", ["ci", "/no/such/folder"], 37, "/no/such/folder"],
    ["a file", ["ci", launcher], 37, "not a folder"],
    ["an unknown command", ["egnine"], 2, "slipway engine"],
    ["an unknown option", ["ci", "--rreun"], 2, "slipway help ci"],
    ["two folders", ["ci", "/tmp", "/usr"], 2, "/tmp, /usr"],
  ] as const)("refuses %s in one message", async (_, args, code, words) => {
    await using own = await machine({ parts: false })
    const call = await own.slipway(args)
    expect(call.exitCode).toBe(code)
    expect(call.stderr).toMatch(MESSAGE)
    expect(call.stderr).toContain(words)
  })

  it("fails at once when a named engine does not answer", async () => {
    await using own = await machine()
    const env = { _EXPERIMENTAL_DAGGER_RUNNER_HOST: `unix://${own.home}/none.sock` }
    const call = await own.slipway(["ci", own.home], env)
    expect(call.exitCode).toBe(35)
    expect(call.stderr).toMatch(MESSAGE)
  })
})

describe("a build that was cut short", () => {
  it("is finished by the next start, and a truncated binary is built again", async () => {
    await using own = await machine()
    // A new inode: the linked one belongs to this machine.
    const dagger = path.join(binaries(own.home), "bin/dagger")
    fs.rmSync(dagger)
    fs.writeFileSync(dagger, "cut")
    for (const seconds of [0.5, 2 + Math.random() * 6]) {
      const env = { ...plainEnvironment(), SLIPWAY_HOME: own.home }
      const child = spawn(launcher, ["engine", "start"], { env, stdio: "ignore" })
      await sleep(seconds * 1000)
      child.kill("SIGKILL")
    }
    // A fast machine has started the engine by then, and that may stay.
    const left = async () =>
      (await processesOn(own.home)).filter((line) => !/ engine daemon |slirp4netns/.test(line))
    await expect.poll(left, { timeout: 20_000, interval: 500 }).toEqual([])
    const call = await own.slipway(["engine", "start"])
    expect(call, call.stderr).toMatchObject({ exitCode: 0 })
    expect(await version(own)).toContain("v0.21.8")
    expect(fs.readdirSync(own.home).filter((name) => name.includes("partial"))).toEqual([])
  })
})

/** Command lines of processes that name a folder. */
async function processesOn(folder: string): Promise<readonly string[]> {
  const { stdout } = await $({ quiet: true })`ps -eo args`
  return stdout.split("\n").filter((line) => line.includes(folder))
}
