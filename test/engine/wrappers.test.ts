import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import type { RunRecord } from "../../ci/src/run/result.js"
import { SLIPWAY } from "../../ci/src/vendors/wrappers/wrapper.js"
import { NAMES, render } from "../../cli/wrappers/work.js"
import { app, commitAll, temporary, write } from "./support.js"
import { comparable, copyOf, own, PIN, small } from "./vendor-apps.js"
import { fileOf, MACHINES, start } from "./vendor-machines.js"

const commitOf = (folder: string) =>
  execFileSync("git", ["-C", folder, "rev-parse", "HEAD"], { encoding: "utf8" }).trim()

/** Runs a vendor's written file as its machine does; returns the exit code of the check and what the steps print. */
async function check(vendor: string, app: string) {
  const folder = copyOf(app)
  const machine = MACHINES[vendor]
  if (!machine) throw new Error(`no machine of ${vendor}`)
  const files = render(folder, { vendor, deploy: false, branch: "main" }, PIN)
  const commit = commitOf(folder)
  const tools = temporary("tools")
  write(tools, { "buildkite-agent": '#!/bin/sh\n[ "$1" != annotate ] || cat\n' })
  fs.chmodSync(path.join(tools, "buildkite-agent"), 0o755)
  const env = { ...own(), ...machine.variables(commit, folder), PATH: `${tools}:${process.env.PATH}` }
  let [code, output] = [0, ""]
  for (const line of machine.lines(fileOf(files))) {
    if (code !== 0 && !line.always) continue
    const ended = await start(machine, line, folder, env).ended
    code ||= ended.code
    output += ended.output
  }
  const shown = path.join(folder, "shown")
  const record: RunRecord = JSON.parse(fs.readFileSync(path.join(folder, ".slipway/result.json"), "utf8"))
  return {
    code,
    commit,
    record,
    output: output + (fs.existsSync(shown) ? fs.readFileSync(shown, "utf8") : ""),
  }
}

describe("the written files, run as each vendor runs them", () => {
  const records = new Map<string, string>()
  const [red, green] = [small(true), small(false)]

  test.each(NAMES)("of %s check a red app, show its summary, and end red", async (vendor) => {
    const { code, commit, record, output } = await check(vendor, red)
    expect(code, output).toBe(record.exitCode)
    expect(record).toMatchObject({
      verdict: "failed",
      exitCode: 10,
      context: { vendor, commit, branch: "main" },
    })
    if (vendor !== "jenkins") expect(output).toContain("is free")
    records.set(vendor, comparable(record))
  })

  test("give the same record, byte for byte but for context and times", () => {
    const [first] = records.values()
    for (const [vendor, record] of records) expect(record, vendor).toBe(first)
    expect(records.size).toBe(NAMES.length)
  })

  test.each(["github", "codebuild"])("of %s end green for a green app", async (vendor) => {
    const { code, record } = await check(vendor, green)
    expect({ code, verdict: record.verdict }).toEqual({ code: 0, verdict: "passed" })
  })
})

test("a cancelled job ends its run: GitHub and Azure signal the step's own process", async () => {
  const folder = app({
    "slipway.yaml": "custom: { slow: { image: node:22-bookworm-slim, commands: [sleep 300] } }\n",
  })
  const { github } = MACHINES
  if (!github) throw new Error("no machine")
  const files = render(folder, { vendor: "github", deploy: false, branch: "main" }, PIN)
  write(folder, files)
  const commit = commitAll(folder)
  const [line = { text: "", always: false }] = github.lines(fileOf(files))
  expect(files[SLIPWAY]).toContain("exec")
  const running = start(github, line, folder, { ...own(), ...github.variables(commit, folder) })
  const log = path.join(folder, ".slipway/dagger.log")
  const says = () => (fs.existsSync(log) ? fs.readFileSync(log, "utf8") : "")
  await expect.poll(says, { timeout: 120_000, interval: 500 }).toContain("sleep 300")
  running.kill("SIGINT")
  const { code, output } = await running.ended
  expect(code, output).toBe(130)
  expect(output).toContain("the run has stopped")
})
