import { describe, expect, test } from "vitest"
import { notRun } from "../../../ci/src/run/run.js"
import { greeting, shellOf, stageCalled } from "../../../ci/src/run/shell.js"
import type { Stage } from "../../../ci/src/run/stage.js"

const stage = (name: string, kind: string): Stage => ({
  name,
  kind,
  needs: [],
  because: "a test",
  inputs: { include: ["**"], exclude: [] },
  run: () => Promise.reject(new Error("not to be run")),
})

const found = {
  stages: [stage("lint:web", "lint"), stage("lint:api", "lint"), stage("test:unit", "unit")],
  left: [{ kind: "types", reason: "no script types" }],
}

describe("the stage of a shell", () => {
  test.each([
    ["its name", "lint:api", "lint:api"],
    ["its kind", "unit", "test:unit"],
    ["the part before its colon", "test", "test:unit"],
  ])("is found by %s", (_what, name, expected) => {
    expect(stageCalled(name, found).name).toBe(expected)
  })

  test.each([
    ["test:unti", "test:unti is not a stage; did you mean test:unit?"],
    ["deploy", /deploy is not a stage\n.*name one of lint:web, lint:api, test:unit$/],
    ["lint", /lint means several stages\n.*name one of lint:web, lint:api$/],
    ["types", "types does not run: no script types"],
  ])("is not guessed: %s", (name, message) => {
    expect(() => stageCalled(name, found)).toThrow(message)
  })

  test("that did not run has no container", () => {
    const record = notRun(stage("test:unit", "unit"), "needs install, which did not pass")
    expect(() => shellOf(record, [])).toThrow(
      /test:unit ran no command in a container: needs install, .*\n.*open a shell in the stage that it needs/,
    )
  })
})

test("a shell greets with how the stage went, without what it starts by itself", () => {
  const step = (name: string, run: string, exitCode: number) => ({
    name,
    run,
    command: run,
    exitCode,
    timeout: 60,
    startedAt: 0,
    endedAt: 1,
    timedOut: false,
    attempts: 1,
  })
  const steps = [
    step("services", "forward &", 0),
    step("migrate", "npm run migrate", 0),
    step("t", "npm t", 1),
  ]
  const started = steps.map((one) => ({
    ...one,
    ...(one.name === "services" ? { stays: true as const } : {}),
  }))
  const outcome = { name: "test:unit", verdict: "failed", summary: "1 of 2 tests failed" } as const
  expect(greeting(outcome, { steps: started, ran: { steps } }).split("\n")).toEqual([
    "test:unit failed: 1 of 2 tests failed",
    "  migrate  exit code 0  npm run migrate",
    "  t        exit code 1  npm t",
    "Run it again: /slipway/again. Its log: /slipway/log. Leave: exit.",
  ])
})
