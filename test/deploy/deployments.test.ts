/** What GitHub and GitLab show of a deployment. */
import { describe, expect, it } from "vitest"
import { forge, TOKEN } from "./forge.ts"
import { type Changes, commit, type Ran, run, simulate } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>
type Forge = Awaited<ReturnType<typeof forge>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
}

const deploys =
  (simulator: Simulator, { api }: Pick<Forge, "api">, kind: "github" | "gitlab") =>
  (changes: Changes = {}, rest: Parameters<typeof run>[2] = {}): Promise<Ran> =>
    run(
      simulator,
      {
        ...changes,
        environment: { ...changes.environment, deployments: { kind, repository: "clinic/app", api } },
      },
      { deploymentToken: TOKEN, ...rest },
    )

const seen = ({ all }: Forge) => all.map(({ sha, states }) => [sha.slice(0, 1), ...states])

describe.each([
  ["github", "in_progress", "failure", "inactive", "inactive"],
  ["gitlab", "running", "failed", "success", "canceled"],
] as const)("%s", (kind, running, failed, retired, closed) => {
  it("shows a release, what replaces it, and a rollback", async () => {
    const [simulator, server] = [await simulate(QUICK), await forge()]
    const deploy = deploys(simulator, server, kind)
    await deploy()
    await deploy({ commit: 1 })
    await deploy({ action: "rollback", commit: 1, request: { run: { id: "back", actor: "bob" } } })
    const was = retired === "success" ? [] : [retired]
    expect(seen(server)).toEqual([
      ["a", running, "success", ...was],
      ["b", running, "success", ...was],
      ["a", running, "success"],
    ])
    expect(server.all[0]).toMatchObject({ sha: commit(0), environment: "staging" })
    if (kind === "github") expect(server.all[0]?.urls[1]).toBe("https://ci.example.org/runs/0")
    await server.close()
  })

  it("shows a release that fails", async () => {
    const [simulator, server] = [await simulate({ ...QUICK }), await forge()]
    const { result } = await deploys(
      simulator,
      server,
      kind,
    )({
      environment: { checks: [{ url: "http://127.0.0.1:9/", attempts: 1, intervalSeconds: 1 }] },
    })
    expect(result.exitCode).toBeGreaterThanOrEqual(40)
    expect(seen(server)).toEqual([["a", running, failed]])
    await server.close()
  })

  it.each([
    1, 2, 3,
  ])("shows one deployment where its run is killed after %i calls, and run again", async (calls) => {
    let [left, killed] = [calls, true]
    const server = await forge(() => (killed && left-- <= 0 ? 503 : null))
    const deploy = deploys(await simulate(QUICK), server, kind)
    const stop = new AbortController()
    const print = (text: string) => (/✓ order/.test(text) ? stop.abort() : undefined)
    await deploy({}, { print, signal: stop.signal })
    killed = false
    await deploy()
    expect(seen(server)).toEqual([["a", running, "success"]])
    await server.close()
  })

  it("ends the deployment of a release that another one closes", async () => {
    const server = await forge()
    const deploy = deploys(await simulate(QUICK), server, kind)
    const stop = new AbortController()
    const print = (text: string) => (/web: 0 of 2/.test(text) ? stop.abort() : undefined)
    const { result } = await deploy({}, { print, signal: stop.signal })
    await deploy({ commit: 1 })
    expect(result.outcome).toBe("still-running")
    expect(seen(server)).toEqual([
      ["a", running, closed],
      ["b", running, "success"],
    ])
    await server.close()
  })

  it("shows a success although its run was killed right after it", async () => {
    let [left, killed] = [kind === "github" ? 3 : 2, true]
    const server = await forge(() => (killed && left-- <= 0 ? 503 : null))
    const deploy = deploys(await simulate(QUICK), server, kind)
    await deploy()
    expect(seen(server)).toEqual([["a", running]])
    killed = false
    await deploy()
    expect(seen(server)).toEqual([["a", running, "success"]])
    await server.close()
  })

  it.each([
    ["refuses", 403],
    ["is down", 503],
  ])("changes nothing where it %s, and warns once", async (_, status) => {
    const [simulator, server] = [await simulate(QUICK), await forge(() => status)]
    const { result, printed, logged } = await deploys(simulator, server, kind)()
    expect([result.outcome, result.remarks]).toEqual([
      "succeeded",
      [expect.stringMatching(new RegExp(`^the deployment is not shown at ${kind} .*answers ${status}$`))],
    ])
    expect(JSON.stringify([result, printed, logged, simulator.rehearsal.look()])).not.toContain(TOKEN)
    await server.close()
  })
})

it("shows at GitHub that a run waits for another one", async () => {
  const [simulator, server] = [await simulate(QUICK), await forge()]
  const deploy = deploys(simulator, server, "github")
  const others: Promise<Ran>[] = []
  const waits = (line: string) => {
    if (/✓ order/.test(line)) others.push(deploy({ commit: 1 }))
  }
  await deploy({ environment: { bake: { minutes: 2 } } }, { print: waits })
  await Promise.all(others)
  expect(seen(server)).toEqual([
    ["a", "in_progress", "success", "inactive"],
    ["b", "queued", "in_progress", "success"],
  ])
  await server.close()
})

it("shows at GitHub that a release waits for an answer", async () => {
  const [simulator, server] = [await simulate({ ...QUICK, metrics: { "*": null } }), await forge()]
  const metrics = [{ name: "errors", namespace: "n", metric: "m", good: { below: 1 } }]
  const deploy = deploys(simulator, server, "github")
  const environment = { bake: { minutes: 1, metrics } }
  await deploy({ environment })
  await deploy({ environment, request: { answer: "continue" } })
  expect(seen(server)).toEqual([["a", "in_progress", "queued", "in_progress", "success"]])
  await server.close()
})
