import { describe, expect, it } from "vitest"
import { causeOf, EMPTY_BUNDLE } from "../../../modules/deploy/program/plan/cause.ts"
import {
  judgeAlarm,
  judgeMetric,
  rewritten,
  wrongAnswer,
} from "../../../modules/deploy/program/plan/checks.ts"
import { approvers, forbidden, wrongIdentity } from "../../../modules/deploy/program/plan/gate.ts"
import { excerpt, tellingLine } from "../../../modules/deploy/program/plan/log.ts"
import { migrationMeaning } from "../../../modules/deploy/program/plan/migration.ts"
import { leaseDecision, outOfOrder } from "../../../modules/deploy/program/plan/order.ts"
import { exitCodeOf, OUTCOMES } from "../../../modules/deploy/program/plan/outcome.ts"
import { floorOf, rollbackTarget } from "../../../modules/deploy/program/plan/release.ts"
import { render, revisionDiff, sameContent } from "../../../modules/deploy/program/plan/revision.ts"
import { EMPTY_LEDGER, type ReleaseRecord, withRelease } from "../../../modules/deploy/program/plan/state.ts"
import { frozen } from "../../../modules/deploy/program/plan/windows.ts"
import { type Asked, commit, parsed, requestInput } from "../../deploy/rehearsal.ts"

const NOW = Date.parse("2026-03-06T15:30:00Z")
const asked = (given: Asked = {}) => parsed(requestInput(given))

const approval = (by: string, at = "2026-03-06T12:00:00Z", index = 0) => ({
  ...{ by, at, commit: commit(index), source: "vendor" as const },
})

const record = (number: number, change: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  ...{ number, action: "deploy", commit: commit(number % 5), author: "ann", images: {} },
  revisions: { web: `web:${number}` },
  ...{ deployments: {}, outcome: "succeeded", proven: true, migration: null, snapshot: null, verdict: null },
  ...{ approvals: [], breakGlass: null, run: { id: "r", url: null, actor: "ann" }, started: 0, ended: 0 },
  ...change,
})

const ledgerOf = (...records: readonly ReleaseRecord[]) => records.reduce(withRelease, EMPTY_LEDGER)

describe("outcomes", () => {
  it("have exit codes of their own, and a question has another one", () => {
    const codes = [
      ...Object.values(OUTCOMES).map(({ exitCode }) => exitCode),
      exitCodeOf("still-running", true),
    ]
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes).toEqual([0, 40, 41, 42, 43, 44, 45, 46])
  })
})

describe("the gate", () => {
  const production = { environment: { production: true } }

  it("wants two people who are not the author, for this commit, before now, each once", () => {
    const approvals = [
      approval("ann"),
      approval("Bob"),
      approval("bob"),
      approval("cleo", "2026-03-07T00:00:00Z"),
      approval("dan", "2026-03-06T12:00:00Z", 1),
    ]
    const request = asked({ ...production, request: { approvals } })
    expect(approvers(request, NOW)).toEqual(["Bob"])
    expect(forbidden(request, NOW)?.what).toContain(
      "needs 2 approvals, and Bob did; ann, bob, cleo and dan cannot",
    )
    const enough = asked({ ...production, request: { approvals: [...approvals, approval("eve")] } })
    expect(forbidden(enough, NOW)).toBeNull()
  })

  it("is opened by broken glass, and never for another account or role", () => {
    const breakGlass = { by: "ann", reason: "patients cannot log in" }
    const request = asked({ environment: { production: true, role: "deployer" }, request: { breakGlass } })
    expect(forbidden(request, NOW)).toBeNull()
    const role = "arn:aws:sts::111122223333:assumed-role/deployer/slipway-1"
    expect(wrongIdentity(request, { account: "111122223333", arn: role })).toBeNull()
    expect(wrongIdentity(request, { account: "999988887777", arn: role })?.outcome).toBe("refused")
    expect(
      wrongIdentity(request, { account: "111122223333", arn: role.replace("deployer", "reader") })?.what,
    ).toContain("reader")
  })

  it("lets a rollback through at any hour", () => {
    const freeze = { zone: "UTC", windows: [{ from: "2026-03-01", to: "2026-03-31" }] }
    const given = { environment: { production: true, freeze } }
    expect(forbidden(asked(given), NOW)?.what).toContain("is frozen")
    expect(forbidden(asked({ ...given, action: "rollback" }), NOW)).toBeNull()
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
  ])("hold in their time zone, over midnight: %s is frozen: %s", (at, is) => {
    expect(frozen(freeze, Date.parse(at)) !== null).toBe(is)
  })
})

