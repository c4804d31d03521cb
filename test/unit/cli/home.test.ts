import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test, vi } from "vitest"
import { fingerprint, home, isWhole, makeWhole, requireDisk, withLock } from "../../../engine/host/home.js"
import { emptyStateFolder } from "../state-folder.js"

const root = emptyStateFolder()

const write = (folder: string, text: string) => fs.writeFileSync(path.join(folder, "file"), text)

/** Fills a folder to its end. */
async function make(folder: string): Promise<readonly string[]> {
  write(folder, "whole")
  return ["file"]
}

describe("a versioned folder", () => {
  test("is made once", async () => {
    const folder = await makeWhole("part-1", make)
    expect(isWhole(folder)).toBe(true)
    expect(await makeWhole("part-1", () => Promise.reject(new Error("not again")))).toBe(folder)
  })

  test("whose making was killed in the middle is finished by the next", async () => {
    const begun = new Promise<void>((resolve) => {
      void makeWhole("part-1", (folder) => {
        write(folder, "half")
        resolve()
        return new Promise(() => {})
      })
    })
    await begun
    expect(fs.existsSync(path.join(root(), "part-1"))).toBe(false)
    const folder = await makeWhole("part-1", make)
    expect(fs.readFileSync(path.join(folder, "file"), "utf8")).toBe("whole")
    expect(fs.readdirSync(root())).toEqual(["part-1"])
  })

  test("whose making failed is not there", async () => {
    await expect(makeWhole("part-1", () => Promise.reject(new Error("no space left")))).rejects.toThrow(
      "no space left",
    )
    expect(fs.existsSync(path.join(root(), "part-1"))).toBe(false)
  })

  test.each([
    ["a file was truncated", (folder: string) => fs.truncateSync(path.join(folder, "file"), 2)],
    ["a file is gone", (folder: string) => fs.rmSync(path.join(folder, "file"))],
    ["its mark is gone", (folder: string) => fs.rmSync(path.join(folder, ".whole.json"))],
    ["its mark is damaged", (folder: string) => fs.writeFileSync(path.join(folder, ".whole.json"), "{")],
    ["its mark is empty", (folder: string) => fs.writeFileSync(path.join(folder, ".whole.json"), "")],
    ["it is gone", (folder: string) => fs.rmSync(folder, { recursive: true })],
  ])("is made anew when %s", async (_what, damage) => {
    const folder = await makeWhole("part-1", make)
    damage(folder)
    expect(isWhole(folder)).toBe(false)
    await makeWhole("part-1", make)
    expect(isWhole(folder)).toBe(true)
  })
})

describe("a lock", () => {
  test("waits for another process that holds it, and is free when that is killed", async () => {
    const other = spawn("flock", [
      "--no-fork",
      path.join(root(), "part.lock"),
      "sh",
      "-c",
      "echo held; exec sleep 60",
    ])
    await new Promise((resolve) => other.stdout.once("data", resolve))
    const events: string[] = []
    const waiting = () => {
      events.push("waits")
      other.kill("SIGKILL")
    }
    await withLock("part", waiting, async () => void events.push("holds"))
    expect(events).toEqual(["waits", "holds"])
  })

  test("is had at once where nobody holds it, and given back when the work fails", async () => {
    const events: string[] = []
    const wait = () => void events.push("waits")
    await expect(withLock("part", wait, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken")
    expect(await withLock("part", wait, async () => "done")).toBe("done")
    expect(events).toEqual([])
  })
})

describe("the state folder", () => {
  test("that cannot be made is a fault with a way out", () => {
    fs.writeFileSync(path.join(root(), "file"), "")
    vi.stubEnv("SLIPWAY_HOME", path.join(root(), "file", "inside"))
    expect(() => home()).toThrow(root())
  })

  test("on a disk that is nearly full is a fault before anything is written", () => {
    expect(() => requireDisk(0)).not.toThrow()
    expect(() => requireDisk(1e9)).toThrow(/1000000000 GB/)
  })
})

test("a fingerprint tells inputs apart, however they are cut", () => {
  expect(fingerprint("ab", "c")).toBe(fingerprint("ab", "c"))
  expect(new Set([fingerprint("ab", "c"), fingerprint("a", "bc"), fingerprint("abc")]).size).toBe(3)
})
