/** Runs deployments against a simulator in this process. */
import { afterEach } from "vitest"
import type * as z from "zod"
import { readScenario } from "../../modules/aws-simulator/program/read-scenario.ts"
import { type Scenario, SUCCESS } from "../../modules/aws-simulator/program/scenario.ts"
import { type Simulator, startSimulator } from "../../modules/aws-simulator/program/simulator.ts"
import type { State } from "../../modules/aws-simulator/program/state.ts"
import { type World, type WorldSettings, worldFor } from "../../modules/aws-simulator/program/world.ts"
import { type Request, readRequest, type requestSchema } from "../../modules/deploy/program/core/request.ts"
import type { Result } from "../../modules/deploy/program/core/result.ts"
import { deploy, type RunOptions } from "../../modules/deploy/program/deploy.ts"

const START = "2026-03-02T09:00:00Z"
const ACCOUNT = "111122223333"
const REGISTRY = `${ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com`

/** Commits of a history, oldest first. Each contains the earlier ones. */
const COMMITS = ["a", "b", "c", "d", "e"].map((letter) => letter.repeat(40))

export const commit = (index: number): string => {
  const found = COMMITS[index]
  if (found === undefined) throw new Error(`no commit ${index}`)
  return found
}

const digest = (letter: string) => `sha256:${letter.repeat(64)}`

const WORLD: WorldSettings = {
  account: ACCOUNT,
  region: "eu-central-1",
  cluster: "clinic",
  services: [
    { name: "web", hosts: ["clinic.example.org"], revision: 7, deregistrationDelay: 30 },
    { name: "worker", revision: 4 },
  ],
  taskDefinitions: [{ family: "clinic-migrate" }],
  database: "clinic",
  repositories: ["clinic/web", "clinic/worker", "clinic/migrate"],
  alarms: ["clinic-5xx"],
}

type Input = z.input<typeof requestSchema>
type EnvironmentInput = Input["environment"]

export interface Changes {
  readonly action?: Input["action"]
  /** Which of {@link COMMITS}. */
  readonly commit?: number
  readonly environment?: Partial<EnvironmentInput>
  readonly request?: Partial<Omit<Input, "environment">>
  /** URL prefixes and their replacements, besides those of the simulator. */
  readonly endpoints?: Readonly<Record<string, string>>
}

/** Returns the request of a medium-sized application. */
export function requestInput({
  action = "deploy",
  commit: index = 0,
  environment,
  request,
}: Changes = {}): Input {
  const hash = commit(index)
  const letter = hash.slice(0, 1)
  return {
    action,
    environment: {
      name: "staging",
      account: ACCOUNT,
      region: "eu-central-1",
      cluster: "clinic",
      state: { bucket: "clinic-state" },
      services: [
        { name: "web", container: "web", image: "web" },
        { name: "worker", container: "worker", image: "worker" },
      ],
      checks: [{ url: "https://clinic.example.org/health", attempts: 10, intervalSeconds: 30 }],
      ...environment,
    },
    release: {
      commit: hash,
      ancestors: COMMITS.slice(0, index).reverse(),
      authors: ["ann"],
      images: {
        web: `${REGISTRY}/clinic/web@${digest(letter)}`,
        worker: `${REGISTRY}/clinic/worker@${digest(letter)}`,
        migrate: `${REGISTRY}/clinic/migrate@${digest(letter)}`,
      },
    },
    run: { id: `run-${index}`, actor: "ann", url: `https://ci.example.org/runs/${index}` },
    ...request,
  }
}

/** Returns the changes for a commit whose worker has the first commit's image. */
export function sameWorker(index: number, rest: Changes = {}): Changes {
  const { release } = requestInput({ commit: index })
  const images = { ...release.images, worker: requestInput().release.images?.worker ?? "" }
  return { ...rest, commit: index, request: { release: { ...release, images }, ...rest.request } }
}

export const MIGRATION = {
  family: "clinic-migrate",
  container: "clinic-migrate",
  image: "migrate",
  phase: "expand",
} as const
export const WHOLE = {
  migration: MIGRATION,
  database: { instance: "clinic" },
  bake: { minutes: 5, alarms: ["clinic-5xx"] },
} as const satisfies Partial<EnvironmentInput>

