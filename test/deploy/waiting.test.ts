/** Kills runs whose deployments wait in ECS: for test traffic, an analysis, or the answer of a person. */
import { describe, expect, it } from "vitest"
import { converges, losesAnswers, recordedFirst, type Scene, stops } from "./points.ts"
import { type Changes, MIGRATION } from "./rehearsal.ts"

const MOST_MS = 600_000
/** How many of a run's changes are tried, those around its calls of ECS first; `POINTS=1000 STOPS=20` tries all. */
const POINTS = Number(process.env.POINTS ?? 2)
/** At how many of its calls a run is told to stop. */
const STOPS = Number(process.env.STOPS ?? 0)

const TEST = { url: "https://clinic.example.org:8443/health", attempts: 1, intervalSeconds: 1 }
const METRICS = [{ metric: "5xx-rate" as const, below: 2 }]
const ENVIRONMENT = {
  services: [
    {
      name: "web",
      container: "web",
      image: "web",
      strategy: { kind: "canary", percent: 10, canaryBakeMinutes: 0 } as const,
      testTraffic: { checks: [TEST] },
      analysis: { interval: "1m", count: 1, failureLimit: 0, metrics: METRICS },
    },
    { name: "worker", container: "worker", image: "worker" },
  ],
}
const HOSTS = ["clinic.example.org"]
const world = {
  services: [
    {
      name: "web",
      revision: 7,
      deregistrationDelay: 30,
      hosts: HOSTS,
      testHosts: ["clinic.example.org:8443"],
    },
    { name: "worker", revision: 4 },
  ],
}

/** The same after a contract migration: nothing may return below it. */
const CONTRACT = { ...ENVIRONMENT, migration: { ...MIGRATION, phase: "contract" as const } }

const deployed = (commit: number, request: Changes["request"] = {}): Changes => ({
  commit,
  environment: ENVIRONMENT,
  request,
})

const NONE = { migrations: 0, snapshots: 0 }
const OLD = { ...NONE, live: ["clinic-web:7", "clinic-worker:4"] }
const NEW = { ...NONE, live: ["clinic-web:8", "clinic-worker:5"] }

/** After `before`, a question waits: an analysis of a canary without traffic. */
const ASKED = { before: [deployed(0)], scenario: "canary-without-traffic" }

const SCENES: Readonly<Record<string, Scene>> = {
  "deploys by its test traffic and analysis": {
    before: [],
    changes: deployed(0),
    ends: { ...NEW, outcome: "succeeded", deployments: 2, answers: ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"] },
  },
  "goes back by its analysis": {
    before: [],
    scenario: "canary-worse",
    changes: deployed(0),
    says: "the analysis of web failed: 1 of 1 measurements failed: 5xx-rate is 5",
    ends: {
      ...OLD,
      outcome: "rolled-back",
      deployments: 3,
      answers: ["SUCCEEDED", "SUCCEEDED", "FAILED"],
    },
  },
  "goes back by its test traffic": {
    before: [],
    scenario: "health-fails-after-rollout",
    changes: deployed(0),
    says: "the test traffic of web failed",
    ends: { ...OLD, outcome: "rolled-back", deployments: 3, answers: ["FAILED"] },
  },
  "is answered `full`": {
    ...ASKED,
    changes: deployed(0, { answer: "full" }),
    ends: { ...NEW, outcome: "succeeded", deployments: 0, answers: ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"] },
  },
  "is answered `rollback`": {
    ...ASKED,
    changes: deployed(0, { answer: "rollback" }),
    says: "was rolled back: ann answered rollback",
    ends: {
      ...OLD,
      outcome: "rolled-back",
      deployments: 1,
      answers: ["SUCCEEDED", "SUCCEEDED", "FAILED"],
    },
  },
  "gives way to a rollback while it waits": {
    ...ASKED,
    changes: { ...deployed(0, { run: { id: "back", actor: "bob" } }), action: "rollback" },
    ends: {
      ...OLD,
      outcome: "succeeded",
      deployments: 1,
      answers: ["SUCCEEDED", "SUCCEEDED", "FAILED"],
    },
  },
  "contracts, and asks": {
    before: [],
    scenario: "canary-worse",
    changes: { environment: CONTRACT },
    says: "5xx-rate is 5",
    ends: {
      ...NEW,
      migrations: 1,
      outcome: "still-running",
      deployments: 2,
      answers: ["SUCCEEDED", "SUCCEEDED", "AWAITING_ACTION"],
    },
  },
  "contracted, asked, and is answered `continue`": {
    before: [{ environment: CONTRACT }],
    scenario: "canary-worse",
    changes: { environment: CONTRACT, request: { answer: "continue" } },
    ends: { ...NEW, outcome: "succeeded", deployments: 0, answers: ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"] },
  },
}

describe.each(Object.entries(SCENES))("a release that %s", (_name, scene) => {
  const here = { ...scene, world }
  const all = recordedFirst(here)

  it("does everything once where nobody kills it", () => {
    expect([all().ends, all().what]).toEqual([scene.ends, expect.stringContaining(scene.says ?? "")])
  })

  it(`converges after its changes, ${POINTS} at most`, { timeout: MOST_MS }, () =>
    converges(here, all(), POINTS),
  )

  it("converges wherever it is told to stop", { timeout: MOST_MS }, () => stops(here, all(), STOPS))

  it("goes on where ECS makes a change, and its reply is lost", () =>
    losesAnswers(here, all(), /^(?:Update|Stop|Continue)/))
})
