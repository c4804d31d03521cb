import * as ecs from "@aws-sdk/client-ecs"
import * as rds from "@aws-sdk/client-rds"
import * as s3 from "@aws-sdk/client-s3"
import * as sns from "@aws-sdk/client-sns"
import { describe, expect, it, test } from "vitest"
import { evaluate } from "../../../modules/aws-simulator/program/iam/evaluate.ts"
import { type PolicyDocument, policyOf } from "../../../modules/aws-simulator/program/iam/policy.ts"
import { RIGHTS } from "../../../modules/aws-simulator/program/iam/rights.ts"
import { missingMember } from "../../../modules/aws-simulator/program/required.ts"
import { JSON_SERVICES, QUERY_SERVICES } from "../../../modules/aws-simulator/program/services/index.ts"
import { networkConfiguration } from "./network.ts"
import { settingsFor, simulate } from "./rehearse.ts"

const policy = (...statements: readonly object[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
})
const allow = (Action: string | string[], Resource: string | string[], Condition?: object) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition ? { Condition } : {}),
})

const TASK = "arn:aws:ecs:eu-central-1:111122223333:task/clinic/1"
const CLUSTER = "arn:aws:ecs:eu-central-1:111122223333:cluster/clinic"

describe("a policy", () => {
  const decide = (statements: readonly object[], context: Readonly<Record<string, readonly string[]>> = {}) =>
    evaluate([policyOf(policy(...statements), "p")], { action: "ecs:StopTask", resource: TASK, context })
  const on = (Condition: object) => [allow("ecs:StopTask", "*", Condition)]
  const cluster = { "ecs:cluster": [CLUSTER] }

  test.each([
    ["denies by default", [], {}, "implicit"],
    ["allows by name, whatever the case", [allow("ECS:stoptask", TASK)], {}, "allowed"],
    ["allows by wildcards", [allow("ecs:Stop*", "arn:aws:ecs:*:*:task/clin?c/*")], {}, "allowed"],
    ["ignores other resources", [allow("ecs:*", "arn:aws:ecs:*:*:task/other/*")], {}, "implicit"],
    ["does not match across colons", [allow("ecs:*", "arn:aws:ecs:*:task/clinic/1")], {}, "implicit"],
    ["prefers a Deny", [allow("*", "*"), { ...allow("ecs:StopTask", "*"), Effect: "Deny" }], {}, "explicit"],
    ["excepts NotAction", [{ Effect: "Allow", NotAction: "ecs:*", Resource: "*" }], {}, "implicit"],
    [
      "allows beside NotResource",
      [{ Effect: "Allow", Action: "*", NotResource: `${CLUSTER}` }],
      {},
      "allowed",
    ],
    [
      "compares ARNs",
      on({ ArnEquals: { "ecs:cluster": "arn:aws:ecs:*:*:cluster/clinic" } }),
      cluster,
      "allowed",
    ],
    ["requires the key", on({ ArnEquals: { "ecs:cluster": CLUSTER } }), {}, "implicit"],
    ["allows a missing key with IfExists", on({ StringLikeIfExists: { "s3:prefix": "a/*" } }), {}, "allowed"],
    [
      "requires every condition",
      on({ StringEquals: { "s3:prefix": "a", "ecs:cluster": CLUSTER } }),
      cluster,
      "implicit",
    ],
    [
      "takes any value of a list",
      on({ StringEquals: { "ecs:cluster": ["x", CLUSTER] } }),
      cluster,
      "allowed",
    ],
    ["negates every value", on({ StringNotEquals: { "ecs:cluster": ["x", CLUSTER] } }), cluster, "implicit"],
    ["checks the absence of a key", on({ Null: { "s3:prefix": "true" } }), {}, "allowed"],
    [
      "checks all values of a set",
      on({ "ForAllValues:StringLike": { "aws:TagKeys": "slipway:*" } }),
      { "aws:TagKeys": ["slipway:a", "b"] },
      "implicit",
    ],
    [
      "checks any value of a set",
      on({ "ForAnyValue:StringLike": { "aws:TagKeys": "slipway:*" } }),
      { "aws:TagKeys": ["slipway:a", "b"] },
      "allowed",
    ],
    [
      "compares numbers",
      on({ NumericLessThan: { "aws:RequestTag/n": "10" } }),
      { "aws:RequestTag/n": ["9"] },
      "allowed",
    ],
  ] as const)("%s", (_name, statements, context, decision) => {
    expect(decide(statements, context)).toBe(decision)
  })

  test.each([
    [
      { ...allow("*", "*"), Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } },
      "the operator IpAddress",
    ],
    [
      { ...allow("*", "*"), Condition: { StringEquals: { "aws:SourceVpce": "v" } } },
      "the condition key aws:SourceVpce",
    ],
    [{ ...allow("*", "*"), Principal: "*" }, "no element Principal"],
    [{ ...allow("*", "*"), Effect: "allow" }, "Effect must be Allow or Deny"],
    [{ Effect: "Allow", Resource: "*" }, "either Action or NotAction"],
  ])("refuses what it cannot evaluate: %j", (statement, says) => {
    expect(() => policyOf(policy(statement), "p")).toThrow(says)
  })
})