const open: Simulator[] = []

afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close()
})

export const simulate = (scenario: string | Partial<Scenario> = {}, world: Partial<WorldSettings> = {}) =>
  simulateWorld(scenario, worldFor({ ...WORLD, ...world }))

export async function simulateWorld(scenario: string | Partial<Scenario>, world: World) {
  const read = typeof scenario === "string" ? readScenario(scenario) : { ...SUCCESS, ...scenario }
  const simulator = await startSimulator({
    world,
    scenario: { ...read, clock: { start: START, factor: null } },
  })
  open.push(simulator)
  return simulator
}

/** Starts a simulator from a state, some time later. */
export async function simulateFrom(state: State, later = 0): Promise<Simulator> {
  const clock = { start: new Date(state.now + later).toISOString(), factor: null }
  const scenario = { ...state.scenario, clock }
  const simulator = await startSimulator({ world: state.world, scenario })
  simulator.rehearsal.become({ ...state, scenario })
  open.push(simulator)
  return simulator
}

/** Changes the stored objects whose keys have a name in them. */
export function rewrite({ rehearsal }: Simulator, named: string, change: (text: string) => string): void {
  const state = rehearsal.look()
  const objects = state.objects.map((object) =>
    object.key.includes(named) ? { ...object, body: Buffer.from(change(object.body.toString())) } : object,
  )
  rehearsal.become({ ...state, objects })
}

/** Gives the lease of an environment to a run of somebody else, which never renews it. */
export function leaseToOther({ rehearsal }: Simulator, environment: string): void {
  const state = rehearsal.look()
  const lease = {
    owner: "other",
    run: { id: "other", url: null, actor: "eve" },
    commit: null,
    token: 4,
    expires: state.now + 60_000,
  }
  const stored = {
    bucket: "clinic-state",
    key: `slipway/${environment}/lease.json`,
    etag: '"other"',
    body: Buffer.from(JSON.stringify(lease)),
    type: "application/json",
    metadata: {},
    modifiedAt: 0,
  }
  rehearsal.become({ ...state, objects: [...state.objects, stored] })
}

export const parsed = (input: Input): Request => {
  const read = readRequest(JSON.stringify(input))
  if (!read.ok) throw new Error(read.problems.join("\n"))
  return read.request
}

export const rehearsing = (request: Request, { url }: { readonly url: string }): Request => ({
  ...request,
  clock: url,
  endpoints: {
    "https://clinic.example.org": `${url}/_alb/clinic.example.org`,
    "https://clinic.example.org:8443": `${url}/_alb/clinic.example.org:8443`,
    "https://hooks.example.org": `${url}/_simulator/notifications`,
    "https://events.pagerduty.com": `${url}/_simulator/notifications/pagerduty`,
  },
})

export interface Ran {
  readonly result: Result
  readonly printed: readonly string[]
  readonly logged: readonly string[]
}

/**
 * Runs a request against a simulator.
 *
 * @param endpoint of a proxy in front of it.
 */
export async function run(
  simulator: Simulator,
  changes: Changes = {},
  rest: Partial<RunOptions> = {},
  endpoint = simulator.url,
): Promise<Ran> {
  const printed: string[] = []
  const logged: string[] = []
  const request = rehearsing(parsed(requestInput(changes)), simulator)
  const endpoints = { ...request.endpoints, ...changes.endpoints }
  const result = await deploy(
    { ...request, endpoints },
    {
      access: {
        region: "eu-central-1",
        endpoint,
        credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "canary-aws-secret-key" },
      },
      ports: {},
      notify: {},
      secrets: [],
      signal: new AbortController().signal,
      print: (line) => printed.push(line),
      log: (line) => logged.push(line),
      ...rest,
    },
  )
  return { result, printed, logged }
}

/** Prints what people read: `SHOW=1 npx vitest run …`. */
export function show({ printed, result }: Ran): void {
  if (process.env.SHOW) console.log(`${printed.join("\n")}\n\n${result.text}\n`)
}
