/** Records a scene with the account's state after each of its changes, and runs it again from there. */
import { beforeAll, expect } from "vitest"
import { readScenario } from "../../modules/aws-simulator/program/read-scenario.ts"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import type { State } from "../../modules/aws-simulator/program/state.ts"
import type { WorldSettings } from "../../modules/aws-simulator/program/world.ts"
import { LEASE_MS } from "../../modules/deploy/program/core/lease-rule.ts"
import type { RunOptions } from "../../modules/deploy/program/deploy.ts"
import { type Look, type ProxyServer, proxyOf } from "./proxy.ts"
import { type Changes, run, simulate, simulateFrom } from "./rehearsal.ts"
import { answerOf, DOWN } from "./weather.ts"

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}

interface Ends {
  readonly outcome: string
  readonly live: readonly string[]
  readonly deployments: number
  readonly migrations: number
  readonly snapshots: number
  /** How each pause of these deployments ended. */
  readonly answers: readonly string[]
}

export interface Scene {
  readonly before: readonly Changes[]
  readonly changes: Changes
  /** A scenario of the simulator; `success` by default. */
  readonly scenario?: string
  readonly world?: Partial<WorldSettings>
  /** Returns the options of a run, which depend on what is live. */
  readonly options?: (simulator: Simulator) => Partial<RunOptions>
  readonly ends: Ends
  /** What the result says of the cause, in each run that ends the scene. */
  readonly says?: string
}

export const liveIn = (state: State): readonly string[] =>
  state.services.map(({ name }) => {
    const primary = state.deployments.find((one) => one.service === name && one.primary)
    return primary?.taskDefinition.split("/").at(-1) ?? "nothing"
  })

const CHANGE = /^(?:PUT|Update|Run|Register|Create|Stop|Continue|Put|Delete)/

/** Runs a scene through a proxy. */
export async function through(
  simulator: Simulator,
  { changes, options }: Scene,
  look: Look,
  rest: Partial<RunOptions> = {},
) {
  const proxy: ProxyServer = await proxyOf(simulator, look)
  const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "canary-aws-secret-key" }
  const access = { region: "eu-central-1", endpoint: proxy.url, credentials, patient: false }
  const ran = await run(simulator, changes, { ...options?.(simulator), access, ...rest })
  await proxy.close()
  return ran
}

/** Returns what a scene changed, however many runs it took. */
export function doneSince(simulator: Simulator, begun: State): Omit<Ends, "outcome"> {
  const state = simulator.rehearsal.look()
  const known = new Set(begun.serviceDeployments.map(({ arn }) => arn))
  return {
    live: liveIn(state),
    deployments: state.serviceDeployments.filter(({ arn }) => !known.has(arn)).length,
    migrations: state.tasks.filter(
      (task) => task.service === null && !begun.tasks.some(({ id }) => id === task.id),
    ).length,
    snapshots: state.snapshots.length - begun.snapshots.length,
    answers: state.serviceDeployments.flatMap(({ hooks }) => hooks.map(({ status }) => status)),
  }
}

const leaseIn = ({ objects }: State) =>
  JSON.parse(String(objects.find(({ key }) => key.endsWith("/lease.json"))?.body ?? "{}"))

interface Point {
  readonly operation: string
  readonly state: State
}

/** A scene that ran to its end. */
export interface Recorded {
  readonly begun: State
  /** The state after each change. */
  readonly points: readonly Point[]
  /** How many calls it makes. */
  readonly calls: number
  readonly ends: Ends
  readonly what: string
}

async function recorded(scene: Scene): Promise<Recorded> {
  const simulator = await simulate({ ...readScenario(scene.scenario ?? "success"), ...QUICK }, scene.world)
  for (const changes of scene.before) await run(simulator, changes)
  const begun = simulator.rehearsal.look()
  const points: Point[] = []
  let calls = 0
  const { result } = await through(simulator, scene, {
    after: ({ operation }) => {
      calls += 1
      if (CHANGE.test(operation)) points.push({ operation, state: simulator.rehearsal.look() })
      return "passes"
    },
  })
  const ends = { outcome: result.outcome, ...doneSince(simulator, begun) }
  return { begun, points, calls, ends, what: result.what }
}