const KEYS = { accessKeyId: "deployer", secretAccessKey: "not-a-secret" }

/** Clients of a user who may do what the statements say. */
async function allowed(...statements: readonly object[]) {
  const simulator = await simulate(
    {},
    { policies: { deployer: [policy(...statements)] }, buckets: ["state"] },
  )
  const settings = settingsFor(simulator.url, KEYS)
  const send = async (call: Promise<unknown>): Promise<string> => {
    try {
      await call
      return "ok"
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    }
  }
  return {
    ...simulator,
    send,
    ecs: new ecs.ECSClient(settings),
    rds: new rds.RDSClient(settings),
    s3: new s3.S3Client({ ...settings, forcePathStyle: true }),
    sns: new sns.SNSClient(settings),
  }
}

const USER = "User: arn:aws:iam::111122223333:user/deployer is not authorized to perform:"
const SERVICE = "arn:aws:ecs:eu-central-1:111122223333:service/clinic/web"

it("refuses a call with AWS's message, and notes it", async () => {
  const { ecs: client, send, rehearsal } = await allowed()
  const describe = client.send(new ecs.DescribeServicesCommand({ cluster: "clinic", services: ["web"] }))
  expect(await send(describe)).toBe(
    `AccessDeniedException: ${USER} ecs:DescribeServices on resource: ${SERVICE} because no identity-based policy allows the ecs:DescribeServices action`,
  )
  expect(rehearsal.journal.map(({ operation, result }) => [operation, result])).toEqual([
    ["DescribeServices", "AccessDeniedException"],
  ])
})

it("requires the right to the default cluster where a call names none", async () => {
  const { ecs: client, send } = await allowed()
  expect(await send(client.send(new ecs.DescribeClustersCommand({})))).toContain(
    `${USER} ecs:DescribeClusters on resource: arn:aws:ecs:eu-central-1:111122223333:cluster/default `,
  )
})

it("requires the rights that a call needs besides its own: roles, tags, services", async () => {
  const { ecs: client, send } = await allowed(allow(["ecs:RegisterTaskDefinition", "ecs:UpdateService"], "*"))
  const definition = {
    family: "clinic-web",
    containerDefinitions: [{ name: "web", image: "web" }],
    taskRoleArn: "clinic-web",
  }
  const tags = [{ key: "slipway:release", value: "1" }]
  const register = (more: object) =>
    send(client.send(new ecs.RegisterTaskDefinitionCommand({ ...definition, ...more })))
  expect(await register({ tags })).toContain(
    "ecs:TagResource on resource: arn:aws:ecs:eu-central-1:111122223333:task-definition/clinic-web:* ",
  )
  expect(await register({})).toContain("iam:PassRole on resource: arn:aws:iam::111122223333:role/clinic-web ")
  const update = client.send(
    new ecs.UpdateServiceCommand({ cluster: "clinic", service: "web", taskDefinition: "clinic-web:7" }),
  )
  expect(await send(update)).toContain("iam:PassRole")
})

it("checks the service that a role is passed to", async () => {
  const passing = allow("iam:PassRole", "*", { StringEquals: { "iam:PassedToService": "ecs.amazonaws.com" } })
  const { ecs: client, send } = await allowed(allow("ecs:*", "*"), passing)
  const run = client.send(
    new ecs.RunTaskCommand({ cluster: "clinic", taskDefinition: "clinic-migrate", networkConfiguration }),
  )
  expect(await send(run)).toContain("iam:PassRole")
})

