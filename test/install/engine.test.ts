import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { describe, expect, it } from "vitest"
import { goBuild } from "../../engine/go-build.js"
import { machine, version } from "./machine.js"

const ENGINE_VERSION = /"version": "v0\.21\.8"/

describe("the embedded engine", () => {
  it("starts in under 3 s, answers, and stops in under 8 s, its cgroups gone", async () => {
    await using own = await machine()
    const began = performance.now()
    expect(await own.slipway(["engine", "start"])).toMatchObject({ exitCode: 0 })
    expect(performance.now() - began).toBeLessThan(3000)
    expect(await version(own)).toMatch(ENGINE_VERSION)
    const stopping = performance.now()
    expect((await own.slipway(["engine", "stop"])).stdout).toContain("has stopped")
    expect(performance.now() - stopping).toBeLessThan(8000)
    expect((await own.slipway(["engine", "stop"])).stdout).toContain("No embedded engine was running")
  })

  it("is started once by two at once", async () => {
    await using own = await machine()
    const both = await Promise.all([own.slipway(["engine", "start"]), own.slipway(["engine", "start"])])
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(both.some(({ stderr }) => stderr.includes("waiting for it"))).toBe(true)
    expect(await version(own)).toMatch(ENGINE_VERSION)
  })

  it("is found, and not started twice, when daemon.json holds garbage", async () => {
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

  it("puts a damaged state aside and starts with a fresh one", async () => {
    await using own = await machine()
    await own.slipway(["engine", "start"])
    await own.slipway(["engine", "stop"])
    const state = path.join(own.home, "engine/state")
    for (const file of fs.readdirSync(state, { recursive: true, encoding: "utf8" }))
      if (file.endsWith(".db")) fs.writeFileSync(path.join(state, file), "garbage")
    const call = await own.slipway(["engine", "start"])
    expect(call, call.stderr).toMatchObject({ exitCode: 0 })
    expect(await version(own)).toMatch(ENGINE_VERSION)
  })

  it("does not mind a busy port 5000 on the host", async () => {
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

  it("refuses a plain dagger call at once when it does not run", async () => {
    await using own = await machine()
    await version(own)
    await own.slipway(["engine", "stop"])
    const { $ } = await import("zx")
    const call = await $({ nothrow: true, quiet: true })`${own.home}/bin/dagger functions`
    expect(call.exitCode).toBe(35)
    expect(call.stderr).toContain("slipway engine start")
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
