import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "esbuild"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let folder = ""
let program = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulator-"))
  program = join(folder, "main.mjs")
  const entryPoints = ["modules/aws-simulator/program/main.ts"]
  await build({ entryPoints, outfile: program, bundle: true, platform: "node", format: "esm" })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

function start(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [program], { env: { ...process.env, ...environment } })
  const output: string[] = []
  child.stdout.on("data", (chunk) => output.push(String(chunk)))
  child.stderr.on("data", (chunk) => output.push(String(chunk)))
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve))
  return { child, exited, text: () => output.join("") }
}

const NAMED = { SIMULATOR_SCENARIO: '{"title": "Mine", "what happens": "nothing"}', SIMULATOR_PORT: "0" }

describe("the program", () => {
  it("serves the configured scenario without npm packages, and ends after SIGTERM", async () => {
    const { child, exited, text } = start({ ...NAMED, SIMULATOR_WORLD: '{"cluster": "clinic"}' })
    await expect.poll(text, { timeout: 10_000 }).toMatch(/^Mine: AWS_ENDPOINT_URL=http:\/\/.*:\d+\n/)
    const [, port] = /:(\d+)\n/.exec(text()) ?? []
    const answer = await fetch(`http://127.0.0.1:${port}/_simulator/scenario`)
    expect(await answer.json()).toMatchObject({ title: "Mine", whatHappens: "nothing" })
    child.kill("SIGTERM")
    expect(await exited).toBe(0)
  })

  it.each([
    [{}, "--world world.json"],
    [{ SIMULATOR_WORLD: '{"cluster": 1}' }, "cluster must be a string"],
    [{ SIMULATOR_WORLD: "/nowhere/world.json" }, "/nowhere/world.json"],
  ])("reports the fault in one line: %j", async (environment, message) => {
    const { exited, text } = start({ ...NAMED, ...environment })
    expect(await exited).toBe(64)
    expect(text()).toContain(message)
    expect(text().split("\n")).toHaveLength(2)
  })
})