describe("the lease", () => {
  const lease = {
    owner: "a",
    run: { id: "1", url: null, actor: "ann" },
    commit: commit(0),
    token: 7,
    expires: NOW,
  }
  it("is taken where it is free, waited for where its owner lives, taken over with a higher token where it is dead", () => {
    expect(leaseDecision(null, NOW)).toEqual({ kind: "take", token: 1, takenOver: false })
    expect(leaseDecision({ ...lease, owner: null }, NOW)).toEqual({
      kind: "take",
      token: 8,
      takenOver: false,
    })
    expect(leaseDecision(lease, NOW + 10_000).kind).toBe("wait")
    expect(leaseDecision(lease, NOW + 16_000)).toEqual({ kind: "take", token: 8, takenOver: true })
  })
})

describe("the order of commits", () => {
  const live = { ...EMPTY_LEDGER, live: { number: 3, commit: commit(3), since: 0 } }
  it("refuses what does not contain the live commit, and what cannot be told", () => {
    expect(outOfOrder(asked({ commit: 4 }).release, "deploy", live)).toBeNull()
    expect(outOfOrder(asked({ commit: 3 }).release, "deploy", live)).toBeNull()
    expect(outOfOrder(asked({ commit: 2 }).release, "deploy", live)?.what).toContain(
      "does not contain dddddddddddd",
    )
    const shallow = { ...asked({ commit: 4 }).release, ancestors: [], complete: false }
    expect(outOfOrder(shallow, "deploy", live)?.what).toContain("shallow clone")
    expect(outOfOrder(asked({ commit: 2 }).release, "rollback", live)).toBeNull()
  })
})

describe("the way back", () => {
  it("leads to the last proven release, not to the one before", () => {
    const target = rollbackTarget(
      ledgerOf(record(1), record(2, { proven: false, outcome: "rolled-back" })),
      3,
      false,
    )
    expect(target.allowed && target.record.number).toBe(1)
  })

  it("is forbidden below a contract migration, also one that failed", () => {
    const ledger = ledgerOf(
      record(1),
      record(2, { proven: false, migration: { phase: "contract", exitCode: 1 } }),
    )
    expect(floorOf(ledger)).toBe(2)
    const target = rollbackTarget(ledger, 3, false)
    expect(target.allowed ? "" : target.reason).toContain("the contract migration of release 2")
    expect(rollbackTarget(ledgerOf(record(1)), 2, true).allowed).toBe(false)
  })

  it("keeps the last proven release in a ledger that is cut", () => {
    const failures = Array.from({ length: 80 }, (_, index) =>
      record(index + 2, { proven: false, commit: commit(1) }),
    )
    const ledger = ledgerOf(record(1), ...failures)
    expect(ledger.releases.length).toBeLessThan(60)
    const target = rollbackTarget(ledger, 100, false)
    expect(target.allowed && target.record.number).toBe(1)
  })
})

describe("a revision", () => {
  const live = {
    ...{
      taskDefinitionArn: "arn:web:7",
      revision: 7,
      status: "ACTIVE" as const,
      registeredBy: "terraform",
      family: "web",
    },
    containerDefinitions: [
      {
        name: "web",
        image: "old",
        environment: [
          { name: "TOKEN", value: "canary" },
          { name: "flag", value: "off" },
        ],
      },
      { name: "proxy", image: "proxy" },
    ],
  }
  const change = { container: "web", image: "new", flags: { flag: "on", other: "x" } }

  it("is the live one with image and flags changed, without what ECS does not take", () => {
    const rendered = render(live, change)
    if (!rendered.ok) throw new Error(rendered.problem)
    expect(rendered.next).toEqual({
      family: "web",
      containerDefinitions: [
        {
          ...{ name: "web", image: "new" },
          environment: [
            { name: "TOKEN", value: "canary" },
            { name: "flag", value: "on" },
            { name: "other", value: "x" },
          ],
        },
        { name: "proxy", image: "proxy" },
      ],
    })
    expect(rendered.same).toBe(false)
    const diff = revisionDiff(live, rendered.next, change)
    expect(diff).toEqual(["- image old", "+ image new", "- flag=off", "+ flag=on", "+ other=x"])
    const answered = {
      ...rendered.next,
      revision: 8,
      containerDefinitions: rendered.next.containerDefinitions?.map((one) => ({ ...one, mountPoints: [] })),
    }
    expect(sameContent(answered, rendered.next)).toBe(true)
  })

  it("says which containers there are where the named one is not", () => {
    const rendered = render(live, { ...change, container: "api" })
    expect(rendered.ok ? "" : rendered.problem).toBe("web has no container api; it has web, proxy")
  })
})

describe("a migration's task", () => {
  const task = { arn: "t", status: "STOPPED", stopCode: "EssentialContainerExited", stoppedReason: "" }
  const container = (name: string, exitCode: number | null) => ({ name, exitCode, reason: "" })
  it("is judged by its own container, told apart from one that never ran, and may be missing for a while", () => {
    const sidecar = { ...task, containers: [container("log", 1), container("migrate", 0)] }
    expect(migrationMeaning(sidecar, "migrate", 0)).toEqual({ kind: "done", exitCode: 0 })
    const never = {
      ...task,
      stoppedReason: "CannotPullContainerError",
      containers: [container("migrate", null)],
    }
    expect(migrationMeaning(never, "migrate", 0)).toEqual({
      kind: "never-started",
      why: "CannotPullContainerError",
    })
    expect(migrationMeaning(null, "migrate", 30_000).kind).toBe("starting")
    expect(migrationMeaning(null, "migrate", 300_000).kind).toBe("lost")
  })
})

