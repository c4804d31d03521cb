import { describe, expect, it } from "vitest"
import { readOnlyBook } from "../../../modules/deploy/program/core/book.ts"
import { resultKey, type Subject, subjectDigest } from "../../../modules/deploy/program/core/compatible.ts"
import { judgeCompatible } from "../../../modules/deploy/program/core/compatible-steps.ts"
import { EMPTY_LEDGER, type Ledger, withRelease } from "../../../modules/deploy/program/core/ledger.ts"
import type { Store } from "../../../modules/deploy/program/core/store.ts"
import { type Changes, commit, MIGRATION, parsed, requestInput } from "../../deploy/rehearsal.ts"
import { record } from "./records.ts"

const image = (letter: string, registry = "registry.example.org") =>
  `${registry}/migrate@sha256:${letter.repeat(64)}`

const SUBJECT: Subject = {
  live: { release: 1, commit: commit(1), images: { migrate: image("a") } },
  migration: { phase: "expand", image: image("b"), command: null },
}
const LEDGER: Ledger = {
  ...withRelease(EMPTY_LEDGER, record(1, { images: SUBJECT.live.images })),
  live: { number: 1, commit: commit(1), since: 0 },
}
const RESULT = {
  version: 1,
  environment: "staging",
  ...SUBJECT,
  commit: commit(2),
  verdict: "passed",
  what: "2 checks",
  run: { id: "r", url: null, actor: "ann", attempt: 1 },
  at: 0,
}

const requestFor = ({ environment, request }: Changes = {}) =>
  parsed(
    requestInput({
      commit: 2,
      environment: {
        services: [{ name: "web", container: "web", image: "migrate" }],
        migration: { ...MIGRATION, compatible: "required" },
        ...environment,
      },
      request: {
        release: { commit: commit(2), authors: ["ann"], images: { migrate: image("b") } },
        ...request,
      },
    }),
  )

/** A bucket with one object. */
const bucketWith = (key: string, body: string): Store => ({
  read: async (wanted) => (wanted === key ? { body, etag: "1" } : null),
  keys: async (prefix) => (key.startsWith(prefix) ? [key] : []),
  write: async () => null,
  versions: async () => null,
})

const KEY = resultKey("staging", SUBJECT)
const judge = (body: object | string, changes: Changes = {}, ledger = LEDGER, key = KEY) =>
  judgeCompatible({
    book: readOnlyBook(ledger),
    bucket: bucketWith(key, typeof body === "string" ? body : JSON.stringify(body)),
    request: requestFor(changes),
  })

const migrating = (change: object): Changes => ({
  environment: { migration: { ...MIGRATION, compatible: "required", ...change } },
})

describe("a result about the live release and the migration", () => {
  it("counts if it passed", async () => {
    expect(await judge(RESULT)).toEqual({
      passed: "release 1 (bbbbbbbbbbbb) on the schema of the expand migration of cccccccccccc",
    })
  })

  it("counts for the same images of another registry", () => {
    const images = { migrate: image("a", "mirror.example.org") }
    expect(subjectDigest({ ...SUBJECT, live: { ...SUBJECT.live, images } })).toBe(subjectDigest(SUBJECT))
  })

  it.each<[string, Changes]>([
    ["another phase", migrating({ phase: "contract" })],
    ["another command", migrating({ command: ["npm", "run", "db:contract"] })],
    [
      "another image",
      { request: { release: { commit: commit(2), authors: ["ann"], images: { migrate: image("c") } } } },
    ],
  ])("does not count for %s of the migration", async (_what, changes) => {
    expect(await judge(RESULT, changes)).toMatchObject({
      refused: { outcome: "refused", cause: "1 result is about another live release or migration" },
    })
  })

  it("does not count for another live release of the same number", async () => {
    const other = withRelease(EMPTY_LEDGER, record(1, { images: { migrate: image("d") } }))
    expect(await judge(RESULT, {}, { ...other, live: LEDGER.live })).toMatchObject({
      refused: { what: expect.stringContaining("not tried: release 1") },
    })
  })

  it.each<[string, object | string, string]>([
    ["failed", { ...RESULT, verdict: "failed" }, "does not work: release 1"],
    ["is cut off", JSON.stringify(RESULT).slice(0, 100), "is damaged: it is truncated"],
    ["is of a newer version", { ...RESULT, version: 9 }, "is of a newer version of Slipway"],
    ["has another verdict", { ...RESULT, verdict: "yes" }, "is damaged: verdict"],
    ["lacks what it is about", { ...RESULT, live: undefined }, "is damaged: live"],
    [
      "is a copy of one about another migration",
      { ...RESULT, migration: { ...RESULT.migration, image: image("c") } },
      "it is about another release or migration",
    ],
    ["is of another environment", { ...RESULT, environment: "dev" }, "it is about another release"],
  ])("refuses the migration if it %s", async (_what, body, why) => {
    expect(await judge(body)).toMatchObject({ refused: { what: expect.stringContaining(why) } })
  })
})

describe("no result is needed", () => {
  it.each<[string, Changes, Ledger, string]>([
    ["unless it is required", migrating({ compatible: "optional" }), LEDGER, "not required"],
    ["for the first deployment", {}, EMPTY_LEDGER, "no release by Slipway is live"],
    [
      "over a release before Slipway",
      {},
      { ...LEDGER, live: { number: 0, commit: "unknown", since: 0 } },
      "no release by Slipway is live",
    ],
    [
      "with break-glass",
      { request: { breakGlass: { by: "ann", reason: "patients cannot log in" } } },
      LEDGER,
      "skipped by break-glass",
    ],
  ])("%s", async (_what, changes, ledger, unneeded) => {
    expect(await judge("", changes, ledger, "other")).toEqual({ unneeded })
  })
})

it("requires the name of the migration's image where its family would decide", () => {
  expect(() => requestFor(migrating({ image: null }))).toThrow(/environment\.migration\.image/)
})
