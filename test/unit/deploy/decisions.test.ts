import { describe, expect, it } from "vitest"
import { forbidden, wrongIdentity } from "../../../modules/deploy/program/core/gate.ts"
import type { Journal, Lease } from "../../../modules/deploy/program/core/journal.ts"
import { leaseDecision } from "../../../modules/deploy/program/core/lease-rule.ts"
import {
  EMPTY_LEDGER,
  floorOf,
  type Ledger,
  type ReleaseRecord,
  withRelease,
} from "../../../modules/deploy/program/core/ledger.ts"
import { outOfOrder } from "../../../modules/deploy/program/core/order.ts"
import { mayReturn, requestedTarget, returnTarget } from "../../../modules/deploy/program/core/release.ts"
import { frozen } from "../../../modules/deploy/program/core/windows.ts"
import { type Changes, commit, parsed, requestInput } from "../../deploy/rehearsal.ts"
import { record } from "./records.ts"

const NOW = Date.parse("2026-03-06T15:30:00Z")
const requestFor = (changes: Changes = {}) => parsed(requestInput(changes))

/** A release that a run left in flight. */
const JOURNAL: Journal = {
  number: 1,
  action: "deploy",
  commit: commit(0),
  author: "ann",
  images: {},
  started: NOW,
  done: [],
  run: { id: "r", url: null, actor: "ann", attempt: 1 },
  approvals: [],
  breakGlass: null,
  verdict: null,
  before: {},
  snapshot: null,
  migration: null,
  services: {},
  bake: null,
  ringing: [],
  back: null,
  to: null,
  parts: {},
  applying: false,
  questions: [],
  answers: [],
  returned: {},
  idle: [],
  told: [],
}

const ledgerOf = (...records: readonly ReleaseRecord[]): Ledger => records.reduce(withRelease, EMPTY_LEDGER)

/** The same, with a live release. */
const withLive = (number: number, ...records: readonly ReleaseRecord[]): Ledger => ({
  ...ledgerOf(...records),
  live: { number, commit: records.find((one) => one.number === number)?.commit ?? "", since: 0 },
})

describe("the gate", () => {
  const production = { environment: { production: true } }

  const nobody = { approvers: [], ignored: [], authorsKnown: true }
  const by = (...names: readonly string[]) => ({
    ...nobody,
    approvers: names.map((name) => ({ name, at: NOW, source: "signature", url: null })),
  })

  it("requires as many people as slipway.yaml says, and names who counts and who does not", () => {
    const one = forbidden(requestFor(production), null, { ...by("bob"), ignored: ["ann: wrote it"] }, NOW)
    expect(one?.what).toMatch(/1 of 2 required approvals \(by bob\)/)
    expect(one?.cause).toBe("not counted: ann: wrote it")
    expect(forbidden(requestFor(production), null, by("bob", "eve"), NOW)).toBeNull()
    expect(forbidden(requestFor(), null, nobody, NOW)).toBeNull()
  })

  it("refuses production where nobody can tell who wrote the release", () => {
    const blind = { ...by("bob", "eve"), authorsKnown: false }
    expect(forbidden(requestFor(production), null, blind, NOW)?.what).toMatch(/does not tell who wrote/)
    const staging = { environment: { approvals: { required: 2 } } }
    expect(forbidden(requestFor(staging), null, blind, NOW)).toBeNull()
  })

  it("is skipped by break-glass", () => {
    const breakGlass = { by: "ann", reason: "patients cannot log in" }
    const request = requestFor({
      environment: { production: true, role: "deployer" },
      request: { breakGlass },
    })
    expect(forbidden(request, null, nobody, NOW)).toBeNull()
  })

  it("refuses another account or role even with break-glass", () => {
    const breakGlass = { by: "ann", reason: "patients cannot log in" }
    const request = requestFor({ environment: { role: "deployer" }, request: { breakGlass } })
    const role = "arn:aws:sts::111122223333:assumed-role/deployer/slipway-1"
    expect(wrongIdentity(request, { account: "111122223333", arn: role })).toBeNull()
    expect(wrongIdentity(request, { account: "999988887777", arn: role })?.outcome).toBe("refused")
    expect(
      wrongIdentity(request, { account: "111122223333", arn: role.replace("deployer", "reader") })?.what,
    ).toContain("reader")
  })

  it("allows a rollback during a freeze", () => {
    const freeze = { zone: "UTC", windows: [{ from: "2026-03-01", to: "2026-03-31" }] }
    const frozenNow = { environment: { production: true, freeze } }
    const frozen = requestFor(frozenNow)
    expect(forbidden(frozen, null, by("bob", "eve"), NOW)?.what).toContain("is frozen")
    expect(forbidden(requestFor({ ...frozenNow, action: "rollback" }), null, nobody, NOW)).toBeNull()
  })

  describe("in a freeze that begins midway", () => {
    const freeze = { zone: "UTC", windows: [{ from: "2026-03-01", to: "2026-03-31" }] }
    const change = { environment: { production: true, freeze } }
    const back = { to: 1, commit: commit(0), why: "", cause: null, todo: [], left: [] }
    const asks = { ...JOURNAL, questions: [{ question: "q1", run: "r/1" }] }
    const answered = { question: "q1", by: "ann", run: "r/2", why: null }
    const answering = (answer: "continue" | "rollback", question: string | null = null) =>
      requestFor({ ...change, request: { answer, question } })

    it("lets a way back and an answer pass", () => {
      expect(forbidden(requestFor(change), asks, by("bob", "eve"), NOW)?.what).toContain("is frozen")
      expect(forbidden(requestFor(change), { ...JOURNAL, back }, nobody, NOW)).toBeNull()
      expect(forbidden(answering("rollback"), asks, nobody, NOW)).toBeNull()
      expect(forbidden(answering("continue"), asks, by("bob", "eve"), NOW)).toBeNull()
      expect(forbidden(answering("continue"), asks, by("bob"), NOW)?.what).toContain("1 of 2")
      const goesBack = { ...asks, answers: [{ ...answered, answer: "rollback" as const }] }
      expect(forbidden(requestFor(change), goesBack, nobody, NOW)).toBeNull()
    })

    it("takes no answer for one that nobody asked for", () => {
      for (const answer of ["continue", "rollback"] as const) {
        expect(forbidden(answering(answer), JOURNAL, by("bob", "eve"), NOW)?.what).toContain("is frozen")
        expect(forbidden(answering(answer), null, by("bob", "eve"), NOW)?.what).toContain("is frozen")
        expect(forbidden(answering(answer, "q0"), asks, nobody, NOW)?.what).toContain("is frozen")
      }
      const goesOn = { ...asks, answers: [{ ...answered, answer: "continue" as const }] }
      expect(forbidden(answering("rollback"), goesOn, nobody, NOW)?.what).toContain("is frozen")
    })
  })
})