describe("checks", () => {
  const check = { url: "https://a/health", attempts: 1, intervalSeconds: 1, status: 200, contains: "ok" }
  it("tell a wrong answer in words", () => {
    expect(wrongAnswer(check, { status: 200, body: "all ok", error: "" })).toBeNull()
    expect(wrongAnswer(check, { status: 502, body: "", error: "" })).toBe("answers 502 instead of 200")
    expect(wrongAnswer(check, { status: 200, body: "no", error: "" })).toBe('answers without "ok"')
    expect(wrongAnswer(check, { status: null, body: "", error: "ECONNREFUSED" })).toBe("ECONNREFUSED")
  })

  it("have three answers: no data is never a pass", () => {
    const metric = {
      name: "p99",
      namespace: "n",
      metric: "m",
      statistic: "p99",
      dimensions: {},
      good: { below: 1 },
      bad: { above: 2 },
    }
    const judged = [0.5, 1.5, 3, null].map((value) => judgeMetric(metric, value).judgement)
    expect(judged).toEqual(["successful", "inconclusive", "failed", "inconclusive"])
    expect(judgeAlarm("a", "ALARM", false).judgement).toBe("failed")
    expect(judgeAlarm("a", "ALARM", true).judgement).toBe("inconclusive")
    expect(judgeAlarm("a", "INSUFFICIENT_DATA", false).judgement).toBe("inconclusive")
    expect(judgeAlarm("a", "", false).note).toBe("there is no such alarm")
  })

  it("ask the rehearsal's address where one is named, by the longest beginning", () => {
    const endpoints = { "https://a": "http://x", "https://a/api": "http://y" }
    expect(rewritten("https://a/api/health", endpoints)).toBe("http://y/health")
    expect(rewritten("https://b/", endpoints)).toBe("https://b/")
  })
})

describe("causes", () => {
  const stopped = (reason: string, exitCode: number | null) => ({
    ...EMPTY_BUNDLE,
    stopped: [{ service: "web", task: "t", reason, containers: [{ name: "app", exitCode, reason: "" }] }],
  })
  it.each([
    ["CannotPullContainerError: not found", null, "the image cannot be pulled: not found"],
    [
      "ResourceInitializationError: unable to pull secrets or registry auth",
      null,
      "a secret that the task definition names cannot be read",
    ],
    [
      "OutOfMemoryError: Container killed",
      137,
      "the container needs more memory than its task definition gives it",
    ],
    ["Essential container in task exited", 3, "the container app of web ends with exit code 3"],
    [
      "Task failed ELB health checks in (target-group web)",
      143,
      "the tasks run, and their health check fails",
    ],
    ["ECS was unable to assume the role 'arn:aws:iam::1:role/x'", null, "ECS may not assume the task's role"],
  ])("of %s (%s) is one sentence", (reason, exitCode, cause) => {
    expect(causeOf(stopped(reason, exitCode))?.cause).toBe(cause)
  })
  it("are none where nothing is known", () => {
    expect(causeOf(EMPTY_BUNDLE)).toBeNull()
  })
})

describe("a log", () => {
  const FAILED = [
    "> node-pg-migrate up",
    "> Migrating files:",
    "> - 1767225600003_rooms",
    'error: relation "rooms" does not exist',
    ...Array.from({ length: 12 }, (_, index) => `    at frame ${index}`),
    "npm notice New major version of npm available!",
    "npm error code 1",
    "",
  ]

  it("is told by the line that names the error, whatever comes after it", () => {
    expect(tellingLine(FAILED)).toBe('error: relation "rooms" does not exist')
    expect(excerpt(FAILED, 3)).toEqual([
      "> - 1767225600003_rooms",
      'error: relation "rooms" does not exist',
      "    at frame 0",
    ])
  })

  it.each([
    ["2026-03-02 09:00:00 UTC [12] FATAL:  password authentication failed", true],
    ["TypeError: Cannot read properties of undefined", true],
    ["java.lang.IllegalStateException: no bean", true],
    ["0 errors: all good", false],
    ["GET /errors 200", false],
  ])("names an error in %j: %s", (line, names) => {
    expect(tellingLine([line, "the end"])).toBe(names ? line : "the end")
  })

  it("without such a line is told by its end, and without any by nothing", () => {
    expect([tellingLine(["one", "two", "npm notice"]), tellingLine([])]).toEqual(["two", null])
    expect(excerpt(["one", "two", "three"], 2)).toEqual(["two", "three"])
  })
})
