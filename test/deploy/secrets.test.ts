/** Puts a word into all secrets of the program that stands nowhere else, and finds it in no output and no stored object. */
import { beforeAll, describe, expect, it } from "vitest"
import { bundle, start } from "./program.ts"
import { proxyOf } from "./proxy.ts"
import { parsed, rehearsing, requestInput, run, simulate, WHOLE } from "./rehearsal.ts"

let file = ""
beforeAll(async () => {
  file = await bundle()
})

const NOTIFY = {
  team: "https://hooks.example.org/services/songbird-slack-path",
  duty: "songbird-pagerduty-key",
}

const NOTIFICATIONS = [
  { kind: "slack" as const, name: "team" },
  { kind: "pagerduty" as const, name: "duty" },
]

const CLAIMS = Buffer.from(JSON.stringify({ sub: "repo:clinic" })).toString("base64url")

const KEYS = { AWS_SECRET_ACCESS_KEY: "songbird-secret-key", AWS_SESSION_TOKEN: "songbird-session-token" }
const TOKEN = {
  AWS_ACCESS_KEY_ID: "",
  AWS_SECRET_ACCESS_KEY: "",
  SLIPWAY_WEB_IDENTITY_TOKEN: `${Buffer.from("{}").toString("base64url")}.${CLAIMS}.songbird-signature`,
}

it("repeats no value of a task definition, and no encoded message, out of AWS's errors", async () => {
  const simulator = await simulate()
  const message = `Value 'songbird-value' failed. Encoded authorization failure message: ${"songbird".repeat(60)}`
  const proxy = await proxyOf(simulator, {
    before: ({ operation, type }) =>
      operation === "RegisterTaskDefinition"
        ? { status: 400, type, body: JSON.stringify({ __type: "ClientException", message }) }
        : "passes",
  })
  const environment = { featureFlags: { CODE: "songbird-value" } }
  const { result, printed, logged } = await run(simulator, { environment }, {}, proxy.url)
  await proxy.close()
  expect(result.cause).toMatch(/Value '\*\*\*' failed\. Encoded authorization failure message left out$/)
  expect(JSON.stringify([result, printed, logged])).not.toContain("songbird")
})

describe.each([
  ["session keys", KEYS, null],
  ["a CI vendor's token", TOKEN, "clinic-deploy"],
])("a run with %s", (_what, credentials, role) => {
  it.each([
    ["crash-loop", 40],
    ["expired-credentials", 43],
    ["wrong-account", 44],
  ])("shows and stores no secret in %s", { timeout: 60_000 }, async (scenario, exitCode) => {
    const simulator = await simulate(scenario)
    const environment = { ...WHOLE, role, notifications: NOTIFICATIONS }
    const request = rehearsing(parsed(requestInput({ environment })), simulator)
    const env = { ...credentials, SLIPWAY_NOTIFY: JSON.stringify(NOTIFY) }
    const { code, stdout, stderr } = await start(file, request, simulator.url, env).exited
    const { journal, notifications, look } = simulator.rehearsal
    const bodies = notifications.map(({ body }) => body.replace('"routing_key":"songbird-pagerduty-key"', ""))
    expect(code, stdout + stderr).toBe(exitCode)
    const kept = JSON.stringify([stdout, stderr, journal, bodies, look()])
    for (const secret of ["songbird", CLAIMS]) expect(kept).not.toContain(secret)
  })
})
