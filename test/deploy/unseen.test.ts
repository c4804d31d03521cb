/** Actions that only look, where AWS does not show what they ask for: they say so, and are not green. */
import { expect, it } from "vitest"
import { proxyOf } from "./proxy.ts"
import { type Changes, run, simulate } from "./rehearsal.ts"
import { answerOf, DENIED, DOWN, type Instead } from "./weather.ts"

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
}
const UNKNOWN: Instead = { status: 400, code: "ClientException" }
const GONE: Instead = { status: 404, code: "NoSuchKey" }
const NO_SERVICE = {
  status: 200,
  type: "application/x-amz-json-1.1",
  body: JSON.stringify({ services: [], failures: [{ reason: "MISSING" }] }),
}
const byNumber = (to: number): Changes => ({ request: { to } })

const UNSEEN = [
  ["status", /^DescribeServices$/, DENIED, 48, /what ECS runs is unknown.*AccessDenied.*release 2 since/s],
  ["status", /^DescribeServices$/, DOWN, 48, /what ECS runs is unknown.*ServiceUnavailable/s],
  ["status", /^DescribeServices$/, NO_SERVICE, 0, /live +web +ECS has no such service\n +worker +ECS has no/],
  ["status", /lease\.json/, DENIED, 48, /AWS denied s3:GetObject.*clinic-web:9/s],
  ["health", /^DescribeServices$/, DENIED, 48, /AWS denied ecs:DescribeServices/],
  ["health", /^DescribeServices$/, NO_SERVICE, 45, /service web not found/],
  ["health", /^ListTasks$/, DENIED, 48, /AWS denied ecs:ListTasks/],
  ["plan", /^DescribeTaskDefinition$/, UNKNOWN, 44, /ECS does not know clinic-web:9, which web runs/],
  ["plan", /^DescribeTaskDefinition$/, DENIED, 48, /AWS denied ecs:DescribeTaskDefinition/],
  ["plan", /^DescribeServices$/, NO_SERVICE, 44, /ECS has no service web with a revision/],
  ["audit", /\/ledger\/000002/, DENIED, 48, /AWS denied s3:GetObject/],
  ["audit", /\/ledger\/000001/, GONE, 45, /release 1: its own file is missing/],
  ["audit", /\/audit\//, GONE, 45, /it is empty or missing/],
] as const

it("are red, and say what they did not see", { timeout: 120_000 }, async () => {
  const simulator = await simulate(QUICK)
  const empty = await run(simulator, { action: "audit" })
  expect([empty.result.exitCode, empty.result.what]).toEqual([44, expect.stringMatching(/no release/)])
  for (const commit of [0, 1]) await run(simulator, { commit })
  for (const [action, pattern, instead, exitCode, text] of UNSEEN) {
    const proxy = await proxyOf(simulator, {
      before: (call) => {
        if (!pattern.test(call.operation)) return "passes"
        return "body" in instead ? instead : answerOf(instead, call)
      },
    })
    const { result } = await run(simulator, { action, commit: 1 }, {}, proxy.url)
    await proxy.close()
    const name = `${action} ${pattern}`
    expect([name, result.exitCode, result.text]).toEqual([name, exitCode, expect.stringMatching(text)])
  }
  for (const [to, exitCode] of [[2, 0] as const, [99, 44] as const]) {
    const { result } = await run(simulator, { action: "audit", commit: 1, ...byNumber(to) })
    expect([to, result.exitCode], result.text).toEqual([to, exitCode])
  }
})

it("find the file of a release whose run died before it was written", { timeout: 60_000 }, async () => {
  const simulator = await simulate(QUICK)
  const dying = await proxyOf(simulator, {
    before: (call) => (/PUT .*\/ledger\/000001/.test(call.operation) ? answerOf(DENIED, call) : "passes"),
  })
  await run(simulator, { commit: 0 }, {}, dying.url)
  await dying.close()
  await run(simulator, { commit: 1 })
  const { result } = await run(simulator, { action: "audit", commit: 1 })
  expect([result.exitCode, result.what]).toEqual([0, "the audit logs are unchanged and complete"])
})
