import { describe, expect, test } from "vitest"
import { parseListing } from "../../../ci/src/image/retain.js"
import { decide, decisionsText, type Tagged } from "../../../ci/src/image/retention.js"

const NOW = Date.parse("2026-06-30T00:00:00Z")
const made = (name: string, created: string | null, more: Partial<Tagged> = {}): Tagged => ({
  tag: name,
  digest: `sha256:${name}`,
  created,
  referrers: [],
  ...more,
})
const policy = {
  keep: 1,
  days: 7,
  signed: true,
  tags: "^v\\d",
  deployed: ["sha256:live"],
  promoted: ["sha256:prod"],
}
const old = "2026-01-01T00:00:00Z"

test("what is new, young, signed, released, deployed or promoted stays, and the rest goes", () => {
  const decisions = decide(
    [
      made("old", old),
      made("newest", "2026-06-29T00:00:00Z"),
      made("young", "2026-06-25T00:00:00Z"),
      made("signed", old, { referrers: ["sha256:signature"] }),
      made("v1", old),
      made("live", old),
      made("prod", old),
      made("undated", null),
    ],
    policy,
    NOW,
  )
  expect(Object.fromEntries(decisions.map(({ tags: [tag], keptFor }) => [tag, keptFor]))).toEqual({
    newest: "among the newest 1",
    young: "younger than 7 days",
    signed: "signed",
    v1: "a release",
    live: "deployed",
    prod: "promoted",
    old: null,
    undated: null,
  })
})

test("an image stays with all its tags for the sake of one", () => {
  const [decision, ...others] = decide(
    [made("commit", old), made("v2", old, { digest: "sha256:commit" })],
    { ...policy, keep: 0 },
    NOW,
  )
  expect(others).toEqual([])
  expect(decision).toMatchObject({ tags: ["commit", "v2"], keptFor: "a release" })
})

describe("the text", () => {
  const decisions = decide([made("a", old), made("b", "2026-02-02T00:00:00Z")], policy, NOW)
  test("says what would go and what stays", () => {
    const text = decisionsText(decisions, false)
    expect(text).toMatch(/^keep {4}sha256:b .*2026-02-02 {2}b \(among the newest 1\)\ndelete {2}sha256:a /)
    expect(text).toContain("1 stay, 1 would go: --apply deletes them")
    expect(decisionsText(decisions, true)).toContain("1 stay, 1 deleted")
  })
})

test("a listing is read line by line", () => {
  expect(parseListing("v1|sha256:1|2026-01-01T00:00:00Z|sha256:2 sha256:3 \nv2|sha256:4||\n")).toEqual([
    { tag: "v1", digest: "sha256:1", created: "2026-01-01T00:00:00Z", referrers: ["sha256:2", "sha256:3"] },
    { tag: "v2", digest: "sha256:4", created: null, referrers: [] },
  ])
})
