import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, it, test } from "vitest"
import { VERSION } from "../../../ci/src/run/version.js"
import { parse, split } from "../../../cli/args.js"
import { manual, overview, unknown } from "../../../cli/commands/help.js"
import { commands } from "../../../cli/commands/index.js"
import { CommandFault } from "../../../cli/fault.js"
import { moduleDescription } from "../../../cli/module/load.js"
import { engineConfig, proxyEnvironment } from "../../../engine/config.js"
import { repository } from "../../../engine/host/repository.js"

// Loads the compiler, which takes long on a busy machine.
const module = await moduleDescription()

describe("the commands", () => {
  it("have unique names", () => {
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length)
  })

  it.each(commands)("describes `$name` in one line and in its own help", ({ name, help, usage }) => {
    expect(help).toMatch(/^[a-z]+s,? .{8,90}[^.]$/)
    expect(usage.length).toBeGreaterThan(0)
    const text = manual(commands, module, [name])
    expect(text).toMatch(/^slipway /)
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(120)
  })

  it("lists every command in the help", () => {
    const text = overview(commands, module)
    for (const { name } of commands) expect(text).toMatch(new RegExp(`^  ${name} `, "m"))
  })

  it.each([
    ["dcotor", "doctor"],
    ["delpoy", "deploy"],
    ["integration", "test integration"],
  ])("suggests the nearest command or function for %s", (word, near) => {
    const fault = unknown(word, commands, module)
    expect(fault).toMatchObject({ kind: "usage", fix: expect.stringContaining(`slipway ${near}`) })
  })

  it("accept options, folders and arguments after --", () => {
    expect(split(["a", "--", "b", "--", "c"])).toEqual([["a"], ["b", "--", "c"]])
    expect(parse("ci", ["--rerun", "app"], { rerun: { type: "boolean" } })).toMatchObject({
      values: { rerun: true },
      positionals: ["app"],
    })
    expect(() => parse("ci", ["--no-such"], {})).toThrow(CommandFault)
  })
})

test("the version is the same in package.json, in records and of the command", () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(repository(), "package.json"), "utf8"))
  expect(manifest.version).toBe(VERSION)
  const printed = execFileSync(path.join(repository(), "slipway"), ["--version"], { encoding: "utf8" })
  expect(printed).toMatch(new RegExp(`^slipway ${VERSION}( \\([0-9a-f]{12}\\))?\n$`))
})

describe("the engine's configuration", () => {
  it("asks a site's own mirror first, and limits the collector", () => {
    const mirrors = {
      "docker.io": { mirrors: ["hub.example.org", "127.0.0.1:5000"] },
      "ghcr.io": { mirrors: ["127.0.0.1:5000"] },
    }
    expect(engineConfig("hub.example.org")).toMatchObject({
      registries: mirrors,
      gc: { minFreeSpace: "2GB" },
    })
  })

  it("hands proxies on, those of the host's loopback by the address that leads there", () => {
    expect(proxyEnvironment({})).toEqual({})
    expect(proxyEnvironment({ https_proxy: "http://user@localhost:3128", no_proxy: "intern" })).toEqual({
      https_proxy: "http://user@10.0.2.2:3128",
      no_proxy: "intern,127.0.0.1,localhost",
      NO_PROXY: "intern,127.0.0.1,localhost",
    })
  })
})
