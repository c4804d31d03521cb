import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { choose, describe as inWords, probe, readDagger } from "../../../engine/choose.js"
import { findCommand } from "../../../engine/commands.js"
import type { Runtime } from "../../../engine/runtime.js"

const dagger = { path: "/usr/bin/dagger", version: "v0.21.8", image: null }
const runtime: Runtime = { command: "docker", fitness: "fit", text: "docker 27.1.0", fix: null }
const nothing = { address: null, dagger: null, runtime: null }

describe("which engine", () => {
  it.each([
    ["a named one before all else", { address: "tcp://engine:1234", dagger, runtime }, "named"],
    ["the stock one where client and runtime are", { ...nothing, dagger, runtime }, "stock"],
    ["the embedded one without a runtime", { ...nothing, dagger }, "embedded"],
    ["the embedded one without a client", { ...nothing, runtime }, "embedded"],
    ["the embedded one with nothing", nothing, "embedded"],
  ] as const)("is %s", (_, offer, kind) => {
    expect(choose(offer).kind).toBe(kind)
  })

  it("warns of a client of another version", () => {
    const choice = choose({ ...nothing, dagger: { ...dagger, version: "v0.20.0" } })
    expect(choice).toMatchObject({
      kind: "embedded",
      warning: "install dagger v0.21.8 to use the stock engine",
    })
    expect(inWords(choice)).toMatch(/^using the embedded engine: .*v0\.20\.0/)
  })

  it.each([
    ["unfit", "embedded", "start it"],
    ["risky", "stock", "start it"],
    ["fit", "stock", null],
  ] as const)("warns of a runtime that is %s", (fitness, kind, warning) => {
    const choice = choose({ ...nothing, dagger, runtime: { ...runtime, fitness, fix: "start it" } })
    expect(choice).toMatchObject({ kind, warning })
    expect(choice.because).toContain(runtime.text)
  })

  it("reads the client's version, and the name of its engine's image", () => {
    expect(readDagger("d", "dagger v0.21.8 (image://registry.example.org/engine:v1) linux/amd64\n")).toEqual({
      path: "d",
      version: "v0.21.8",
      image: "registry.example.org/engine:v1",
    })
    expect(readDagger("d", "dagger v0.18.0 (docker-image://a/engine:v0.18.0)").image).toBe("a/engine:v0.18.0")
    expect(readDagger("d", "dagger v0.21.8 (unix:///run/engine.sock) linux/amd64").image).toBeNull()
    expect(readDagger("d", "something else").version).toBe("of an unknown version")
  })
})

describe("looking at a machine", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-choose-"))
  afterAll(() => fs.rmSync(folder, { recursive: true }))
  const command = (name: string, script: string) =>
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })

  it("asks no further than the choice needs", async () => {
    const env = { PATH: folder, _EXPERIMENTAL_DAGGER_RUNNER_HOST: "unix:///run/engine.sock" }
    expect(await probe(env, "")).toEqual({ ...nothing, address: "unix:///run/engine.sock" })
    command("docker", "touch asked")
    expect(await probe({ PATH: folder }, "")).toEqual(nothing)
  })

  it("finds the client and the runtime", async () => {
    command("dagger", "echo dagger v0.21.8")
    command("docker", `echo '{"ServerVersion":"27.1.0"}'`)
    const here = { path: path.join(folder, "dagger"), version: "v0.21.8", image: null }
    expect(await probe({ PATH: folder }, "")).toEqual({ ...nothing, dagger: here, runtime })
  })

  it("does not take its own wrapper for a client", async () => {
    expect(await probe({ PATH: folder }, folder)).toEqual(nothing)
    expect(findCommand("dagger", `/nowhere:${folder}`)).toBe(path.join(folder, "dagger"))
  })
})
