import * as fs from "node:fs"
import { createServer } from "node:http"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import type { RunRecord, StageRecord } from "../../../ci/src/run/result.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { notify } from "../../../cli/commands/notify.js"
import { CommandFault } from "../../../cli/fault.js"
import { type Channel, tell } from "../../../cli/notify/send.js"
import { NOTHING_TOLD, readState, type State } from "../../../cli/notify/state.js"
import { run } from "../metrics/history.js"
import * as records from "../report/builders.js"

/** What arrived at the local server, by path. */
let got: { readonly path: string; readonly body: Record<string, unknown> }[] = []
/** How many requests the server refuses first. */
let refusals = 0

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const refused = refusals > 0
    refusals -= 1
    if (!refused) got.push({ path: request.url ?? "", body: JSON.parse(Buffer.concat(chunks).toString()) })
    response.writeHead(refused ? 500 : 200).end()
  })
})
let url = ""
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
})
afterAll(() => server.close())
beforeEach(() => {
  got = []
  refusals = 0
})

const channels = (text: string): readonly Channel[] => parseConfig(`notifications: ${text}`).notifications

/** Tells of runs, one after the other, and returns what arrived after each. */
async function story(
  all: readonly Channel[],
  runs: readonly RunRecord[],
  start: State = NOTHING_TOLD,
): Promise<{ readonly steps: readonly (readonly string[])[]; readonly state: State }> {
  let state = start
  const steps: (readonly string[])[] = []
  for (const record of runs) {
    const told = await tell(state, record, all, {
      addresses: { team: `${url}/team`, duty: "key-of-duty", all: `${url}/all` },
      endpoints: { "https://events.pagerduty.com": url },
      sleep: async () => {},
      publish: async () => {
        throw new Error("no topic here")
      },
    })
    state = told.state
    steps.push(told.sent.map((line) => line.replace(/ after .*$/, "")))
  }
  return { steps, state }
}

const failing = (name: string): StageRecord =>
  records.stage("test:unit", {
    verdict: "failed",
    tests: [records.test("visits", name, { verdict: "failed", message: "no" })],
  })
const green = (...tests: StageRecord["tests"]) => records.stage("test:unit", { tests })
const TEAM = "[{ kind: slack, name: team }]"

describe("people are told", () => {
  test("of a red branch once a cause, of a new cause again, and when it is fixed", async () => {
    const { steps } = await story(channels(TEAM), [
      run(1, "failed", { stages: [failing("books")] }),
      run(2, "failed", { stages: [failing("books")] }),
      run(3, "failed", { stages: [failing("cancels")] }),
      run(4, "passed", { stages: [green()] }),
      run(5, "passed", { stages: [green()] }),
      run(6, "failed", { stages: [failing("books")] }),
    ])
    expect(steps).toEqual([
      ["slack team: failed: medflow main: 1 new cause"],
      [],
      ["slack team: failed: medflow main: 1 new cause"],
      ["slack team: fixed: medflow main is green again"],
      [],
      ["slack team: failed: medflow main: 1 new cause"],
    ])
    expect(got[0]?.body.text).toContain("test:unit: visits › books failed")
  })

  test("not again of what a stage that could not run would have shown", async () => {
    const errored = records.stage("test:unit", { verdict: "skipped" })
    const install = records.stage("install", { verdict: "errored", cause: "download", summary: "no npm" })
    const { steps } = await story(channels(TEAM), [
      run(1, "failed", { stages: [failing("books")] }),
      run(2, "errored", { stages: [install, errored] }),
      run(3, "failed", { stages: [failing("books")] }),
    ])
    expect(steps.map((one) => one.length)).toEqual([1, 1, 0])
    expect(got[1]?.body.text).toContain("install errored: no npm")
  })

  test("of a flaky test once, though it fails only now and then", async () => {
    const flaky = records.test("visits", "books", { flaky: true })
    const { steps } = await story(channels(TEAM), [
      run(1, "passed", { stages: [green(flaky)] }),
      run(2, "passed", { stages: [green()] }),
      run(3, "passed", { stages: [green(flaky)] }),
      run(50, "passed", { stages: [green(flaky)] }),
    ])
    expect(steps.map((one) => one.length)).toEqual([1, 0, 0, 0])
  })

  test("of findings and limits, by channel and severity", async () => {
    const finding = (rule: string, severity: "low" | "high") =>
      records.finding(rule, "is outdated", { severity, file: "package.json" })
    const stages = [
      records.stage("scan:dependencies", { findings: [finding("CVE-1", "low"), finding("CVE-2", "high")] }),
      records.stage("lint", { findings: [finding("no-var", "high")] }),
      records.stage("limits", {
        findings: [records.finding("too-slow", "tests took 22 min", { severity: "high" })],
      }),
    ]
    const all = channels(
      "[{ kind: webhook, name: all }, { kind: slack, name: team, on: [finding], severity: high }, { kind: pagerduty, name: duty, on: [red, fixed] }]",
    )
    const { steps } = await story(all, [run(1, "passed", { stages })])
    expect(steps[0]).toEqual([
      "webhook all: medflow main: 2 new security findings",
      "webhook all: medflow main: 1 limit exceeded",
      "slack team: medflow main: 1 new security finding",
    ])
    expect(got[0]).toMatchObject({
      path: "/all",
      body: { version: 1, event: "finding", severity: "high", project: "medflow" },
    })
  })

  test("through PagerDuty by one incident, which ends when the branch is green", async () => {
    const { steps } = await story(channels("[{ kind: pagerduty, name: duty, on: [red, fixed] }]"), [
      run(1, "failed", { stages: [failing("books")] }),
      run(2, "passed", { stages: [green()] }),
    ])
    expect(steps.map((one) => one.length)).toEqual([1, 1])
    const key = "slipway-check-medflow-red"
    expect(
      got.map(({ path: at, body }) => [at, body.event_action, body.dedup_key, body.routing_key]),
    ).toEqual([
      ["/v2/enqueue", "trigger", key, "key-of-duty"],
      ["/v2/enqueue", "resolve", key, "key-of-duty"],
    ])
  })

  test("after the next run where a channel was not reached, and others not twice", async () => {
    const all = channels("[{ kind: slack, name: team }, { kind: webhook, name: all }]")
    const red = (day: number) => run(day, "failed", { stages: [failing("books")] })
    refusals = 3
    const first = await story(all, [red(1)])
    expect(first.steps).toEqual([["webhook all: failed: medflow main: 1 new cause"]])
    const second = await story(all, [red(2)], first.state)
    expect(second.steps).toEqual([["slack team: failed: medflow main: 1 new cause"]])
    refusals = 3
    const greens = [run(3, "passed", { stages: [green()] }), run(4, "passed"), run(5, "passed")]
    const { steps } = await story(all, greens, second.state)
    expect(steps.map((one) => one.length)).toEqual([1, 1, 0])
  })

  test("not where the secret has no such name or no URL, and no message has the address", async () => {
    const all = channels(
      "[{ kind: slack, name: other }, { kind: email, topic: arn:aws:sns:eu-central-1:111122223333:checks }]",
    )
    const told = await tell(
      NOTHING_TOLD,
      run(1, "failed", { stages: [failing("books")] }),
      [...all, ...channels(TEAM)],
      {
        addresses: { team: "s3cret" },
        endpoints: {},
        sleep: async () => {},
        publish: async () => {
          throw new Error("no topic here")
        },
      },
    )
    expect(told.sent).toEqual([])
    expect(told.failed).toEqual([
      "slack other: the notifications secret has no key other",
      "email arn:aws:sns:eu-central-1:111122223333:checks: no topic here",
      "slack team: its address is not a URL",
    ])
  })
})

