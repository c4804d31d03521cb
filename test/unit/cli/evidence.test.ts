import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { dropEvidence, prepareEvidence, publishEvidence, readRecord } from "../../../cli/evidence.js"
import { limit, rotate, tail } from "../../../engine/host/logs.js"
import { green } from "../report/sample.js"

const RECORD = JSON.stringify(green())

let app = ""
beforeEach(() => {
  app = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-evidence-"))
})
afterEach(() => fs.rmSync(app, { recursive: true, force: true }))

const names = (folder = "") => fs.readdirSync(path.join(app, ".slipway", folder)).sort()

describe("the evidence folder", () => {
  it("is of this run alone: an earlier report moves aside", () => {
    const first = prepareEvidence(app)
    fs.writeFileSync(path.join(first.next, "result.json"), RECORD)
    fs.mkdirSync(path.join(first.next, "logs"))
    publishEvidence(first)
    expect(names()).toEqual([".gitignore", "logs", "result.json"])
    expect(readRecord(first.folder)).toEqual(green())

    const second = prepareEvidence(app)
    expect(readRecord(second.folder)).toBeNull()
    dropEvidence(second)
    expect(names()).toEqual([".gitignore", "previous"])
    expect(names("previous")).toEqual(["logs", "result.json"])
  })

  it("keeps itself out of git, and takes away what a killed run left", () => {
    const { folder, next } = prepareEvidence(app)
    // No process has a number above the kernel's limit of 2^22.
    fs.renameSync(next, path.join(folder, "next-4194305-abcdef"))
    dropEvidence(prepareEvidence(app))
    expect(fs.readFileSync(path.join(app, ".slipway/.gitignore"), "utf8")).toBe("*\n")
    expect(names()).toEqual([".gitignore"])
  })

  it("leaves another run in the same folder alone", () => {
    const first = prepareEvidence(app)
    dropEvidence(prepareEvidence(app))
    fs.writeFileSync(path.join(first.next, "result.json"), RECORD)
    publishEvidence(first)
    expect(readRecord(first.folder)).toEqual(green())
  })

  it("keeps the last report when two runs after it fail", () => {
    const first = prepareEvidence(app)
    fs.writeFileSync(path.join(first.next, "result.json"), RECORD)
    publishEvidence(first)
    for (const _ of [1, 2]) dropEvidence(prepareEvidence(app))
    expect(names("previous")).toEqual(["result.json"])
  })

  it.each([
    ["of a newer format", RECORD.replace('"schema":1', '"schema":2'), "format 2 is not supported"],
    ["that is cut off", RECORD.slice(0, 900), "JSON"],
    ["of something else", "[]", "format null is not supported"],
  ])("refuses a record %s with its own exit code", (_, text, what) => {
    fs.writeFileSync(path.join(app, "result.json"), text)
    let fault: unknown = null
    try {
      readRecord(app)
    } catch (error) {
      fault = error
    }
    expect(fault).toMatchObject({ kind: "evidence-unread", what: expect.stringContaining(what) })
  })
})

describe("logs", () => {
  it("keep the last five", () => {
    const file = path.join(app, "engine.log")
    for (let run = 1; run <= 7; run++) {
      rotate(file)
      fs.writeFileSync(file, `run ${run}\n`)
    }
    expect(fs.readdirSync(app).sort()).toEqual(["engine.log", ...[1, 2, 3, 4].map((n) => `engine.log.${n}`)])
    expect(tail(`${file}.4`, 1)).toEqual(["run 3"])
  })

  it("start over when they are long, and not before", () => {
    const file = path.join(app, "engine.log")
    fs.writeFileSync(file, "short")
    limit(file)
    expect(fs.statSync(file).size).toBe(5)
    fs.truncateSync(file, 60e6)
    limit(file)
    expect(fs.statSync(file).size).toBe(0)
    expect(fs.statSync(`${file}.1`).size).toBe(60e6)
  })
})
