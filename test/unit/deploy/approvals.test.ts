import { describe, expect, test } from "vitest"
import { signatory } from "../../../ci/src/deploy/made-up-people.js"
import { authorsSince } from "../../../modules/deploy/program/core/approvals/authors.ts"
import { count, type Rules } from "../../../modules/deploy/program/core/approvals/count.ts"
import { signedClaims } from "../../../modules/deploy/program/core/approvals/signed.ts"
import { peopleOf } from "../../../modules/deploy/program/environment/people.ts"
import { commit, parsed, requestInput } from "../../deploy/rehearsal.ts"

const NOW = Date.parse("2026-03-06T15:30:00Z")
const HOUR = 3_600_000
const iso = (time: number) => new Date(time).toISOString()

const [bob, laptop, cleo, ann, stranger] = [signatory(), signatory(), signatory(), signatory(), signatory()]
const IDENTITIES = {
  "bob@example.org": { also: ["Bob B", "bob-b"], keys: [`${bob.key} bob@desk`, laptop.key] },
  "cleo@example.org": { also: ["cleo-c"], keys: [cleo.key] },
  "ann@example.org": { also: ["ann", "ann@home.example"], keys: [ann.key] },
}
const IMAGES = ["r.example/web", "r.example/api"].map((name, i) => `${name}@sha256:${String(i).repeat(64)}`)
const APPROVAL = { environment: "production", commit: commit(0), images: IMAGES, at: iso(NOW - HOUR) }
const known = peopleOf(IDENTITIES)

const RULES: Rules = {
  commit: commit(0),
  environment: "production",
  images: IMAGES,
  now: NOW,
  begun: null,
  maxAgeHours: 72,
  known,
  people: null,
  involved: ["Ann <ann@example.org>"],
  used: null,
}

/** Counts signed approvals as the deployer does. */
function counted(approvals: Parameters<typeof signedClaims>[0], rules: Partial<Rules> = {}) {
  const { claims, refused } = signedClaims(approvals, known)
  const { approvers, ignored } = count(claims, { ...RULES, ...rules })
  return { names: approvers.map(({ name }) => name), why: [...refused, ...ignored].join("; ") }
}

describe("a signed approval", () => {
  test("counts each person once, whatever keys they use", () => {
    const all = [bob, laptop, cleo].map((one) => one.approve(APPROVAL))
    expect(counted(all)).toEqual({ names: ["bob@example.org", "cleo@example.org"], why: "" })
    expect(counted([...all, ...all]).names).toHaveLength(2)
  })

  test("is of the images by digest, in any order and from any registry", () => {
    const images = [...IMAGES].reverse().map((image) => image.replace("r.example", "copy.example"))
    expect(counted([bob.approve({ ...APPROVAL, images })]).names).toEqual(["bob@example.org"])
  })

  const other = `r.example/web@sha256:${"f".repeat(64)}`
  test.each([
    ["another commit", { commit: commit(1) }, /for another commit \(b{12}\)/],
    ["another environment", { environment: "staging" }, /for another environment \(staging\)/],
    ["another spelling of the environment", { environment: "Production" }, /for another environment/],
    ["one image fewer", { images: IMAGES.slice(1) }, /for other images/],
    ["one image more", { images: [...IMAGES, other] }, /for other images/],
    ["another image", { images: [other, ...IMAGES.slice(1)] }, /for other images/],
    ["no images", { images: [] }, /for other images/],
    ["a time in the future", { at: iso(NOW + HOUR) }, /dated in the future/],
    ["a time too long ago", { at: iso(NOW - 72 * HOUR - 1) }, /expired: 72 h old, 72 h are allowed/],
    ["no time", { at: "soon" }, /without a valid time/],
  ])("does not count for %s", (_what, change, why) => {
    const { names, ...rest } = counted([bob.approve({ ...APPROVAL, ...change })])
    expect(names).toEqual([])
    expect(rest.why).toMatch(why)
  })

  test.each([
    ["commit", { commit: commit(1) }],
    ["environment", { environment: "staging" }],
    ["images", { images: [other] }],
    ["time", { at: iso(NOW) }],
  ])("does not verify with another %s than was signed", (_what, change) => {
    const { approval, signature } = bob.approve(APPROVAL)
    expect(counted([{ approval: { ...approval, ...change }, signature }])).toEqual({
      names: [],
      why: expect.stringContaining("its signature does not verify"),
    })
  })

  test("counts to the last millisecond of its time, and until the end of a release that it began", () => {
    const old = [bob.approve({ ...APPROVAL, at: iso(NOW - 72 * HOUR) })]
    expect(counted(old).names).toHaveLength(1)
    const later = { now: NOW + 200 * HOUR }
    expect(counted(old, later).names).toEqual([])
    expect(counted(old, { ...later, begun: NOW }).names).toHaveLength(1)
    expect(counted([bob.approve({ ...APPROVAL, at: iso(NOW + 4 * 60_000) })]).names).toHaveLength(1)
  })

  test("counts for one rollout", () => {
    const approvals = [bob.approve(APPROVAL)]
    expect(counted(approvals, { used: NOW - 2 * HOUR }).names).toHaveLength(1)
    expect(counted(approvals, { used: NOW - HOUR }).why).toMatch(/used up by a rollout/)
  })

  test("does not count with a key that nobody has", () =>
    expect(counted([stranger.approve(APPROVAL)]).why).toMatch(
      /signed with a key that .*identities.* does not have/,
    ))

  test("does not count as a name alone", () => {
    const named = { by: "bob@example.org", at: APPROVAL.at, commit: commit(0), url: null }
    for (const source of ["vendor", "file"] as const)
      expect(counted([{ ...named, source }])).toEqual({
        names: [],
        why: expect.stringMatching(/a name without a signature does not count.*slipway approve/),
      })
  })

  test.each([
    "Ann <ann@example.org>",
    "ANN+x@Example.org",
    "A\u200bnn <nobody@nowhere.example>",
    "Someone <ann@home.example>",
    "12+ann@users.noreply.github.com",
    "ａｎｎ",
    "@ann",
  ])("does not count for a release that they wrote as %j", (author) =>
    expect(counted([ann.approve(APPROVAL), cleo.approve(APPROVAL)], { involved: [author] })).toEqual({
      names: ["cleo@example.org"],
      why: expect.stringContaining("wrote a commit of this release, or started the run"),
    }))

  test.each([
    ["by address", ["BOB+a@example.org"]],
    ["by login", ["bob-b"]],
    ["by name", ["bob  b"]],
  ])("counts for those whom slipway.yaml lists %s", (_what, people) => {
    const all = [bob, cleo].map((one) => one.approve(APPROVAL))
    expect(counted(all, { people })).toEqual({
      names: ["bob@example.org"],
      why: expect.stringContaining("not among `approvals.people`"),
    })
  })
})

