import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { launcher, type Machine, machine, plainEnvironment } from "./machine.js"

/** A stage that only a signal ends, and one that ends by itself. */
const stage = (command: string) =>
  `project: waiter\ncustom:\n  wait:\n    image: debian:bookworm-slim\n    commands: ["${command}"]\n`
const LONG = "sleep 4321"

/** Processes of a stage's container: the host sees them as its own. */
const waiting = (): readonly string[] =>
  fs.readdirSync("/proc").filter((pid) => {
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8") === `${LONG.replaceAll(" ", "\0")}\0`
    } catch {
      return false
    }
  })

async function until(condition: () => boolean, seconds: number): Promise<boolean> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100))
    if (condition()) return true
  return condition()
}

interface Ended {
  readonly code: number | null
  readonly stderr: string
}

function ended(child: ChildProcess): Promise<Ended> {
  let stderr = ""
  child.stderr?.on("data", (text) => {
    stderr += text
  })
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stderr })))
}

describe("slipway ci", () => {
  let own: Machine
  const app = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-app-"))
  const evidence = () => fs.readdirSync(path.join(app, ".slipway")).sort()
  const describeStage = (command: string) => fs.writeFileSync(path.join(app, "slipway.yaml"), stage(command))
  /** Starts a run whose stage waits, and returns when it does. */
  const startRun = async (): Promise<readonly [ChildProcess, Promise<Ended>]> => {
    describeStage(LONG)
    const env = { ...plainEnvironment(), SLIPWAY_HOME: own.home }
    const child = spawn(launcher, ["ci", app], { env, stdio: ["ignore", "ignore", "pipe"] })
    const result = ended(child)
    if (!(await until(() => waiting().length > 0, 200))) {
      child.kill("SIGTERM")
      throw new Error(`the stage did not start: ${(await result).stderr}`)
    }
    return [child, result]
  }

  beforeAll(async () => {
    own = await machine({ images: true })
  })
  afterAll(async () => {
    await own[Symbol.asyncDispose]()
    fs.rmSync(app, { recursive: true, force: true })
  })

  it("ends at Ctrl-C with one message, its containers and temporary folders gone, the engine up", async () => {
    const [child, result] = await startRun()
    child.kill("SIGINT")
    const { code, stderr } = await result
    expect(code, stderr).toBe(130)
    expect(stderr).toMatch(/\nslipway: interrupted: [^\n]+\n$/)
    expect(await until(() => waiting().length === 0, 10)).toBe(true)
    expect(evidence()).toEqual([".gitignore", "dagger.log"])
    expect((await own.slipway(["engine", "status"])).stdout).toContain("running: process")
  })

  it("says that the engine ended during the run; the next run starts it and succeeds", async () => {
    const [, result] = await startRun()
    const { pid } = JSON.parse(fs.readFileSync(path.join(own.home, "engine/run/daemon.json"), "utf8"))
    process.kill(pid, "SIGKILL")
    const { code, stderr } = await result
    expect(code, stderr).toBe(35)
    expect(stderr).toContain("slipway: the engine stopped during the run\n")
    expect(waiting()).toEqual([])
    describeStage("true")
    const call = await own.slipway(["ci", app])
    expect(call.exitCode, call.stderr + call.stdout).toBe(0)
    expect(call.stdout).toContain("waiter passed")
    expect(evidence()).toContain("result.json")
  })

  it("takes no earlier report for its own when the project's file is wrong", async () => {
    fs.writeFileSync(path.join(app, "slipway.yaml"), "projct: waiter\n")
    const call = await own.slipway(["ci", app])
    expect(call.exitCode, call.stderr).toBe(20)
    expect(call.stderr).toMatch(/^slipway: slipway\.yaml:1:1: /m)
    expect(call.stderr).toContain("To fix it: ")
    expect(evidence()).not.toContain("result.json")
    expect(fs.existsSync(path.join(app, ".slipway/previous/result.json"))).toBe(true)
  })
})
