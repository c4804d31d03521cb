/** Every call that a run makes meets bad weather: its answer is lost, it is throttled, it fails, it shows the old state. */
import { describe, expect, it } from "vitest"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import type { RunOptions } from "../../modules/deploy/program/deploy.ts"
import { doneSince, liveIn, recordedFirst, type Scene, through } from "./points.ts"
import type { Call, Fate, Look } from "./proxy.ts"
import { type Changes, run, simulateFrom, WHOLE } from "./rehearsal.ts"
import { answerOf, THROTTLED } from "./weather.ts"

/** All calls of a run in one storm; `SWEEP=each` also tries each call by itself, and takes many minutes. */
const EACH = process.env.SWEEP === "each"
const MOST_MS = EACH ? 1_800_000 : 120_000

/** How long reads still show the old state after a change, in milliseconds. */
const STALE_MS = 8_000
const BROKEN = { status: 500, code: "InternalError" }
const CHANGES = /^(?:Update|Run|Register|Create|Stop|Continue|Delete)/

/** A call without what differs from run to run. */
const nameOf = ({ operation }: Call): string => operation.replace(/audit\/.*$/, "audit")

interface Sky {
  readonly simulator: Simulator
  /** An account as it was before the last change. */
  readonly old: Simulator
}

/** Returns what a call meets the nth time. */
const nth = (fate: (count: number, call: Call) => Fate) => {
  const counts = new Map<string, number>()
  return (call: Call): Fate => {
    const count = (counts.get(nameOf(call)) ?? 0) + 1
    counts.set(nameOf(call), count)
    return fate(count, call)
  }
}

const WEATHER: Readonly<Record<string, (sky: Sky) => Look>> = {
  "loses its answer": () => ({ after: nth((count) => (count === 1 ? "reset" : "passes")) }),
  "is throttled, and fails": () => ({
    before: nth((count, call) => (count > 3 ? "passes" : answerOf(count === 3 ? BROKEN : THROTTLED, call))),
  }),
  // S3 shows what was written.
  "shows the old state": ({ simulator, old }) => {
    let until = 0
    return {
      before: ({ operation }) => {
        const now = simulator.rehearsal.clock.now()
        if (CHANGES.test(operation)) {
          old.rehearsal.become(simulator.rehearsal.look())
          until = now + STALE_MS
        }
        return /^(?:Describe|List)/.test(operation) && now < until ? { from: old.url } : "passes"
      },
    }
  },
}

/** Limits weather to one call. */
function only(name: string, { before, after }: Look): Look {
  const limit = (fate: Look["before"]) => (call: Call) =>
    nameOf(call) === name || CHANGES.test(call.operation) ? (fate?.(call) ?? "passes") : "passes"
  return { before: limit(before), after: limit(after) }
}

const ENVIRONMENT = { ...WHOLE, bake: { minutes: 0.2, alarms: ["clinic-5xx"] } }
const PAUSED = {
  services: [
    {
      ...{ name: "web", container: "web", image: "web" },
      strategy: { kind: "blue-green", bakeMinutes: 0 },
      pause: { before: "production-traffic" },
    },
    { name: "worker", container: "worker", image: "worker" },
  ],
} as const satisfies Changes["environment"]

const by = (id: string) => ({ run: { id, actor: "ann" } })
const deployed = (commit: number): Changes => ({
  commit,
  environment: ENVIRONMENT,
  request: by(`ci-${commit}`),
})

/** Fails while the second release is live. */
const failing = ({ rehearsal }: Simulator): Partial<RunOptions> => ({
  ports: {
    smoke: async () => ({ exitCode: liveIn(rehearsal.look()).includes("clinic-web:9") ? 1 : 0, output: "" }),
  },
})

const OLD = { live: ["clinic-web:8", "clinic-worker:5"], answers: [] }
const ONCE = { migrations: 1, snapshots: 1 }
const NONE = { migrations: 0, snapshots: 0 }

const SCENES: Readonly<Record<string, Scene>> = {
  "a deployment and its way back": {
    before: [deployed(0)],
    changes: deployed(1),
    options: failing,
    ends: { ...OLD, ...ONCE, outcome: "rolled-back", deployments: 4 },
  },
  "a rollback": {
    before: [deployed(0), deployed(1)],
    changes: { action: "rollback", commit: 1, environment: ENVIRONMENT, request: by("back") },
    ends: { ...OLD, ...NONE, outcome: "succeeded", deployments: 2 },
  },
  "an answer": {
    before: [{ environment: PAUSED, request: by("asks") }],
    scenario: "paused-hook",
    changes: { environment: PAUSED, request: { ...by("asks"), answer: "continue" } },
    ends: { ...NONE, live: OLD.live, answers: ["SUCCEEDED"], outcome: "succeeded", deployments: 0 },
  },
}

describe.each(Object.entries(SCENES))("%s", (_name, scene) => {
  const all = recordedFirst(scene)

  it.each(Object.entries(WEATHER))(
    "does everything once where each call %s",
    { timeout: MOST_MS },
    async (_, weather) => {
      const { begun } = all()
      const calls = new Set<string>()
      const tried = async (name: string | null) => {
        const simulator = await simulateFrom(begun)
        const sky = { simulator, old: await simulateFrom(begun) }
        const look = name === null ? weather(sky) : only(name, weather(sky))
        const noting = (call: Call): Fate => {
          calls.add(nameOf(call))
          return look.before?.(call) ?? "passes"
        }
        const { result } = await through(simulator, scene, { ...look, before: noting })
        const done = doneSince(simulator, begun)
        expect([name, { outcome: result.outcome, ...done }], result.text).toEqual([name, scene.ends])
        const again = await run(simulator, scene.changes, scene.options?.(simulator))
        expect([name, doneSince(simulator, begun)], again.result.text).toEqual([name, done])
      }
      await tried(null)
      for (const name of EACH ? [...calls] : []) await tried(name)
    },
  )
})
