import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { refuse } from "../../../ci/src/results/memory.js"
import { UNSIGNED } from "../../../ci/src/results/names.js"
import { verifier } from "../../../ci/src/results/verify.js"
import { originText, reuseText } from "../../../ci/src/run/origin.js"
import { resultOf } from "../../../ci/src/run/stored.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { storeOf } from "../../../cli/results.js"
import { stage } from "../report/builders.js"
import { keyPair, signedBy } from "./keys.js"
import { storedRecord } from "./stored-record.js"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-results-"))
afterAll(() => fs.rmSync(folder, { recursive: true }))

const own = keyPair(folder, "own")
const foreign = keyPair(folder, "foreign")

const record = storedRecord()
const { key, stage: name } = record
const read = (text: string, wanted = { key, stage: name }) =>
  verifier()(text, { ...wanted, signers: [own.shared] })

describe("a kept result", () => {
  test("verifies by a key of slipway.yaml, and says what it said", () => {
    const verified = read(signedBy(own.file, record))
    expect(verified).toEqual({ record })
  })

  const good = signedBy(own.file, record)
  test.each([
    ["cut off", good.slice(0, 400), /cut off/],
    ["empty", "", /cut off/],
    ["without a signature", JSON.stringify({ record }), /cut off/],
    ["changed by one word", good.replace("nothing found", "nothing wrong"), /does not verify/],
    ["signed with a foreign key", signedBy(foreign.file, record), /`results.signers` does not have/],
    ["signed for another purpose", signedBy(own.file, record, "slipway"), /does not verify/],
    [
      "of a failure",
      signedBy(own.file, { ...record, outcome: { ...record.outcome, verdict: "failed" } }),
      /format/,
    ],
    ["of a newer format", signedBy(own.file, { ...record, schema: 2 }), /format/],
    [
      "of other inputs under this key",
      signedBy(own.file, { ...record, key: "e".repeat(64) }),
      /other inputs/,
    ],
    ["of another stage", signedBy(own.file, { ...record, stage: "unit" }), /another stage.*unit/],
  ])("is refused when it is %s", (_what, text, reason) => {
    expect(read(text)).toEqual({ reason: expect.stringMatching(reason) })
  })

  test("gives back lines of coverage and files", () => {
    const { lineHits, files, verdict, cached } = resultOf({ record, blobs: {} })
    expect({ verdict, cached, files }).toEqual({ verdict: "passed", cached: true, files: record.texts })
    expect(lineHits).toEqual(new Map([["src/a.ts", new Map([[1, 2]])]]))
  })

  test("ends a strict run that has one which does not verify, with an exit code for that alone", () => {
    const refused = [{ stage: "lint", reason: "cut off" }]
    expect(() => refuse(refused, ".slipway/results")).toThrow(/do not verify:\n {2}lint: cut off/)
    expect(() => refuse([], ".slipway/results")).not.toThrow()
  })

  test("is named with the run that did the work", () => {
    const { origin } = record
    expect(originText(origin)).toBe("run 4711 of github, commit cccccccccccc")
    expect(originText({ ...origin, run: null, commit: null })).toBe("a run by ada")
    const texts = [
      stage("a", { cached: true, remembered: origin }),
      stage("b", { cached: true }),
      stage("c", {}),
    ]
    expect(texts.map(reuseText)).toEqual([expect.stringMatching(/^remembered from run 4711/), "cached", null])
  })
})

describe("`results` in slipway.yaml", () => {
  test("needs no more than who signs", () => {
    const text = `results: { signers: ["${own.shared}"] }`
    expect(parseConfig(text).results).toMatchObject({ folder: null, signers: [own.shared], strict: false })
    expect(parseConfig("").results).toBeNull()
  })

  test.each([
    [
      "an unknown key",
      `results: { folder: a, signer: ["${own.shared}"] }`,
      /unknown key "signer" in results; did you mean "signers"/,
    ],
    ["no key that counts", "results: { folder: a }", /at least one public key/],
    [
      "a private key",
      'results: { signers: ["-----BEGIN OPENSSH PRIVATE KEY-----"] }',
      /a public key such as/,
    ],
    [
      "a folder outside of the project",
      `results: { folder: ../a, signers: ["${own.shared}"] }`,
      /a folder in the project/,
    ],
    ["the project itself as folder", `results: { folder: ., signers: ["${own.shared}"] }`, /a folder below/],
  ])("is refused with %s", (_what, text, message) => {
    expect(() => parseConfig(text)).toThrow(message)
  })
})

describe("the store on this machine", () => {
  const app = path.join(folder, "app")
  const evidence = path.join(folder, "evidence")
  fs.mkdirSync(app)
  fs.writeFileSync(path.join(app, "slipway.yaml"), `results: { folder: kept, signers: ["${own.shared}"] }\n`)

  /** Leaves a new record in the evidence, as a run does. */
  function left(): void {
    fs.mkdirSync(path.join(evidence, UNSIGNED), { recursive: true })
    fs.writeFileSync(path.join(evidence, UNSIGNED, `${key}.json`), JSON.stringify(record))
  }

  test.each([
    ["a key's file", own.file],
    ["the text of a key", fs.readFileSync(own.file, "utf8")],
  ])("gets new results signed with %s, and hands them over", async (_what, given) => {
    left()
    expect(await storeOf(app, { key: given })?.keep(evidence)).toBeNull()
    const store = storeOf(app, {})
    expect(store?.options).toEqual(["--results", path.join(app, "kept")])
    expect(read(fs.readFileSync(path.join(app, "kept", `${key}.json`), "utf8"))).toEqual({ record })
    expect(fs.existsSync(path.join(evidence, UNSIGNED))).toBe(false)
  })

  test("gets nothing without a key, and the evidence keeps no unsigned record", async () => {
    left()
    const other = path.join(folder, "other")
    expect(await storeOf(app, { folder: other })?.keep(evidence)).toBeNull()
    expect([other, path.join(evidence, UNSIGNED)].map((file) => fs.existsSync(file))).toEqual([false, false])
  })

  test("adds no option when it is missing, and reports that it cannot be written", async () => {
    left()
    const file = path.join(folder, "file")
    fs.writeFileSync(file, "")
    const store = storeOf(app, { folder: file, key: own.file })
    expect(store?.options).toEqual([])
    expect(await store?.keep(evidence)).toMatch(/^results not kept in .*file/)
  })

  test("does not exist without `results`", () => {
    expect(storeOf(folder, { key: own.file })).toBeNull()
  })
})
