/** Kills a run after each of its changes. The next run starts from a copy of the account at that moment. */
import { beforeAll, describe, expect, it } from "vitest"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import type { State } from "../../modules/aws-simulator/program/state.ts"
import { LEASE_MS } from "../../modules/deploy/program/core/lease-rule.ts"
import type { RunOptions } from "../../modules/deploy/program/deploy.ts"
import { type ProxyServer, proxyOf } from "./proxy.ts"
import { type Changes, run, sameWorker, simulate, simulateFrom, WHOLE } from "./rehearsal.ts"

/** Half a minute of computing, on a machine that others use as well. */
const MOST_MS = 600_000
/** How many of a run's changes are tried. */
const POINTS = 30
/** At how many of its calls a run is told to stop. */
const STOPS = 5

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}
const ENVIRONMENT = { ...WHOLE, bake: { minutes: 0.2, alarms: ["clinic-5xx"] } }

const liveIn = (state: State): readonly string[] =>
  state.services.map(({ name }) => {
    const primary = state.deployments.find((one) => one.service === name && one.primary)
    return primary?.taskDefinition.split("/").at(-1) ?? "nothing"
  })

/** Fails while the second release is live. */
const smoke =
  (simulator: Simulator): NonNullable<RunOptions["ports"]["smoke"]> =>
  async () => {
    const bad = liveIn(simulator.rehearsal.look()).includes("clinic-web:9")
    return { exitCode: bad ? 1 : 0, output: bad ? "Error: no patients found" : "" }
  }

interface Scene {
  readonly before: readonly Changes[]
  readonly changes: Changes
  readonly fails: boolean
  /** How many of its changes are tried, where fewer are enough. */
  readonly points?: number
  readonly ends: {
    readonly outcome: string
    readonly live: readonly string[]
    readonly deployments: number
    readonly migrations: number
    readonly snapshots: number
  }
}

const deployed = (commit: number): Changes => ({ commit, environment: ENVIRONMENT })

const SCENES: Readonly<Record<string, Scene>> = {
  deploy: {
    before: [],
    changes: deployed(0),
    fails: false,
    ends: {
      ...{ outcome: "succeeded", live: ["clinic-web:8", "clinic-worker:5"] },
      ...{ deployments: 2, migrations: 1, snapshots: 1 },
    },
  },
  rollback: {
    before: [deployed(0), deployed(1)],
    changes: {
      action: "rollback",
      commit: 1,
      environment: ENVIRONMENT,
      request: { run: { id: "back", actor: "ann" } },
    },
    fails: false,
    ends: {
      ...{ outcome: "succeeded", live: ["clinic-web:8", "clinic-worker:5"] },
      ...{ deployments: 2, migrations: 0, snapshots: 0 },
    },
  },
  "way back": {
    before: [deployed(0)],
    changes: deployed(1),
    fails: true,
    ends: {
      ...{ outcome: "rolled-back", live: ["clinic-web:8", "clinic-worker:5"] },
      ...{ deployments: 4, migrations: 1, snapshots: 1 },
    },
  },
  "way back of one service": {
    before: [deployed(0)],
    changes: sameWorker(1, { environment: ENVIRONMENT }),
    fails: true,
    points: 12,
    ends: {
      ...{ outcome: "rolled-back", live: ["clinic-web:8", "clinic-worker:5"] },
      ...{ deployments: 2, migrations: 1, snapshots: 1 },
    },
  },
}

const CHANGE = /^(?:PUT|Update|Run|Register|Create|Stop|Continue|Put|Delete)/

/** Starts a proxy that reports each call once AWS has executed it. */
const watched = (simulator: Simulator, executed: (operation: string) => void): Promise<ProxyServer> =>
  proxyOf(simulator, {
    after: ({ operation }) => {
      executed(operation)
      return "passes"
    },
  })

const optionsOf = (
  scene: Scene,
  simulator: Simulator,
  rest: Partial<RunOptions> = {},
): Partial<RunOptions> => ({
  ...(scene.fails ? { ports: { smoke: smoke(simulator) } } : {}),
  ...rest,
})

/** Runs through a proxy. */
async function through(
  simulator: Simulator,
  scene: Scene,
  executed: (operation: string) => void,
  rest: Partial<RunOptions> = {},
) {
  const proxy = await watched(simulator, executed)
  const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "canary-aws-secret-key" }
  const access = { region: "eu-central-1", endpoint: proxy.url, credentials }
  const ran = await run(simulator, scene.changes, optionsOf(scene, simulator, { access, ...rest }))
  await proxy.close()
  return ran
}

