import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import {
  judgeAlarm,
  judgeMetric,
  rewritten,
  wrongAnswer,
} from "../../../modules/deploy/program/core/checks.ts"
import { EMPTY_BUNDLE } from "../../../modules/deploy/program/core/evidence.ts"
import { errorLine, excerpt } from "../../../modules/deploy/program/core/log.ts"
import { exitCodeOf, OUTCOMES } from "../../../modules/deploy/program/core/outcome.ts"
import { causeOf } from "../../../modules/deploy/program/ecs/cause.ts"
import { migrationProgress } from "../../../modules/deploy/program/ecs/migration-progress.ts"
import { render, revisionDiff, sameContent } from "../../../modules/deploy/program/ecs/render.ts"

describe("outcomes", () => {
  it("have distinct exit codes, and so has a question", () => {
    const codes = [
      ...Object.values(OUTCOMES).map(({ exitCode }) => exitCode),
      exitCodeOf("still-running", true),
    ]
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes).toEqual([0, 40, 41, 42, 43, 44, 45, 48, 46])
  })

  it.each(Object.entries(OUTCOMES))("documents %s with its exit code and meaning", (outcome, {
    exitCode,
    meaning,
  }) => {
    const docs = readFileSync("docs/deploy.md", "utf8")
    expect(docs).toContain(`| \`${outcome}\` | ${exitCode} | ${meaning}`)
  })
})

describe("the next revision", () => {
  const live = {
    taskDefinitionArn: "arn:web:7",
    revision: 7,
    status: "ACTIVE" as const,
    registeredBy: "terraform",
    family: "web",
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

  it("changes only image and flags of the live one", () => {
    const rendered = render(live, change)
    if (!rendered.ok) throw new Error(rendered.problem)
    expect(rendered.next).toEqual({
      family: "web",
      containerDefinitions: [
        {
          name: "web",
          image: "new",
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

  it("names the existing containers if the configured one is missing", () => {
    const rendered = render(live, { ...change, container: "api" })
    expect(rendered.ok ? "" : rendered.problem).toMatch(/web has no container api.*web, proxy/)
  })
})

describe("a migration's task", () => {
  const task = {
    arn: "t",
    status: "STOPPED",
    stopCode: "EssentialContainerExited",
    stoppedReason: "",
    ran: false,
  }
  const container = (name: string, exitCode: number | null) => ({ name, exitCode, reason: "" })
  it("is judged by its own container", () => {
    const sidecar = { ...task, containers: [container("log", 1), container("migrate", 0)] }
    expect(migrationProgress(sidecar, "migrate", 0)).toEqual({ kind: "done", exitCode: 0 })
  })

  it("differs from a task that never ran", () => {
    const never = {
      ...task,
      stoppedReason: "CannotPullContainerError",
      containers: [container("migrate", null)],
    }
    expect(migrationProgress(never, "migrate", 0)).toEqual({
      kind: "never-started",
      why: "CannotPullContainerError",
    })
  })

  it("that ran and has no exit code may have changed the schema", () => {
    const reclaimed = { ...task, ran: true, stoppedReason: "Your Spot Task was interrupted." }
    expect(
      migrationProgress({ ...reclaimed, containers: [container("migrate", null)] }, "migrate", 0).kind,
    ).toBe("cut-off")
  })

  it("may be missing from ECS for a while", () => {
    expect(migrationProgress(null, "migrate", 30_000).kind).toBe("starting")
    expect(migrationProgress(null, "migrate", 300_000).kind).toBe("lost")
  })
})

describe("checks", () => {
  const check = { url: "https://a/health", attempts: 1, intervalSeconds: 1, status: 200, contains: "ok" }
  it("describe a wrong response", () => {
    expect(wrongAnswer(check, { status: 200, body: "all ok", error: "" })).toBeNull()
    expect(wrongAnswer(check, { status: 502, body: "", error: "" })).toBe("answers 502 instead of 200")
    expect(wrongAnswer(check, { status: 200, body: "no", error: "" })).toContain('"ok"')
    expect(wrongAnswer(check, { status: null, body: "", error: "ECONNREFUSED" })).toBe("ECONNREFUSED")
  })

  it("are inconclusive without data", () => {
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
    expect(judgeAlarm("a", "", false)).toMatchObject({ judgement: "inconclusive", note: "not found" })
  })

  it("replace the longest matching prefix of a URL in a rehearsal", () => {
    const endpoints = { "https://a": "http://x", "https://a/api": "http://y" }
    expect(rewritten("https://a/api/health", endpoints)).toBe("http://y/health")
    expect(rewritten("https://b/", endpoints)).toBe("https://b/")
  })
})

describe("the likely cause", () => {
  const stopped = (reason: string, exitCode: number | null) => ({
    ...EMPTY_BUNDLE,
    stopped: [{ service: "web", task: "t", reason, containers: [{ name: "app", exitCode, reason: "" }] }],
  })
  it.each([
    ["CannotPullContainerError: not found", null, /cannot pull the image: not found/],
    ["ResourceInitializationError: unable to pull secrets or registry auth", null, /cannot read a secret/],
    ["OutOfMemoryError: Container killed", 137, /out of memory/],
    ["Essential container in task exited", 3, /container app of web exited with code 3/],
    ["Task failed ELB health checks in (target-group web)", 143, /health check fails/],
    ["ECS was unable to assume the role 'arn:aws:iam::1:role/x'", null, /cannot assume the task's role/],
  ])("is found for %s (exit code %s)", (reason, exitCode, cause) => {
    expect(causeOf(stopped(reason, exitCode))?.cause).toMatch(cause)
  })
  it.each([
    ["no evidence", []],
    ["a smoke test that failed", ["the smoke test failed with exit code 1"]],
  ])("is unknown for %s", (_what, reasons) => {
    expect(causeOf({ ...EMPTY_BUNDLE, reasons })).toBeNull()
  })
})

describe("the error in a log", () => {
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

  it("is the line that names it, whatever follows", () => {
    expect(errorLine(FAILED)).toBe('error: relation "rooms" does not exist')
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
  ])("is named by %j: %s", (line, names) => {
    expect(errorLine([line, "the end"])).toBe(names ? line : "the end")
  })

  it("is the last line if none names it, and null in an empty log", () => {
    expect([errorLine(["one", "two", "npm notice"]), errorLine([])]).toEqual(["two", null])
    expect(excerpt(["one", "two", "three"], 2)).toEqual(["two", "three"])
  })
})