describe("freeze windows", () => {
  const weekend = { days: ["fri"] as const, from: "16:00", to: "08:00", why: "the weekend" }
  const freeze = { zone: "Europe/Berlin", windows: [{ ...weekend, days: [...weekend.days] }] }
  it.each([
    ["2026-03-06T14:59:00Z", false],
    ["2026-03-06T15:00:00Z", true],
    ["2026-03-07T06:59:00Z", true],
    ["2026-03-07T07:00:00Z", false],
    // Summer time: Berlin is two hours ahead of UTC.
    ["2026-07-03T14:00:00Z", true],
    ["2026-07-04T06:00:00Z", false],
  ])("apply in their time zone and over midnight: %s is frozen: %s", (at, is) => {
    expect(frozen(freeze, Date.parse(at)) !== null).toBe(is)
  })
})

describe("the lease", () => {
  const lease = {
    owner: "a",
    run: { id: "1", url: null, actor: "ann", attempt: 1 },
    commit: commit(0),
    token: 7,
    expires: NOW,
    beat: 3,
    doing: { what: "migration", watches: false },
    ledger: true,
  }
  const seen = (still: number, change: Partial<Lease> = {}, renewed = true) => ({
    lease: { ...lease, ...change },
    still,
    renewed,
  })
  it("is taken if it is free", () => {
    const none = { lease: null, still: 0, renewed: false }
    expect(leaseDecision(none, false)).toEqual({ kind: "take", token: 1, from: "free" })
    expect(leaseDecision(seen(0, { owner: null }), false)).toEqual({ kind: "take", token: 8, from: "free" })
  })

  it("is waited for while its owner renews it", () => {
    expect(leaseDecision(seen(74_000), false).kind).toBe("wait")
  })

  it("is taken over with a higher token once it stood still, whatever its owner's clock says", () => {
    for (const expires of [0, NOW, NOW * 2])
      expect(leaseDecision(seen(75_000, { expires }), false)).toEqual({
        kind: "take",
        token: 8,
        from: "dead",
      })
  })

  it("is preempted by a rollback that says so, if its owner only watches", () => {
    const watching = seen(0, { doing: { what: "bake", watches: true } })
    expect(leaseDecision(watching, true)).toEqual({ kind: "take", token: 8, from: "watching" })
    expect(leaseDecision(watching, false).kind).toBe("wait")
  })

  it("is not preempted in the middle of a change, nor waited for", () => {
    const decision = leaseDecision(seen(0), true)
    expect("end" in decision ? [decision.end.outcome, decision.end.what] : decision).toEqual([
      "refused",
      expect.stringMatching(/run 1 of ann .* in the middle of a change \(migration\)/),
    ])
    expect(leaseDecision(seen(10_000, {}, false), true).kind).toBe("wait")
  })
})

