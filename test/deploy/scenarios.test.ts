import { describe, expect, it } from "vitest"
import { exitCodeOf, type Outcome } from "../../modules/deploy/program/plan/outcome.ts"
import { run, show, simulate, WHOLE } from "./rehearsal.ts"

interface Case {
  readonly scenario: string
  readonly outcome: Outcome
  /** What the on-call engineer must find in the text. */
  readonly says: readonly string[]
  readonly live: string
  readonly environment?: Parameters<typeof run>[1] extends infer Asked | undefined
    ? Asked extends { environment?: infer Environment }
      ? Environment
      : never
    : never
}

const NEW = "clinic-web:8,clinic-worker:5"
const OLD = "clinic-web:7,clinic-worker:4"
const SERVES_AGAIN = "what ran before the first release serves again"
const SHORT_WATCH = {
  services: [
    { name: "web", container: "web", image: "web", timeoutMinutes: 5 },
    { name: "worker", container: "worker", image: "worker", timeoutMinutes: 5 },
  ],
}

/** Each failure mode, and what must be said of it. */
const CASES: readonly Case[] = [
  { scenario: "success", outcome: "succeeded", says: ["is live and proven"], live: NEW },
  { scenario: "eventual-consistency", outcome: "succeeded", says: ["is live and proven"], live: NEW },
  { scenario: "throttling", outcome: "succeeded", says: ["is live and proven"], live: NEW },
  { scenario: "migration-fast", outcome: "succeeded", says: ["is live and proven"], live: NEW },
  {
    scenario: "migration-sidecar-fails",
    outcome: "succeeded",
    says: ["is live and proven"],
    live: NEW,
    environment: { migration: { ...WHOLE.migration, family: "clinic-sidecar", container: "main" } },
  },
  {
    scenario: "crash-loop",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "ends with exit code 1", "DATABASE_URL is not set", "nobody is needed at once"],
    live: OLD,
  },
  {
    scenario: "image-cannot-be-pulled",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "the image cannot be pulled"],
    live: OLD,
  },
  {
    scenario: "health-check-fails",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "their health check fails", "Task failed ELB health checks"],
    live: OLD,
  },
  {
    scenario: "health-fails-after-rollout",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "the application answers 500", "10 times"],
    live: OLD,
  },
  {
    scenario: "canary-alarm",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "the alarm clinic-5xx went off"],
    live: OLD,
  },
  {
    scenario: "crash-after-stable",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "die after they were healthy", "heap out of memory"],
    live: OLD,
    environment: { bake: { minutes: 20, alarms: ["clinic-5xx"] } },
  },
  {
    scenario: "web-and-worker-diverge",
    outcome: "rolled-back",
    says: [
      SERVES_AGAIN,
      "the container worker of worker ends with exit code 1",
      "queue clinic-jobs does not exist",
    ],
    live: OLD,
  },
  {
    scenario: "rolled-back-by-someone",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "somebody called StopServiceDeployment", "ask who stopped it"],
    live: OLD,
  },
  { scenario: "rollback-fails", outcome: "rollback-failed", says: ["neither", "act now"], live: OLD },
  {
    scenario: "first-deployment-fails",
    outcome: "failed",
    says: ["was not rolled back", "no release in the ledger was ever proven good", "DATABASE_URL is not set"],
    live: NEW,
  },
  { scenario: "first-deployment", outcome: "succeeded", says: ["is live and proven"], live: NEW },
  {
    scenario: "superseded",
    outcome: "superseded",
    says: ["a newer deployment (clinic-web:9)"],
    live: "clinic-web:9,clinic-worker:5",
  },
  {
    scenario: "expired-credentials",
    outcome: "still-running",
    says: [
      "credentials expired",
      "AWS goes on with the rollout of web and worker",
      "could not look",
      "get new credentials",
    ],
    live: "",
  },
  {
    scenario: "nothing-placed",
    outcome: "still-running",
    says: ["not at its end after 5 min", "no room for the tasks", "to go back now: rollback"],
    live: NEW,
    environment: SHORT_WATCH,
  },
  {
    scenario: "never-finishes",
    outcome: "still-running",
    says: ["not at its end after 5 min; ECS goes on with it", "run again to go on watching"],
    live: NEW,
    environment: SHORT_WATCH,
  },
  {
    scenario: "migration-fails",
    outcome: "failed",
    says: ["ended with exit code 1", "already exists", "snapshot slipway-staging-", "no service was touched"],
    live: OLD,
  },
  {
    scenario: "migration-never-placed",
    outcome: "failed",
    says: ["never placed", "RESOURCE:MEMORY", "the schema is unchanged"],
    live: OLD,
  },
  {
    scenario: "migration-stuck",
    outcome: "still-running",
    says: ["still not started after 15 min", "not started twice"],
    live: OLD,
  },
  {
    scenario: "migration-hangs",
    outcome: "still-running",
    says: ["still runs after 15 min", "stop-task"],
    live: OLD,
  },
  {
    scenario: "snapshot-fails",
    outcome: "failed",
    says: ["RDS could not make the snapshot", "No service"],
    live: OLD,
  },
  {
    scenario: "denied",
    outcome: "failed",
    says: ["no service was touched", "give the role this right"],
    live: OLD,
  },
  {
    scenario: "registry-digest-missing",
    outcome: "refused",
    says: ["missing image web@sha256:aaaa"],
    live: OLD,
  },
  {
    scenario: "wrong-account",
    outcome: "refused",
    says: ["account 999988887777", "nothing was changed"],
    live: OLD,
  },
]

const SIDECAR = {
  taskDefinitions: [
    { family: "clinic-migrate" },
    {
      family: "clinic-sidecar",
      containers: [
        { name: "main", image: "scratch", command: [], environment: {} },
        { name: "logs", image: "scratch", command: [], environment: {} },
      ],
    },
  ],
}

describe("a deployment", () => {
  for (const { scenario, outcome, says, live, environment } of CASES) {
    it(`is ${outcome} with ${scenario}`, { timeout: 60_000 }, async () => {
      const simulator = await simulate(scenario, SIDECAR)
      const ran = await run(simulator, { environment: { ...WHOLE, ...environment } })
      show(ran)
      const { result } = ran
      expect([result.outcome, result.exitCode]).toEqual([outcome, exitCodeOf(outcome, false)])
      for (const text of says) expect(result.text).toContain(text)
      const services = "services" in result.live ? result.live.services : []
      expect(services.map(({ revision }) => revision?.split("/")[1]).join()).toBe(live)
    })
  }
})
