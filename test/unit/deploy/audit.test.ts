import { describe, expect, test } from "vitest"
import { verifyAll } from "../../../ci/src/audit/command.js"
import { verifyAudit } from "../../../ci/src/audit/verify.js"
import { auditLine, readTrail, trailOf, verifyChain } from "../../../modules/deploy/program/core/audit.ts"
import type { Store } from "../../../modules/deploy/program/core/store.ts"

/** A bucket in memory. `fails` writes fail first. */
function bucketOf(fails = 0): { readonly store: Store; readonly objects: Map<string, string> } {
  const objects = new Map<string, string>()
  let left = fails
  return {
    objects,
    store: {
      read: async (key) => (objects.has(key) ? { body: objects.get(key) ?? "", etag: "1" } : null),
      write: async (key, body, etag) => {
        if (left > 0) {
          left -= 1
          throw new Error("S3 is away")
        }
        if (etag !== null || objects.has(key)) return null
        objects.set(key, body)
        return "1"
      },
      keys: async () => [],
      versions: async () => null,
    },
  }
}

const LOG = "production/audit/1"
const entry = (msg: string, time = 0) => ({ time, actor: "ann", msg, about: { b: 1, a: [msg, null] } })

/** Writes three entries, as they happen. */
async function written(fails = 0) {
  const { store, objects } = bucketOf(fails)
  const trail = trailOf(store, LOG)
  trail.add(entry("gate"))
  expect(await trail.flush()).toBeNull()
  expect(objects.size).toBe(0)
  trail.begin()
  await trail.flush()
  trail.add(entry("lease", 1))
  await trail.flush()
  trail.add(entry("ended", 2))
  const problem = await trail.flush()
  return { objects, end: trail.end(), problem, text: await readTrail(store, LOG) }
}

describe("the audit log in the bucket", () => {
  test("has each entry in an object of its own, as it happened, once the run may write", async () => {
    const { objects, end, problem, text } = await written()
    expect(problem).toBeNull()
    expect([...objects.keys()]).toEqual(["000001", "000002", "000003"].map((name) => `${LOG}/${name}.jsonl`))
    expect(verifyChain(text)).toMatchObject({ entries: 3, head: end.head, first: 0, last: 2, problem: null })
    expect(auditLine(text, end)).toMatchObject({
      wrong: false,
      line: expect.stringMatching(/3 entries .*unchanged/),
    })
  })

  test("loses nothing of what happens while it writes", async () => {
    const { store } = bucketOf()
    const trail = trailOf(
      {
        ...store,
        write: async (...args) => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          return store.write(...args)
        },
      },
      LOG,
    )
    trail.begin()
    for (let at = 0; at < 20; at += 1) {
      trail.add(entry(`${at}`, at))
      if (at % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(await trail.flush()).toBeNull()
    expect(verifyChain(await readTrail(store, LOG))).toMatchObject({
      entries: 20,
      head: trail.end().head,
      problem: null,
    })
  })

  test("is what `audit verify` of a run's evidence reads as well", async () => {
    const { text, end } = await written()
    expect(verifyAudit(text)).toMatchObject({ problems: [], entries: [{}, {}, { hash: end.head }] })
  })

  test("verifies from a folder as well, log by log", async () => {
    const { text } = await written()
    const [one, two] = [
      new Map([
        ["audit/1", text],
        ["audit/2", text],
      ]),
      new Map([
        ["audit/1", text],
        ["audit/2", text.slice(9)],
      ]),
    ]
    expect(verifyAll(one)).toMatch(/audit\/1: 3 entries .*unchanged.*audit\/2: 3 entries/s)
    expect(() => verifyAll(two)).toThrow(/audit\/2: line 1/)
    expect(() => verifyAll(new Map())).toThrow(/no audit log in the folder/)
  })

  test("loses nothing when S3 fails for a while, and says so when it stays away", async () => {
    const { problem, text } = await written(2)
    expect(problem).toBeNull()
    expect(verifyChain(text)).toMatchObject({ entries: 3, problem: null })
    expect((await written(99)).problem).toBe("S3 is away")
  })

  test.each([
    [
      "an entry that was changed",
      (text: string) => text.replace('"actor":"ann"', '"actor":"eve"'),
      /entry 1 was changed/,
    ],
    ["an entry that was removed", (text: string) => text.replace(/^.*\n/, ""), /entry 1 does not follow/],
    [
      "entries in another order",
      (text: string) => text.trim().split("\n").reverse().join("\n"),
      /entry 1 does not follow/,
    ],
    [
      "an end that was cut off",
      (text: string) => text.replace(/.*\n$/, ""),
      /its end is missing: .* 3 entries, 2 are/,
    ],
    ["a log that is missing", () => "", /empty or missing/],
    ["a line that is no entry", (text: string) => `null\n${text}`, /entry 1 is not an entry/],
  ])("does not verify with %s", async (_what, change, problem) => {
    const { text, end } = await written()
    expect(auditLine(change(text), end)).toMatchObject({ wrong: true, line: expect.stringMatching(problem) })
  })
})