const spread = <T>(all: readonly T[], count: number): readonly T[] =>
  Array.from(
    { length: Math.min(count, all.length) },
    (_, index) => all[Math.floor((index * all.length) / count)],
  ).filter((one) => one !== undefined)

/** Runs a scene again and expects its end. @param at what was done to it, for the message. */
async function ends(scene: Scene, simulator: Simulator, begun: State, at: string): Promise<void> {
  const { result } = await run(simulator, scene.changes, scene.options?.(simulator))
  const all = { outcome: result.outcome, ...doneSince(simulator, begun) }
  expect([at, all, leaseIn(simulator.rehearsal.look()).owner]).toEqual([at, scene.ends, null])
  if (!result.what.startsWith("already done"))
    expect([at, result.what]).toEqual([at, expect.stringContaining(scene.says ?? "")])
}

const OF_ECS = /^(?:Update|Stop|Continue)/

/** Returns the points around calls of ECS, or all where more are wanted. */
function telling(points: readonly Point[], count: number): readonly Point[] {
  const near = points.filter(
    ({ operation }, index) => OF_ECS.test(operation) || OF_ECS.test(points[index + 1]?.operation ?? ""),
  )
  return spread(count > near.length ? points : near, count)
}

/** Records a scene before the tests of a suite; returns what reads it in them. */
export function recordedFirst(scene: Scene): () => Recorded {
  let whole: Recorded | null = null
  beforeAll(async () => {
    whole = await recorded(scene)
  }, 120_000)
  return () => {
    if (whole === null) throw new Error("nothing recorded")
    return whole
  }
}

/** Expects the same end after a kill at some of a scene's changes, and that no lease of a living run is taken. */
export async function converges(scene: Scene, { begun, points }: Recorded, count: number): Promise<void> {
  for (const { operation, state } of telling(points, count)) {
    const simulator = await simulateFrom(state)
    const at = `${points.findIndex((point) => point.state === state)}: ${operation}`
    await ends(scene, simulator, begun, at)
    const taken = simulator.rehearsal.journal.find(
      ({ operation, parameters }) =>
        operation === "PutObject" && /lease\.json/.test(JSON.stringify(parameters)),
    )
    const waited = leaseIn(state).owner == null ? LEASE_MS : Date.parse(taken?.at ?? "") - state.now
    await simulator.close()
    expect(waited, `${at} takes the lease of a run that may be alive`).toBeGreaterThanOrEqual(LEASE_MS)
  }
}

/** Expects a result wherever a scene is told to stop, a free lease, and the same end after a rerun. */
export async function stops(scene: Scene, { begun, calls }: Recorded, count: number): Promise<void> {
  const all = Array.from({ length: calls }, (_, index) => index)
  for (const at of spread(all, count)) {
    const simulator = await simulateFrom(begun)
    const stop = new AbortController()
    let made = 0
    const after = () => {
      made += 1
      if (made > at) stop.abort()
      return "passes" as const
    }
    const { result } = await through(simulator, scene, { after }, { signal: stop.signal })
    const freed = leaseIn(simulator.rehearsal.look()).owner ?? null
    expect([at, freed]).toEqual([at, null])
    expect(result.text).toMatch(/the run was stopped|SUCCEEDED|ROLLED-BACK/)
    await ends(scene, simulator, begun, `stopped after call ${at}`)
    await simulator.close()
  }
}

/** Expects the same end, by the same run, where AWS carries a change out and its answer is lost. */
export async function losesAnswers(scene: Scene, { begun }: Recorded, operations: RegExp): Promise<void> {
  const simulator = await simulateFrom(begun)
  const lost = new Set<string>()
  const { result } = await through(simulator, scene, {
    after: (call) => {
      if (!operations.test(call.operation) || lost.has(call.body)) return "passes"
      lost.add(call.body)
      return answerOf(DOWN, call)
    },
  })
  expect(lost.size).toBeGreaterThan(0)
  expect({ outcome: result.outcome, ...doneSince(simulator, begun) }).toEqual(scene.ends)
}
