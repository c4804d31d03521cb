/** What a run needs is asked for before anything changes, and odd answers of AWS are asked for again. */
import { createServer } from "node:http"
import type { Task } from "@aws-sdk/client-ecs"
import { expect, it, test } from "vitest"
import type { WorldSettings } from "../../modules/aws-simulator/program/world.ts"
import { partitionOf } from "../../modules/deploy/program/aws/partition.ts"
import { deathsThatCount, isDeath } from "../../modules/deploy/program/ecs/deaths.ts"
import { type Changes, MIGRATION, run, simulate, WHOLE } from "./rehearsal.ts"

type Environment = NonNullable<Changes["environment"]>
type Service = NonNullable<Environment["services"]>[number]

const service = (name: string) => ({ name, container: name, image: name })
const web = (more: Partial<Service>): Environment => ({ services: [{ ...service("web"), ...more }] })
const canary = { kind: "canary", percent: 10, canaryBakeMinutes: 1 } as const
const HOOK = {
  hookTargetArn: "arn:aws:lambda:eu-central-1:111122223333:function:audit",
  roleArn: "arn:aws:iam::111122223333:role/hooks",
  lifecycleStages: ["POST_SCALE_UP"],
}
const BALANCED = { name: "web", hosts: ["clinic.example.org"], revision: 7 }

const ALL = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }
/** An account in which one role may do nothing of an action, and everybody else everything. */
const without = (role: string, action: string): Partial<WorldSettings> => ({
  policies: {
    "*": [ALL],
    [role]: [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", NotAction: action, Resource: "*" }] }],
  },
})
const HOOKED = { ...BALANCED, deploymentConfiguration: { lifecycleHooks: [HOOK] } }
const blueGreen = web({ strategy: { kind: "blue-green" } })
const SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:clinic/db-Ab3dE6"
const SECRETIVE = {
  ...BALANCED,
  definition: {
    containerDefinitions: [
      { name: "web", image: "web", secrets: [{ name: "DATABASE_URL", valueFrom: `${SECRET}:url::` }] },
    ],
  },
}

/** A service of an account as people make them, and what AWS says to an update of it. */
const OTHERS: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, string, RegExp]>> = {
  "a service that CodeDeploy deploys": [
    { deploymentController: { type: "CODE_DEPLOY" } },
    "deployment controller ECS of web, which CODE_DEPLOY deploys",
    /Unable to update task definition on services with a CODE_DEPLOY deployment controller/,
  ],
  "a service that somebody else deploys": [
    { deploymentController: { type: "EXTERNAL" } },
    "deployment controller ECS of web, which EXTERNAL deploys",
    /Unable to update task definition on services with a EXTERNAL deployment controller/,
  ],
  "a daemon service with the percentages of others": [
    { schedulingStrategy: "DAEMON" },
    "strategy of the daemon service web (maximumPercent: 100)",
    /daemon scheduling strategy does not support values above 100 for maximumPercent/,
  ],
  "a service that was deleted": [{ status: "INACTIVE" }, "service web", /Service was not ACTIVE/],
}
const MADE = Object.entries(OTHERS)

it.each(MADE)("refuses %s before anything changes", async (_name, [described, says, aws]) => {
  const simulator = await simulate({}, { services: [{ ...BALANCED, described }] })
  const environment = { ...web({}), migration: { ...MIGRATION, image: "web" } }
  const { result } = await run(simulator, { environment })
  expect([result.outcome, result.what]).toEqual(["refused", expect.stringContaining(says)])
  expect(simulator.rehearsal.look().tasks.filter(({ service }) => service === null)).toEqual([])
  // What AWS says where nobody asks before.
  const breakGlass = { by: "ann", reason: "the service will be right in a minute" }
  const broken = await run(simulator, { environment: web({}), request: { breakGlass } })
  expect([broken.result.outcome, broken.result.what, broken.result.cause]).toEqual([
    "failed",
    "ECS rejected the update of web; no service was changed",
    expect.stringMatching(aws),
  ])
})