describe("the order of commits", () => {
  const live = { ...EMPTY_LEDGER, live: { number: 3, commit: commit(3), since: 0 } }
  it("accepts the live commit and newer ones", () => {
    expect(outOfOrder(requestFor({ commit: 4 }).release, "deploy", live)).toBeNull()
    expect(outOfOrder(requestFor({ commit: 3 }).release, "deploy", live)).toBeNull()
  })

  it("refuses a commit that does not contain the live one", () => {
    expect(outOfOrder(requestFor({ commit: 2 }).release, "deploy", live)?.what).toContain(
      "does not contain dddddddddddd",
    )
  })

  it("refuses a shallow clone that does not show the live commit", () => {
    const shallow = { ...requestFor({ commit: 4 }).release, ancestors: [], complete: false }
    expect(outOfOrder(shallow, "deploy", live)?.what).toContain("shallow clone")
  })

  it("does not apply to rollbacks", () => {
    expect(outOfOrder(requestFor({ commit: 2 }).release, "rollback", live)).toBeNull()
  })
})

const numberOf = (target: ReturnType<typeof returnTarget>) =>
  target.allowed ? target.record.number : target.reason

describe("the way back", () => {
  it("leads to the last proven-good release, not simply the previous one", () => {
    const ledger = withLive(1, record(1), record(2, { proven: false, outcome: "rolled-back" }))
    expect(numberOf(returnTarget(ledger, { number: 3, before: {} }))).toBe(1)
  })

  it("is never below a contract migration, even a failed one", () => {
    const failed = record(2, { proven: false, migration: { phase: "contract", exitCode: 1 } })
    const ledger = withLive(1, record(1), failed)
    expect(floorOf(ledger)).toBe(2)
    expect(numberOf(returnTarget(ledger, { number: 3, before: {} }))).toContain(
      "the contract migration of release 2",
    )
  })

  it("never leads to a release that was rolled back from, unless a number names it", () => {
    const back = record(3, { action: "rollback", to: 1, commit: commit(1) })
    const ledger = withLive(3, record(1), record(2), back)
    expect(numberOf(returnTarget(ledger, { number: 4, before: {} }))).toBe(3)
    expect(numberOf(requestedTarget(ledger, null))).toBe("the ledger has no other proven-good release")
    expect(numberOf(requestedTarget(ledger, 2))).toBe(2)
  })

  it("leads to what ran, if somebody took it back without Slipway, but not below the floor", () => {
    const ran = (number: number) =>
      Object.fromEntries(
        Object.entries(record(number).revisions).map(([name, revision]) => [
          name,
          { revision, steady: true, commit: null },
        ]),
      )
    const ledger = withLive(2, record(1), record(2))
    expect(numberOf(returnTarget(ledger, { number: 3, before: ran(1) }))).toBe(1)
    expect(numberOf(returnTarget(ledger, { number: 3, before: ran(2) }))).toBe(2)
    const contract = record(2, { migration: { phase: "contract", exitCode: 0 } })
    expect(numberOf(returnTarget(withLive(2, record(1), contract), { number: 3, before: ran(1) }))).toBe(2)
  })

  it("stays in the ledger when old releases are dropped, and so does the floor", () => {
    const failures = Array.from({ length: 80 }, (_, index) =>
      record(index + 3, { proven: false, commit: commit(1) }),
    )
    const contract = record(2, { proven: false, migration: { phase: "contract", exitCode: 0 } })
    const ledger = { ...ledgerOf(record(1), contract, ...failures), live: null }
    expect(ledger.releases.length).toBeLessThan(60)
    expect(floorOf(ledger)).toBe(2)
    expect(numberOf(returnTarget(ledger, { number: 100, before: {} }))).toContain("release 2")
  })
})

it("leaves a way back from the live release after more failures than the ledger keeps", () => {
  const failures = Array.from({ length: 80 }, (_, index) => record(index + 3, { proven: false }))
  const ledger = { ...ledgerOf(record(1), record(2), ...failures), live: null }
  const live = { number: 2, commit: commit(2), since: 0 }
  expect(numberOf(requestedTarget({ ...ledger, live }, null))).toBe(1)
})

describe("the platform", () => {
  const ran = (revision: string) => ({ web: { revision, steady: true, commit: null } })
  it("returns by itself only to what is not below the floor", () => {
    const contract = record(2, { migration: { phase: "contract", exitCode: 0 } })
    const ledger = withLive(2, record(1), contract)
    expect(mayReturn(ledger, ran("web:2"))).toBe(true)
    expect(mayReturn(ledger, ran("web:1"))).toBe(false)
    expect(mayReturn(withLive(1, record(1)), ran("web:1"))).toBe(true)
    // What it returns to is the last complete deployment, not the one that is under way.
    const moving = { web: { revision: "web:2", steady: false } }
    expect(mayReturn(ledger, moving)).toBe(false)
  })
})
