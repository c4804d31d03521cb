/** Calls that AWS denies: the words name the permission and what is live, and the next run does the rest, once. */
import { beforeAll, expect, it } from "vitest"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import type { State } from "../../modules/aws-simulator/program/state.ts"
import type { RunOptions } from "../../modules/deploy/program/deploy.ts"
import { liveIn } from "./points.ts"
import { type Changes, run, simulate, simulateFrom, WHOLE } from "./rehearsal.ts"
import { DENIED, type Passing, weatherFor } from "./weather.ts"

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}
const ENVIRONMENT = { ...WHOLE, bake: { minutes: 0.2, alarms: ["clinic-5xx"] } }
const OLD = ["clinic-web:8", "clinic-worker:5"]
const NEW = ["clinic-web:9", "clinic-worker:6"]
const HALF = ["clinic-web:8", "clinic-worker:6"]

interface Asked {
  /** The releases before. */
  readonly releases: number
  readonly changes: Changes
  readonly options?: (simulator: Simulator) => Partial<RunOptions>
}

const FAILING: Asked["options"] = ({ rehearsal }) => ({
  ports: {
    smoke: async () => ({ exitCode: liveIn(rehearsal.look()).includes("clinic-web:9") ? 1 : 0, output: "" }),
  },
})
const ASKED = {
  deploy: { releases: 1, changes: { commit: 1, environment: ENVIRONMENT } },
  "way back": { releases: 1, changes: { commit: 1, environment: ENVIRONMENT }, options: FAILING },
  rollback: { releases: 2, changes: { action: "rollback", commit: 1, environment: ENVIRONMENT } },
} satisfies Record<string, Asked>

const update =
  (service: string, revision: RegExp) =>
  ({ operation, body }: Passing) =>
    operation === "UpdateService" && body.includes(`"service":"${service}"`) && revision.test(body)
const call =
  (name: string) =>
  ({ operation }: Passing) =>
    operation === name
const put = (object: string) => call(`PUT /clinic-state/slipway/staging/${object}`)
/** Without a revision, an update changes settings alone. */
const SETTINGS = /^(?!.*taskDefinition)/

interface Refused {
  readonly of: keyof typeof ASKED
  readonly call: (passing: Passing) => boolean
  readonly exit: number
  readonly says: RegExp
  readonly live: readonly string[]
  /** How the same run ends once AWS allows the call, by its exit code. */
  readonly next: number
}

const CASES: Readonly<Record<string, Refused>> = {
  "a snapshot": {
    of: "deploy",
    call: call("CreateDBSnapshot"),
    exit: 45,
    live: OLD,
    next: 0,
    says: /AWS denied rds:CreateDBSnapshot: .*no service was changed\n.*grant the role rds:CreateDBSnapshot/s,
  },
  "a migration": {
    of: "deploy",
    call: call("RunTask"),
    exit: 45,
    live: OLD,
    next: 0,
    says: /the migration did not run\n.*grant the role ecs:RunTask\n.*no schema and no service was changed/s,
  },
  "the first deployment": {
    of: "deploy",
    call: update("web", /:9"/),
    exit: 45,
    live: OLD,
    next: 0,
    says: /ECS rejected the update of web; no service was changed; the expand migration is applied\n.*grant the role ecs:UpdateService\n/s,
  },
  "the second deployment": {
    of: "deploy",
    call: update("worker", /:6"/),
    exit: 40,
    live: OLD,
    next: 40,
    says: /rolled back: ECS rejected the update of worker\n.*cause +ECS UpdateService worker: AccessDenied.*grant the role ecs:UpdateService\n/s,
  },
  "the file of a release": {
    of: "deploy",
    call: put("ledger/000002.json"),
    exit: 0,
    live: NEW,
    next: 0,
    says: /SUCCEEDED.*the file of the last release was not written; the next run writes it: S3 PutObject/s,
  },
  "the settings after a way back": {
    of: "way back",
    call: update("web", SETTINGS),
    exit: 40,
    live: OLD,
    next: 40,
    says: /ROLLED-BACK.*the settings of web .* are still those of the rollback: .*grant the role ecs:UpdateService/s,
  },
  "the way back of one service": {
    of: "way back",
    call: update("worker", /:5"/),
    exit: 41,
    live: HALF,
    next: 41,
    says: /failed, and so did its rollback to release 1 .*grant the role ecs:UpdateService\n/s,
  },
  "a rollback": {
    of: "rollback",
    call: update("web", /:8"/),
    exit: 45,
    live: NEW,
    next: 0,
    says: /ECS rejected the update of web; no service was changed\n.*grant the role ecs:UpdateService\n/s,
  },
  "a note of a rollback": {
    of: "rollback",
    call: noteAfter(update("worker", /:5"/)),
    exit: 43,
    live: OLD,
    next: 0,
    says: /AWS continues the rollback to release 1 \(a{12}\) of web and worker.*grant the role s3:PutObject\n/s,
  },
}

/** Writes of the ledger after a call. */
function noteAfter(first: Refused["call"]): Refused["call"] {
  let begun = false
  return (passing) => {
    begun ||= first(passing)
    return begun && put("ledger.json")(passing)
  }
}

/** The account after each release. */
const released: State[] = []
beforeAll(async () => {
  const simulator = await simulate(QUICK)
  for (const commit of [0, 1]) {
    await run(simulator, { commit, environment: ENVIRONMENT })
    released.push(simulator.rehearsal.look())
  }
}, 60_000)

it.each(Object.entries(CASES))(
  "tells that %s is denied, and goes on from there",
  {
    timeout: 60_000,
  },
  async (_name, { of, call: denied, exit, says, live, next }) => {
    const { releases, changes, options }: Asked = ASKED[of]
    const begun = released[releases - 1]
    if (begun === undefined) throw new Error("no such release")
    const simulator = await simulateFrom(begun)
    const again = { ...changes, request: { run: { id: "ci", actor: "ann" } } }
    const proxy = await weatherFor(simulator, (passing) => (denied(passing) ? DENIED : null))
    const { result } = await run(simulator, again, options?.(simulator), proxy.url)
    await proxy.close()
    expect([result.exitCode, liveIn(simulator.rehearsal.look()), ownerIn(simulator)]).toEqual([
      exit,
      live,
      null,
    ])
    expect(result.text).toMatch(says)
    const { result: ended } = await run(simulator, again, options?.(simulator))
    expect([ended.exitCode, ownerIn(simulator)], ended.text).toEqual([next, null])
    expect(migrationsIn(simulator.rehearsal.look()) - migrationsIn(begun)).toBeLessThanOrEqual(1)
    expect(filesIn(simulator)).toBe(objectIn(simulator, "/ledger.json").next - 1)
  },
)

type Looked = Pick<Simulator, "rehearsal">

const migrationsIn = ({ tasks }: State): number => tasks.filter(({ service }) => service === null).length

/** Returns how many releases have their file. */
const filesIn = ({ rehearsal }: Looked): number =>
  rehearsal.look().objects.filter(({ key }) => /ledger\/\d+\.json$/.test(key)).length

const objectIn = ({ rehearsal }: Looked, name: string) =>
  JSON.parse(String(rehearsal.look().objects.find(({ key }) => key.endsWith(name))?.body))
const ownerIn = (simulator: Looked): unknown => objectIn(simulator, "/lease.json").owner