it("deploys a daemon service by its own percentages", async () => {
  const described = { schedulingStrategy: "DAEMON" }
  const strategy = { kind: "rolling", minimumHealthyPercent: 0, maximumPercent: 100 } as const
  const simulator = await simulate({}, { services: [{ ...BALANCED, described }] })
  const { result } = await run(simulator, { environment: web({ strategy }) })
  expect(result.outcome, result.text).toBe("succeeded")
})

test.each<readonly [string, Environment, Partial<WorldSettings>, string]>([
  [
    "the right to call the function of a lifecycle hook",
    blueGreen,
    { services: [HOOKED], ...without("hooks", "lambda:InvokeFunction") },
    "right lambda:InvokeFunction on audit of role hooks (lifecycle hook of web)",
  ],
  [
    "the right to shift traffic",
    blueGreen,
    { services: [BALANCED], ...without("clinic-load-balancing", "elasticloadbalancing:Modify*") },
    "of role clinic-load-balancing (load balancer of web)",
  ],
  [
    "the right to register targets",
    blueGreen,
    { services: [BALANCED], ...without("clinic-load-balancing", "elasticloadbalancing:RegisterTargets") },
    "of role clinic-load-balancing (load balancer of web)",
  ],
  [
    "the right to pull an image",
    web({}),
    without("clinic-execution", "ecr:GetDownloadUrlForLayer"),
    "on clinic/web of role clinic-execution (start of tasks)",
  ],
  [
    "the right to read a secret",
    web({}),
    { services: [SECRETIVE], ...without("clinic-execution", "secretsmanager:GetSecretValue") },
    "right secretsmanager:GetSecretValue on secret:clinic/db-Ab3dE6 of role clinic-execution",
  ],
  [
    "the trust of a role in what assumes it",
    web({}),
    { trusts: { "clinic-execution": ["ec2.amazonaws.com"] } },
    "role clinic-execution, which ecs-tasks.amazonaws.com may assume",
  ],
  ["an alarm", { bake: { minutes: 1, alarms: ["clinic-latency"] } }, {}, "alarm clinic-latency"],
  ["the database", { database: { instance: "other" } }, {}, "database other"],
  [
    "the migration's image",
    { migration: MIGRATION },
    { repositories: ["clinic/web", "clinic/worker"] },
    "image migrate",
  ],
  [
    "the load balancer of a canary",
    { services: [{ ...service("worker"), strategy: canary }] },
    {},
    "load balancer of worker for canary",
  ],
  [
    "what shifts the traffic of a canary",
    web({ strategy: canary }),
    { services: [{ ...BALANCED, advancedConfiguration: false }] },
    "alternate target group, listener rule and role of web",
  ],
  [
    "room to replace tasks",
    web({ strategy: { kind: "rolling", maximumPercent: 100 } }),
    {},
    "room to replace tasks of web",
  ],
  [
    "the role of a lifecycle hook, also of somebody else's",
    web({ strategy: { kind: "blue-green" } }),
    {
      services: [{ ...BALANCED, deploymentConfiguration: { lifecycleHooks: [HOOK] } }],
      roles: [],
    },
    "role hooks of a lifecycle hook of web",
  ],
  [
    "the function of a lifecycle hook, also of somebody else's",
    web({ strategy: { kind: "blue-green" } }),
    {
      services: [{ ...BALANCED, deploymentConfiguration: { lifecycleHooks: [HOOK] } }],
      functions: ["other"],
    },
    "function audit of a lifecycle hook of web",
  ],
  [
    "the role that shifts traffic",
    web({ strategy: { kind: "blue-green" } }),
    { services: [BALANCED], roles: [] },
    "of the load balancer of web",
  ],
  [
    "a target group",
    web({ targetGroup: "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/gone/1" }),
    {},
    "target group gone of web",
  ],
])("asks for %s before anything changes", async (_name, environment, world, says) => {
  const simulator = await simulate({}, world)
  const { result } = await run(simulator, { environment })
  expect([result.outcome, result.what]).toEqual(["refused", expect.stringContaining(says)])
  const changed = simulator.rehearsal.journal.filter(({ service: of }) => of === "ecs" || of === "rds")
  expect(changed).toEqual([])
})

