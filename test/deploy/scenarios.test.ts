import { describe, expect, it } from "vitest"
import { exitCodeOf, type Outcome } from "../../modules/deploy/program/core/outcome.ts"
import { run, show, simulate, WHOLE } from "./rehearsal.ts"

interface Case {
  readonly scenario: string
  readonly outcome: Outcome
  /** Facts that the text must contain. */
  readonly says: readonly string[]
  readonly live: string
  readonly environment?: Parameters<typeof run>[1] extends infer Changes | undefined
    ? Changes extends { environment?: infer Environment }
      ? Environment
      : never
    : never
}

const NEW = "clinic-web:8,clinic-worker:5"
const OLD = "clinic-web:7,clinic-worker:4"
const SERVES_AGAIN = "is live again"
const SHORT_WATCH = {
  services: [
    { name: "web", container: "web", image: "web", timeoutMinutes: 5 },
    { name: "worker", container: "worker", image: "worker", timeoutMinutes: 5 },
  ],
}

/** Each failure mode with its outcome. */
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
    says: [SERVES_AGAIN, "web exited with code 1", "DATABASE_URL is not set", "not urgent"],
    live: OLD,
  },
  {
    scenario: "image-cannot-be-pulled",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "cannot pull the image"],
    live: OLD,
  },
  {
    scenario: "health-check-fails",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "health check fails", "Task failed ELB health checks"],
    live: OLD,
  },
  {
    scenario: "health-fails-after-rollout",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "the application answers 500", "10 attempts"],
    live: OLD,
  },
  {
    scenario: "canary-alarm",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "alarm clinic-5xx went off"],
    live: OLD,
  },
  {
    scenario: "crash-after-stable",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "failed after they were healthy", "heap out of memory"],
    live: OLD,
    environment: { bake: { minutes: 20, alarms: ["clinic-5xx"] } },
  },
  {
    scenario: "web-and-worker-diverge",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "worker exited with code 1", "queue clinic-jobs does not exist"],
    live: OLD,
  },
  {
    scenario: "rolled-back-by-someone",
    outcome: "rolled-back",
    says: [SERVES_AGAIN, "called StopServiceDeployment", "ask who stopped it"],
    live: OLD,
  },
  {
    scenario: "rollback-fails",
    outcome: "rollback-failed",
    says: ["failed, and so did its rollback to", "act now"],
    live: OLD,
  },
  {
    scenario: "first-deployment-fails",
    outcome: "failed",
    says: ["was not rolled back", "no proven-good release", "DATABASE_URL is not set"],
    live: NEW,
  },
  { scenario: "first-deployment", outcome: "succeeded", says: ["is live and proven"], live: NEW },
  {
    scenario: "superseded",
    outcome: "superseded",
    says: ["newer deployment (clinic-web:9)"],
    live: "clinic-web:9,clinic-worker:5",
  },
  {
    scenario: "expired-credentials",
    outcome: "still-running",
    says: [
      "credentials are expired",
      "AWS continues the rollout of web and worker",
      "live         unknown: ",
      "get new credentials",
    ],
    live: "",
  },
  {
    scenario: "nothing-placed",
    outcome: "still-running",
    says: ["not complete after 5 min", "no capacity", "`rollback`"],
    live: NEW,
    environment: SHORT_WATCH,
  },
  {
    scenario: "never-finishes",
    outcome: "still-running",
    says: ["not complete after 5 min", "ECS continues", "run again"],
    live: NEW,
    environment: SHORT_WATCH,
  },
  {
    scenario: "migration-fails",
    outcome: "failed",
    says: ["exited with code 1", "already exists", "snapshot slipway-staging-", "no service was changed"],
    live: OLD,
  },
  {
    scenario: "migration-never-placed",
    outcome: "failed",
    says: ["did not start", "RESOURCE:MEMORY", "no schema and no service was changed"],
    live: OLD,
  },
  {
    scenario: "migration-stuck",
    outcome: "still-running",
    says: ["has not started after 15 min", "not started twice"],
    live: OLD,
  },
  {
    scenario: "migration-hangs",
    outcome: "still-running",
    says: ["still running after 15 min", "stop-task --cluster clinic"],
    live: OLD,
  },
  {
    scenario: "snapshot-fails",
    outcome: "failed",
    says: ["RDS could not create snapshot", "no service"],
    live: OLD,
  },
  {
    scenario: "denied",
    outcome: "failed",
    says: ["no service was changed", "grant the role ecs:UpdateService"],
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