/** Returns what a scene changed, however many runs it took. */
function doneSince(simulator: Simulator, begun: State) {
  const state = simulator.rehearsal.look()
  const since = begun.now
  return {
    live: liveIn(state),
    deployments: state.serviceDeployments.filter(({ createdAt }) => createdAt >= since).length,
    migrations: state.tasks.filter(
      (task) => task.service === null && !begun.tasks.some(({ id }) => id === task.id),
    ).length,
    snapshots: state.snapshots.length - begun.snapshots.length,
  }
}

const leaseIn = ({ objects }: State) =>
  JSON.parse(String(objects.find(({ key }) => key.endsWith("/lease.json"))?.body ?? "{}"))

interface Point {
  readonly operation: string
  readonly state: State
}

/** Returns the state after each change of a run, and the state that it began with. */
async function pointsOf(scene: Scene) {
  const simulator = await simulate(QUICK)
  for (const changes of scene.before) await run(simulator, changes)
  const begun = simulator.rehearsal.look()
  const points: Point[] = []
  const calls: string[] = []
  const { result } = await through(simulator, scene, (operation) => {
    calls.push(operation)
    if (CHANGE.test(operation)) points.push({ operation, state: simulator.rehearsal.look() })
  })
  const ends = { outcome: result.outcome, ...doneSince(simulator, begun) }
  return { begun, points, calls: calls.length, ends }
}

const spread = <T>(all: readonly T[], count: number): readonly T[] =>
  Array.from(
    { length: Math.min(count, all.length) },
    (_, index) => all[Math.floor((index * all.length) / count)],
  ).filter((one) => one !== undefined)

describe.each(Object.entries(SCENES))("a %s that is killed", (_name, scene) => {
  let recorded: Awaited<ReturnType<typeof pointsOf>> | null = null
  beforeAll(async () => {
    recorded = await pointsOf(scene)
  }, 120_000)

  it("does everything once where nobody kills it", () => {
    expect(recorded?.ends).toEqual(scene.ends)
  })

  it(`converges after each of its changes, ${scene.points ?? POINTS} at most`, {
    timeout: MOST_MS,
  }, async () => {
    if (recorded === null) throw new Error("nothing recorded")
    const { begun, points } = recorded
    const chosen = spread(points, scene.points ?? POINTS)
    expect(points.length).toBeGreaterThan(25)
    for (const [index, { operation, state }] of chosen.entries()) {
      const simulator = await simulateFrom(state)
      const { result } = await run(simulator, scene.changes, optionsOf(scene, simulator))
      const ends = { outcome: result.outcome, ...doneSince(simulator, begun) }
      const left = leaseIn(state)
      const taken = simulator.rehearsal.journal.find(
        ({ operation, parameters }) =>
          operation === "PutObject" && /lease\.json/.test(JSON.stringify(parameters)),
      )
      const waited = left.owner == null ? LEASE_MS : Date.parse(taken?.at ?? "") - state.now
      await simulator.close()
      const at = `${index}: ${operation}`
      expect([at, ends, leaseIn(simulator.rehearsal.look()).owner]).toEqual([at, scene.ends, null])
      expect(waited, `${at} takes the lease of a run that may be alive`).toBeGreaterThanOrEqual(LEASE_MS)
    }
  })

  it("ends with a result wherever it is told to stop, frees the lease, and converges", {
    timeout: MOST_MS,
  }, async () => {
    if (recorded === null) throw new Error("nothing recorded")
    const { begun, calls } = recorded
    for (const at of spread(
      Array.from({ length: calls }, (_, index) => index),
      STOPS,
    )) {
      const simulator = await simulateFrom(begun)
      const stop = new AbortController()
      let count = 0
      const counted = () => {
        count += 1
        if (count > at) stop.abort()
      }
      const { result } = await through(simulator, scene, counted, { signal: stop.signal })
      const freed = leaseIn(simulator.rehearsal.look()).owner ?? null
      expect([at, freed]).toEqual([at, null])
      expect(result.text).toMatch(/the run was stopped|SUCCEEDED|ROLLED-BACK/)
      const again = await run(simulator, scene.changes, optionsOf(scene, simulator))
      const ends = { outcome: again.result.outcome, ...doneSince(simulator, begun) }
      await simulator.close()
      expect([at, ends]).toEqual([at, scene.ends])
    }
  })
})
