import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { choose, daggerVersion, findCommand, describe as inWords, probe } from "../../../engine/choose.js"

const dagger = { path: "/usr/bin/dagger", version: "v0.21.8" }
const nothing = { address: null, dagger: null, runtime: null }

describe("which engine", () => {
  it.each([
    ["a named one before all else", { address: "tcp://engine:1234", dagger, runtime: "docker" }, "named"],
    ["the stock one where client and runtime are", { ...nothing, dagger, runtime: "podman" }, "stock"],
    ["the embedded one without a runtime", { ...nothing, dagger }, "embedded"],
    ["the embedded one without a client", { ...nothing, runtime: "docker" }, "embedded"],
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

  it("reads the client's version", () => {
    expect(
      daggerVersion("dagger v0.21.8 (docker-image://registry.dagger.io/engine:v0.21.8) linux/amd64\n"),
    ).toBe("v0.21.8")
    expect(daggerVersion("something else")).toBeNull()
    expect(daggerVersion(null)).toBeNull()
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
    expect(await probe({ PATH: folder }, "")).toEqual(nothing)
  })

  it("takes the first runtime that answers, and none whose daemon does not", async () => {
    command("dagger", "echo dagger v0.21.8")
    command("docker", "exit 1")
    const here = { path: path.join(folder, "dagger"), version: "v0.21.8" }
    expect(await probe({ PATH: folder }, "")).toEqual({ ...nothing, dagger: here })
    command("podman", "exit 0")
    expect(await probe({ PATH: folder }, "")).toEqual({ ...nothing, dagger: here, runtime: "podman" })
  })

  it("does not wait for a runtime that hangs", async () => {
    command("docker", "exec /bin/sleep 60")
    fs.rmSync(path.join(folder, "podman"))
    const began = performance.now()
    expect((await probe({ PATH: folder }, "")).runtime).toBeNull()
    expect(performance.now() - began).toBeLessThan(4500)
  })

  it("does not take its own wrapper for a client", async () => {
    expect(await probe({ PATH: folder }, folder)).toEqual(nothing)
    expect(findCommand("dagger", `/nowhere:${folder}`)).toBe(path.join(folder, "dagger"))
  })
})