it("answers 403 for a missing object to who may not list the bucket", async () => {
  const read = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::state/*")
  const get = new s3.GetObjectCommand({ Bucket: "state", Key: "lease.json" })
  const blind = await allowed(read)
  expect(await blind.send(blind.s3.send(get))).toBe(
    `AccessDenied: ${USER} s3:ListBucket on resource: "arn:aws:s3:::state" because no identity-based policy allows the s3:ListBucket action`,
  )
  const lists = await allowed(read, allow("s3:ListBucket", "arn:aws:s3:::state"))
  expect(await lists.send(lists.s3.send(get))).toContain("NoSuchKey")
  const limited = allow("s3:ListBucket", "arn:aws:s3:::state", { StringLike: { "s3:prefix": "a/*" } })
  const prefixed = await allowed(read, limited)
  expect(await prefixed.send(prefixed.s3.send(get))).toContain("AccessDenied")
  const list = (Prefix: string) =>
    prefixed.send(prefixed.s3.send(new s3.ListObjectsV2Command({ Bucket: "state", Prefix })))
  expect([await list("a/1"), (await list("b")).split(":")[0]]).toEqual(["ok", "AccessDenied"])
})

it("requires a snapshot's name and its tags to be allowed", async () => {
  const snapshot = { DBInstanceIdentifier: "clinic", DBSnapshotIdentifier: "slipway-staging-1" }
  const database = "arn:aws:rds:eu-central-1:111122223333:db:clinic"
  const Tags = [{ Key: "a", Value: "b" }]
  const create = async (name: string, more: object) => {
    const { rds: client, send } = await allowed(
      allow("rds:CreateDBSnapshot", [database, `arn:aws:rds:eu-central-1:111122223333:snapshot:${name}`]),
    )
    return send(client.send(new rds.CreateDBSnapshotCommand({ ...snapshot, ...more })))
  }
  expect(await create("slipway-staging-*", {})).toBe("ok")
  expect(await create("clinic-*", {})).toContain("rds:CreateDBSnapshot on resource: arn:aws:rds:eu-central-1")
  expect(await create("slipway-staging-*", { Tags })).toContain("rds:AddTagsToResource")
})

it("has the error names of SNS, and denies principals without an entry", async () => {
  const { sns: client, send, url } = await allowed(allow("sns:Publish", "arn:aws:sns:*:*:alarms"))
  const publish = (TopicArn: string) => send(client.send(new sns.PublishCommand({ TopicArn, Message: "m" })))
  const topic = "arn:aws:sns:eu-central-1:111122223333"
  expect(await publish(`${topic}:alarms`)).toBe("ok")
  expect(await publish(`${topic}:other`)).toContain("AuthorizationError")
  const stranger = new ecs.ECSClient(settingsFor(url))
  expect(await send(stranger.send(new ecs.ListServicesCommand({ cluster: "clinic" })))).toContain(
    "user/AKIAEXAMPLE is not authorized",
  )
})

it("knows the rights of every operation that it supports", () => {
  const all = [...Object.values(JSON_SERVICES), ...Object.values(QUERY_SERVICES)].flatMap(
    ({ name, operations }) => Object.keys(operations).map((operation) => `${name}:${operation}`),
  )
  expect(all.filter((name) => !(name in RIGHTS))).toEqual([])
})

test.each([
  ["ecs", "UpdateService", { service: "web" }, null],
  ["ecs", "UpdateService", {}, "service"],
  [
    "ecs",
    "UpdateService",
    { service: "web", deploymentConfiguration: { alarms: { alarmNames: [], enable: false } } },
    "deploymentConfiguration.alarms.rollback",
  ],
  [
    "ecs",
    "RunTask",
    { taskDefinition: "a", networkConfiguration: { awsvpcConfiguration: {} } },
    "networkConfiguration.awsvpcConfiguration.subnets",
  ],
  [
    "cloudwatch",
    "GetMetricData",
    { StartTime: 1, EndTime: 2, MetricDataQueries: [{ Id: "a" }, {}] },
    "MetricDataQueries.2.member.Id",
  ],
] as const)("%s %s with %j: the missing parameter is %s", (service, operation, input, missing) => {
  expect(missingMember(service, operation, input)).toBe(missing)
})

const CANARY = {
  strategy: "CANARY",
  canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
} as const
const WATCHED = { alarms: { alarmNames: ["clinic-latency"], enable: true, rollback: true } }

test.each([
  ["a canary without a load balancer", "worker", CANARY, {}, "requires a load balancer"],
  [
    "a canary without a second target group",
    "web",
    CANARY,
    { advancedConfiguration: false },
    "requires advancedConfiguration",
  ],
  [
    "blue/green without a second target group",
    "web",
    { strategy: "BLUE_GREEN" },
    { advancedConfiguration: false },
    "requires advancedConfiguration",
  ],
  [
    "steps that are too small",
    "web",
    { strategy: "LINEAR", linearConfiguration: { stepPercent: 1 } },
    {},
    "stepPercent must be between 3 and 100",
  ],
  ["an alarm that nobody made", "web", WATCHED, {}, "do not exist: clinic-latency"],
] as const)("refuses %s", async (_name, service, deploymentConfiguration, web, says) => {
  const services = [{ name: "web", hosts: ["clinic.example.org"], ...web }, { name: "worker" }]
  const { ecs: client } = await simulate({}, { services })
  const update = new ecs.UpdateServiceCommand({
    cluster: "clinic",
    service,
    forceNewDeployment: true,
    deploymentConfiguration,
  })
  await expect(client.send(update)).rejects.toThrow(says)
})

it("refuses a task in awsvpc mode without a network, or in an unknown subnet", async () => {
  const { ecs: client } = await simulate({}, { subnets: ["subnet-1"] })
  const run = (network: object) =>
    client.send(new ecs.RunTaskCommand({ cluster: "clinic", taskDefinition: "clinic-migrate", ...network }))
  await expect(run({})).rejects.toThrow("Network Configuration must be provided")
  const elsewhere = { networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-9"] } } }
  await expect(run(elsewhere)).rejects.toThrow("subnet-9")
  expect((await run({ networkConfiguration })).tasks).toHaveLength(1)
})
