import { describe, expect, test } from "vitest"
import type { StageResult, Unread } from "../../../ci/src/run/stage.js"
import {
  type Place,
  placesInBase,
  unreadByAll,
  unreadFinding,
  withUnread,
} from "../../../ci/src/run/unread.js"
import { runOf, stage } from "../report/builders.js"

const unread = (file: string, more: Partial<Unread> = {}): Unread => ({
  file,
  line: 3,
  reason: 'syntax error: "=" was unexpected',
  tools: ["semgrep"],
  ...more,
})
const BROKEN = unread("src/broken.ts")

const result = (verdict: StageResult["verdict"]): StageResult => ({
  verdict,
  cause: verdict === "failed" ? "policy" : null,
  summary: "semgrep: 127 files",
  findings: [],
  tests: [],
  steps: [],
  log: { text: "", lines: 0 },
})
const resultWith = (verdict: StageResult["verdict"], ...places: readonly Place[]) =>
  withUnread(
    result(verdict),
    places.map((place, i) => unreadFinding(unread(`src/${i}.ts`), place)),
  )

describe("a stage with a file that was not read", () => {
  test("is errored where the file is part of the change", () => {
    expect(resultWith("passed", "changed")).toMatchObject({
      verdict: "errored",
      cause: "errored",
      summary: "1 not read: src/0.ts:3; semgrep: 127 files",
      findings: [{ kind: "unread", rule: "unread-file", standing: { status: "blocks" } }],
    })
  })

  test.each([
    ["unchanged", "known"],
    ["unknown", "reported"],
  ] as const)("passes, and names it, where it is %s", (place, status) => {
    expect(resultWith("passed", place)).toMatchObject({
      verdict: "passed",
      cause: null,
      summary: "semgrep: 127 files; 1 not read: src/0.ts:3",
      findings: [{ standing: { status } }],
    })
  })

  test("stays failed where something worse was found", () => {
    expect(resultWith("failed", "changed")).toMatchObject({ verdict: "failed", cause: "policy" })
  })

  test("counts all and names three", () => {
    const places: readonly Place[] = ["unknown", "unknown", "unknown", "unknown"]
    expect(resultWith("passed", ...places).summary).toBe(
      "semgrep: 127 files; 4 not read: src/0.ts:3, src/1.ts:3, src/2.ts:3, and 1 more",
    )
  })

  test("names those of the change before the others", () => {
    expect(resultWith("passed", "unchanged", "changed").summary).toBe(
      "1 not read: src/1.ts:3; 1 more not read; semgrep: 127 files",
    )
  })
})

test("leaves a result as it is where every file was read", () => {
  const passed = result("passed")
  expect(withUnread(passed, [])).toBe(passed)
})

describe("the finding of a file that was not read", () => {
  test("has the place, the tools and their reason", () => {
    expect(unreadFinding(BROKEN, "unknown")).toMatchObject({
      file: "src/broken.ts",
      line: 3,
      message: 'not read by semgrep: syntax error: "=" was unexpected',
      tools: ["semgrep"],
    })
  })

  test("keeps its fingerprint when lines move", () => {
    const moved = unreadFinding({ ...BROKEN, line: 9 }, "changed")
    expect(moved.fingerprint).toBe(unreadFinding(BROKEN, "unchanged").fingerprint)
  })

  test("has another fingerprint for another reason", () => {
    const other = unreadFinding({ ...BROKEN, reason: "timeout after 10 s" }, "unknown")
    expect(other.fingerprint).not.toBe(unreadFinding(BROKEN, "unknown").fingerprint)
  })
})

describe("the record of the base", () => {
  const baseWith = (name: string, more: Parameters<typeof stage>[1]) => runOf("passed", [stage(name, more)])
  const placeBy = (record: ReturnType<typeof runOf> | null) => placesInBase(record, "scan:code", [BROKEN])

  test("shows a file as unchanged that it could not read either", () => {
    const findings = [unreadFinding(BROKEN, "unknown")]
    expect(placeBy(baseWith("scan:code", { findings }))).toEqual(["unchanged"])
  })

  test("shows a file as changed that it read", () => {
    expect(placeBy(baseWith("scan:code", {}))).toEqual(["changed"])
  })

  test("shows a file as changed that it could not read for another reason", () => {
    const findings = [unreadFinding({ ...BROKEN, reason: "timeout" }, "unknown")]
    expect(placeBy(baseWith("scan:code", { findings }))).toEqual(["changed"])
  })

  test.each([
    ["is missing", null],
    ["has no such stage", baseWith("privacy", {})],
    ["has a stage that did not look", baseWith("scan:code", { verdict: "errored" })],
  ])("tells nothing where it %s", (_, record) => {
    expect(placeBy(record)).toBeNull()
  })
})

describe("several tools of a stage", () => {
  const every = () => true
  const never = () => false

  test("read a file together that one of them read", () => {
    const trivy = { unread: [BROKEN], reads: every }
    expect(unreadByAll([trivy, { unread: [], reads: every }])).toEqual([])
  })

  test("leave a file unread that the others do not look at", () => {
    const trivy = { unread: [BROKEN], reads: every }
    expect(unreadByAll([trivy, { unread: [], reads: never }])).toEqual([BROKEN])
  })

  test("name a file once, with all that tried", () => {
    const readings = ["trivy", "checkov"].map((tool) => ({
      unread: [{ ...BROKEN, tools: [tool] }],
      reads: every,
    }))
    expect(unreadByAll(readings)).toEqual([{ ...BROKEN, tools: ["trivy", "checkov"] }])
  })
})