it("rolls back where nobody asked for the right to call a function", async () => {
  const { result } = await run(
    await simulate(
      {},
      { services: [HOOKED, { name: "worker" }], ...without("hooks", "lambda:InvokeFunction") },
    ),
    {
      environment: { services: [...(blueGreen.services ?? [])] },
      request: { breakGlass: { by: "ann", reason: "the hook will be right in a minute" } },
    },
  )
  expect([result.outcome, result.what]).toEqual([
    "rolled-back",
    expect.stringContaining("lambda:InvokeFunction"),
  ])
})

it("says where the policy of the resource decides, and goes on", async () => {
  const world = { services: [HOOKED], ...without("hooks", "lambda:InvokeFunction") }
  const resourcePolicies = { [HOOK.hookTargetArn]: "{}" }
  const { result } = await run(await simulate({}, { ...world, resourcePolicies }), {
    action: "plan",
    environment: blueGreen,
  })
  expect(result.text).toContain("unknown: right lambda:InvokeFunction on audit of role hooks")
  expect(result.text).not.toContain("missing")
})

it("says what it may not ask IAM, and goes on", async () => {
  const policies = {
    "*": [
      {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", NotAction: "iam:SimulatePrincipalPolicy", Resource: "*" }],
      },
    ],
  }
  const { result } = await run(await simulate({}, { services: [HOOKED], policies }), {
    action: "plan",
    environment: blueGreen,
  })
  expect(result.text).toContain("unknown: right lambda:InvokeFunction on audit of role hooks")
})

it("says which metric has no data yet, and goes on", async () => {
  const metrics = [{ name: "errors", namespace: "n", metric: "m", good: { below: 1 } }]
  const { result } = await run(await simulate({ metrics: { "*": null } }), {
    action: "plan",
    environment: { bake: { minutes: 1, metrics } },
  })
  expect(result.text).toContain("unknown: metric errors")
})

it("believes that a service is gone only when ECS says so twice", async () => {
  const { result } = await run(await simulate({ oddOneIn: 5 }))
  expect(result.outcome).toBe("succeeded")
})

it("waits for a database that is busy", async () => {
  const simulator = await simulate({ snapshot: { seconds: 60, fails: false, busy: 600 } })
  const { result } = await run(simulator, { environment: WHOLE })
  expect(result.outcome).toBe("succeeded")
})

it("asks the URLs through the whole bake time, and rolls back when they stop answering", async () => {
  let asked = 0
  // The first answers are of the health step, and the last ones of the release that is live again.
  const app = createServer((_request, response) => {
    asked += 1
    response.writeHead(asked > 3 && asked < 14 ? 500 : 200).end()
  })
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve))
  const address = app.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  try {
    const { result } = await run(await simulate(), {
      environment: { bake: { minutes: 5 } },
      endpoints: { "https://clinic.example.org": `http://127.0.0.1:${port}` },
    })
    expect([result.outcome, result.what]).toEqual([
      "rolled-back",
      expect.stringContaining("during the bake time"),
    ])
  } finally {
    app.close()
  }
})

test.each<readonly [Task, boolean]>([
  [{ stopCode: "EssentialContainerExited" }, true],
  [{ stopCode: "TaskFailedToStart" }, true],
  [
    {
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: "Task failed ELB health checks in (target-group x)",
    },
    true,
  ],
  [
    { stopCode: "ServiceSchedulerInitiated", stoppedReason: "Scaling activity initiated by (deployment x)" },
    false,
  ],
  [{ stopCode: "UserInitiated", stoppedReason: "Task stopped by user" }, false],
  [{ stopCode: "SpotInterruption", stoppedReason: "Your Spot Task was interrupted." }, false],
  [{ stopCode: "TerminationNotice" }, false],
])("%j is a death: %s", (task, death) => {
  expect(isDeath(task)).toBe(death)
})

test.each([
  [0, 2],
  [1, 1],
  [2, 2],
  [20, 2],
  [21, 3],
  [100, 10],
])("of %i tasks, %i deaths count", (desired, deaths) => {
  expect(deathsThatCount(desired)).toBe(deaths)
})

test.each([
  ["eu-central-1", "aws"],
  ["cn-north-1", "aws-cn"],
  ["us-gov-west-1", "aws-us-gov"],
])("%s is in the partition %s", (region, partition) => {
  expect(partitionOf(region)).toBe(partition)
})