describe("a vendor's approval", () => {
  const claim = {
    by: "Bob-B",
    at: NOW - HOUR,
    commit: commit(0),
    environment: null,
    images: null,
    source: "github environment",
    url: null,
  }
  test("is of the same person as a signed one", () => {
    const { claims } = signedClaims([laptop.approve(APPROVAL)], known)
    expect(count([claim, ...claims], RULES).approvers).toMatchObject([{ name: "bob@example.org" }])
  })

  test("does not count for a login that slipway.yaml does not know", () =>
    expect(count([{ ...claim, by: "dan" }], RULES)).toMatchObject({
      approvers: [],
      ignored: [expect.stringMatching(/^dan \(github environment\): not among `approvals.identities`/)],
    }))
})

describe("the authors of a release", () => {
  const [a, b, c, d, e] = [commit(0), commit(1), commit(2), commit(3), commit(4)]
  const one = (commit: string, parents: readonly string[], ...authors: readonly string[]) => ({
    commit,
    parents: [...parents],
    authors: [...authors],
  })
  // a – b – d – e, and c beside b, merged by d.
  const history = [
    one(e, [d], "eve"),
    one(d, [b, c], "dan"),
    one(c, [a], "cleo", "co"),
    one(b, [a], "bob"),
    one(a, [], "ann"),
  ]
  const release = { ...parsed(requestInput({ commit: 4 })).release, authors: ["eve"], history }
  const since = (live: string | null) => {
    const { names, complete } = authorsSince(release, live)
    return [[...new Set(names)].sort(), complete]
  }

  test("are all who wrote a commit that the live release lacks, merged branches as well", () => {
    expect(since(d)).toEqual([["eve"], true])
    expect(since(b)).toEqual([["cleo", "co", "dan", "eve"], true])
    expect(since(a)).toEqual([["bob", "cleo", "co", "dan", "eve"], true])
  })

  test("are those of its own commit where nothing is live, or the same commit", () => {
    expect(since(null)).toEqual([["eve"], true])
    expect(since("unknown")).toEqual([["eve"], true])
    expect(since(e)).toEqual([["eve"], true])
  })

  test("are not all known where the history ends early, or does not have the live commit", () => {
    const short = { ...release, history: history.slice(0, 2) }
    expect(authorsSince(short, b).complete).toBe(false)
    expect(authorsSince(release, "f".repeat(40)).complete).toBe(false)
    expect(authorsSince({ ...release, history: [] }, b).complete).toBe(false)
  })
})
