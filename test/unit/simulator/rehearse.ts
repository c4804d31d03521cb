/** Starts a simulator in this process, with SDK clients for it. */
import { ECSClient } from "@aws-sdk/client-ecs"
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2"
import { S3Client } from "@aws-sdk/client-s3"
import { STSClient } from "@aws-sdk/client-sts"
import { afterEach } from "vitest"
import { type Scenario, SUCCESS } from "../../../modules/aws-simulator/program/scenario.ts"
import { type Simulator, startSimulator } from "../../../modules/aws-simulator/program/simulator.ts"
import { type WorldSettings, worldFor } from "../../../modules/aws-simulator/program/world.ts"

export const START = "2026-03-02T09:00:00Z"

export const CLINIC: WorldSettings = {
  account: "111122223333",
  region: "eu-central-1",
  cluster: "clinic",
  services: [
    { name: "web", hosts: ["clinic.example.org"], revision: 7 },
    { name: "worker", revision: 4 },
  ],
  taskDefinitions: [{ family: "clinic-migrate" }],
  database: "clinic",
  repositories: ["clinic/web", "clinic/worker"],
  alarms: ["clinic-5xx"],
}

const open: Simulator[] = []

afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close()
})

/** @param factor speed of a running clock; null: virtual time. */
export async function simulate(
  scenario: Partial<Scenario> = {},
  world: Partial<WorldSettings> = {},
  factor: number | null = null,
) {
  const simulator = await startSimulator({
    world: worldFor({ ...CLINIC, ...world }),
    scenario: { ...SUCCESS, ...scenario, clock: { start: START, factor } },
  })
  open.push(simulator)
  return { ...simulator, ...clientsFor(simulator.url) }
}

const CREDENTIALS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "not-a-secret" }

export const settingsFor = (endpoint: string, credentials = CREDENTIALS) => ({
  endpoint,
  credentials,
  region: "eu-central-1",
  maxAttempts: 1,
})

export function clientsFor(endpoint: string, credentials = CREDENTIALS) {
  const settings = settingsFor(endpoint, credentials)
  return {
    ecs: new ECSClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sts: new STSClient(settings),
  }
}

/** Calls a path below /_simulator. @returns the response's JSON. */
export async function control(url: string, method: string, path: string, body?: object): Promise<Json> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(`${url}/_simulator/${path}`, { method, ...content })
  return answer.json()
}

/** Untyped JSON. */
type Json = Awaited<ReturnType<Response["json"]>>

/** Sleeps on the virtual clock. */
export async function sleep(url: string, seconds: number, participant = "test"): Promise<void> {
  await control(url, "POST", "sleep", { participant, milliseconds: seconds * 1000 })
}