test.each([
  ["an unknown event", "[{ kind: slack, name: team, on: [yellow] }]", "one of red, fixed"],
  ["an unknown channel", "[{ kind: pigeon, name: team }]", "slack, pagerduty, webhook or email"],
  [
    "an address in the place of a name's key",
    "[{ kind: slack, url: https://example.org }]",
    'unknown key "url"',
  ],
])("slipway.yaml is refused for %s", (_, text, message) => {
  expect(() => channels(text)).toThrow(message)
})

describe("slipway notify", () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-notify-"))
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
  const state = path.join(root, "cache/told.json")

  async function call(record: RunRecord, ...words: readonly string[]) {
    fs.mkdirSync(path.join(root, ".slipway"), { recursive: true })
    fs.writeFileSync(path.join(root, "slipway.yaml"), `notifications: ${TEAM}`)
    fs.writeFileSync(path.join(root, ".slipway/result.json"), JSON.stringify(record))
    vi.stubEnv("NOTIFICATIONS", JSON.stringify({ team: `${url}/team` }))
    const out: string[] = []
    const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0)
    try {
      return {
        code: await notify.run([root, "--state", state, "--branch", "main", ...words]),
        out: out.join(""),
      }
    } finally {
      spy.mockRestore()
      vi.unstubAllEnvs()
    }
  }
  const red = run(1, "failed", { stages: [failing("books")] })

  test("keeps from run to run what people know", async () => {
    expect((await call(red, "--dry-run")).out).toContain("slack: failed: medflow main: 1 new cause")
    expect(got).toEqual([])
    expect(await call(red)).toMatchObject({ code: 0, out: "slack team: failed: medflow main: 1 new cause\n" })
    expect((await call(red)).out).toBe("nothing new\n")
    expect(readState(fs.readFileSync(state, "utf8"))?.run).toBe(red.startedAt)
    expect((await call(run(0, "passed"))).out).toContain("people know of a newer run")
    expect(got).toHaveLength(1)
  })

  test.each([
    ["on a laptop", { vendor: null }, "no CI vendor"],
    ["of a change", { change: "7" }, "it is a change (7)"],
    ["of another branch", { branch: "feature" }, "it is of feature, and main is released"],
  ])("tells nobody %s", async (_, context, why) => {
    expect((await call(run(9, "failed", { ...context, stages: [failing("books")] }))).out).toContain(why)
    expect(got).toEqual([])
  })

  test("tells again where what people know is damaged, and names a channel that it cannot reach", async () => {
    fs.writeFileSync(state, "{")
    const spy = vi.spyOn(process.stderr, "write").mockImplementation(() => true)
    expect((await call(red)).out).toContain("1 new cause")
    expect(spy).toHaveBeenCalledWith(expect.stringContaining("cannot be read"))
    spy.mockRestore()
    vi.stubEnv("NOTIFICATIONS", "")
    fs.rmSync(state)
    const original = url
    url = "not an address"
    const fault = await call(red).catch((error: unknown) => error)
    url = original
    expect(fault).toBeInstanceOf(CommandFault)
    expect(fault).toMatchObject({
      kind: "not-notified",
      what: expect.stringContaining("its address is not a URL"),
    })
  })
})
