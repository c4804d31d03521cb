/** Kills a run after each of its changes. The next run starts from a copy of the account at that moment. */
import { describe, expect, it } from "vitest"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import type { RunOptions } from "../../modules/deploy/program/deploy.ts"
import { converges, liveIn, recordedFirst, type Scene, stops } from "./points.ts"
import { type Changes, sameWorker, WHOLE } from "./rehearsal.ts"

/** Half a minute of computing, on a machine that others use as well. */
const MOST_MS = 600_000
/** How many of a run's changes are tried. */
const POINTS = 30
/** At how many of its calls a run is told to stop. */
const STOPS = 5

const ENVIRONMENT = { ...WHOLE, bake: { minutes: 0.2, alarms: ["clinic-5xx"] } }

/** Fails while the second release is live. */
const failing = (simulator: Simulator): Partial<RunOptions> => ({
  ports: {
    smoke: async () => {
      const bad = liveIn(simulator.rehearsal.look()).includes("clinic-web:9")
      return { exitCode: bad ? 1 : 0, output: bad ? "Error: no patients found" : "" }
    },
  },
})

const deployed = (commit: number): Changes => ({ commit, environment: ENVIRONMENT })
const FIRST = { live: ["clinic-web:8", "clinic-worker:5"], answers: [] }

const SCENES: Readonly<Record<string, Scene & { readonly points?: number }>> = {
  deploy: {
    before: [],
    changes: deployed(0),
    ends: { ...FIRST, outcome: "succeeded", deployments: 2, migrations: 1, snapshots: 1 },
  },
  rollback: {
    before: [deployed(0), deployed(1)],
    changes: {
      action: "rollback",
      commit: 1,
      environment: ENVIRONMENT,
      request: { run: { id: "back", actor: "ann" } },
    },
    ends: { ...FIRST, outcome: "succeeded", deployments: 2, migrations: 0, snapshots: 0 },
  },
  "way back": {
    before: [deployed(0)],
    changes: deployed(1),
    options: failing,
    ends: { ...FIRST, outcome: "rolled-back", deployments: 4, migrations: 1, snapshots: 1 },
  },
  "way back of one service": {
    before: [deployed(0)],
    changes: sameWorker(1, { environment: ENVIRONMENT }),
    options: failing,
    points: 12,
    ends: { ...FIRST, outcome: "rolled-back", deployments: 2, migrations: 1, snapshots: 1 },
  },
}

describe.each(Object.entries(SCENES))("a %s that is killed", (_name, scene) => {
  const all = recordedFirst(scene)

  it("does everything once where nobody kills it", () => {
    expect(all().ends).toEqual(scene.ends)
    expect(all().points.length).toBeGreaterThan(25)
  })

  it(`converges after each of its changes, ${scene.points ?? POINTS} at most`, { timeout: MOST_MS }, () =>
    converges(scene, all(), scene.points ?? POINTS),
  )

  it(
    "ends with a result wherever it is told to stop, frees the lease, and converges",
    {
      timeout: MOST_MS,
    },
    () => stops(scene, all(), STOPS),
  )
})
