import { createHash } from "node:crypto"
import * as http from "node:http"
import * as ecs from "@aws-sdk/client-ecs"
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2"
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3"
import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts"
import { describe, expect, it } from "vitest"
import * as z from "zod/mini"
import { readScenario } from "../../../modules/aws-simulator/program/read-scenario.ts"
import { webIdentity } from "../../../modules/deploy/program/aws/clients.ts"
import { networkConfiguration } from "./network.ts"
import { clientsFor, control, simulate, sleep } from "./rehearse.ts"

const cluster = "clinic"
const Bucket = "state"
const Key = "clinic/lease.json"

/** Returns name and status of the error that the SDK throws. */
const failure = async (sent: Promise<unknown>): Promise<readonly unknown[]> => {
  try {
    await sent
    return ["no error"]
  } catch (error) {
    const { name, $metadata } = Object.assign({ name: "", $metadata: { httpStatusCode: 0 } }, error)
    return [error instanceof Error ? error.name : name, $metadata.httpStatusCode]
  }
}

async function release(
  client: ecs.ECSClient,
  service = "web",
  settings: Partial<ecs.UpdateServiceRequest> = {},
) {
  const family = `clinic-${service}`
  const { taskDefinition: live } = await client.send(
    new ecs.DescribeTaskDefinitionCommand({ taskDefinition: family }),
  )
  const containerDefinitions = live?.containerDefinitions
  await client.send(new ecs.RegisterTaskDefinitionCommand({ family, containerDefinitions }))
  await client.send(new ecs.UpdateServiceCommand({ cluster, service, taskDefinition: family, ...settings }))
}

/** Counts status and revision of a hundred responses of the load balancer. */
async function tally(url: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (let count = 0; count < 100; count += 1) {
    const answer = await fetch(`${url}/_alb/clinic.example.org/health`)
    await answer.arrayBuffer()
    const key = `${answer.status} ${answer.headers.get("x-revision")}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

describe("S3", () => {
  it("writes only if the condition holds", async () => {
    const { s3 } = await simulate()
    const first = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "one", IfNoneMatch: "*" }))
    expect(
      await failure(s3.send(new PutObjectCommand({ Bucket, Key, Body: "x", IfNoneMatch: "*" }))),
    ).toEqual(["PreconditionFailed", 412])
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "two", IfMatch: first.ETag }))
    const stale = [
      s3.send(new PutObjectCommand({ Bucket, Key, Body: "x", IfMatch: first.ETag })),
      s3.send(new DeleteObjectCommand({ Bucket, Key, IfMatch: first.ETag })),
    ]
    expect(await Promise.all(stale.map(failure))).toEqual(Array(2).fill(["PreconditionFailed", 412]))
    const gone = s3.send(new PutObjectCommand({ Bucket, Key: "none", Body: "x", IfMatch: first.ETag }))
    expect(await failure(gone)).toEqual(["NoSuchKey", 404])
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(await Body?.transformToString()).toBe("two")
  })

  it("answers every n-th conditional write with a conflict", async () => {
    const { s3 } = await simulate({ conflictOneIn: 2 })
    const write = (IfNoneMatch?: string) =>
      failure(s3.send(new PutObjectCommand({ Bucket, Key: "new", Body: "x", IfNoneMatch })))
    expect([await write(), await write(), await write("*"), await write("*")]).toEqual([
      ["no error"],
      ["no error"],
      ["PreconditionFailed", 412],
      ["ConditionalRequestConflict", 409],
    ])
  })

  it("lists objects by prefix and page, with their metadata", async () => {
    const { s3 } = await simulate()
    for (const name of ["a/1", "a/2", "a/b/3", "c"]) {
      await s3.send(new PutObjectCommand({ Bucket, Key: name, Body: name, Metadata: { owner: "run 1" } }))
    }
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "a/", Delimiter: "/" }))
    expect(page.Contents?.map((entry) => entry.Key)).toEqual(["a/1", "a/2"])
    expect(page.CommonPrefixes).toEqual([{ Prefix: "a/b/" }])
    const first = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 3 }))
    const ContinuationToken = first.NextContinuationToken
    const rest = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }))
    expect([first.IsTruncated, rest.Contents?.map((entry) => entry.Key)]).toEqual([true, ["c"]])
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "c" }))
    expect([head.Metadata, head.ContentLength]).toEqual([{ owner: "run 1" }, 1])
    expect(await failure(s3.send(new HeadObjectCommand({ Bucket, Key: "none" })))).toEqual(["NotFound", 404])
  })
})

describe("a Terraform state in S3", () => {
  const state = { Bucket, Key: "env:/blue/app.tfstate" }
  const lock = { Bucket, Key: "env:/blue/app.tfstate.tflock", IfNoneMatch: "*" }

  /** A write of Terraform's backend, with a checksum that S3 must verify. */
  const written = (Body: string, of = Body) => ({
    Body,
    ContentType: "application/json",
    ChecksumSHA256: createHash("sha256").update(of).digest("base64"),
  })

  it("lists its workspaces below env:/", async () => {
    const { s3 } = await simulate()
    const workspaces = async () =>
      (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "env:/", MaxKeys: 1000 }))).Contents
    expect(await workspaces()).toBeUndefined()
    expect(await failure(s3.send(new HeadObjectCommand(state)))).toEqual(["NotFound", 404])
    expect(await failure(s3.send(new GetObjectCommand(state)))).toEqual(["NoSuchKey", 404])
    await s3.send(
      new PutObjectCommand({ ...state, ...written('{"serial":1}'), ServerSideEncryption: "AES256" }),
    )
    expect((await workspaces())?.map((entry) => entry.Key)).toEqual([state.Key])
    const { Body } = await s3.send(
      new GetObjectCommand({ ...state, ChecksumMode: "ENABLED", Range: "bytes=0-5242879" }),
    )
    expect(await Body?.transformToString()).toBe('{"serial":1}')
  })

  it("is locked by one owner at a time, whose name others can read", async () => {
    const { s3 } = await simulate()
    const take = (who: string) => failure(s3.send(new PutObjectCommand({ ...lock, ...written(who) })))
    expect(await take("alice")).toEqual(["no error"])
    expect(await take("bob")).toEqual(["PreconditionFailed", 412])
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: lock.Key }))
    expect(await Body?.transformToString()).toBe("alice")
    await s3.send(new DeleteObjectCommand({ Bucket, Key: lock.Key }))
    expect(await take("bob")).toEqual(["no error"])
  })

  it("is rejected with a wrong checksum", async () => {
    const { s3 } = await simulate()
    const damaged = s3.send(new PutObjectCommand({ ...state, ...written('{"serial":', '{"serial":1}') }))
    expect(await failure(damaged)).toEqual(["BadDigest", 400])
    expect(await failure(s3.send(new HeadObjectCommand(state)))).toEqual(["NotFound", 404])
  })
})

describe("a scenario", () => {
  it("throttles every third call of any protocol", async () => {
    const { ecs: client, sts, s3 } = await simulate(readScenario("throttling"))
    const calls = [
      () => client.send(new ecs.DescribeClustersCommand({ clusters: [cluster] })),
      () => sts.send(new GetCallerIdentityCommand({})),
      () => s3.send(new ListObjectsV2Command({ Bucket })),
      () => sts.send(new GetCallerIdentityCommand({})),
      () => s3.send(new ListObjectsV2Command({ Bucket })),
      () => client.send(new ecs.DescribeClustersCommand({ clusters: [cluster] })),
      () => s3.send(new ListObjectsV2Command({ Bucket })),
      () => client.send(new ecs.DescribeClustersCommand({ clusters: [cluster] })),
      () => sts.send(new GetCallerIdentityCommand({})),
    ]
    const results: unknown[] = []
    for (const call of calls) results.push(await failure(call()))
    expect(results.filter((result) => !String(result).startsWith("no error"))).toEqual([
      ["SlowDown", 503],
      ["ThrottlingException", 400],
      ["Throttling", 400],
    ])
  })

  it("denies calls with the missing permission, and records them", async () => {
    const { ecs: client, url } = await simulate(readScenario("denied"))
    await expect(release(client)).rejects.toThrow("is not authorized to perform: ecs:UpdateService")
    const journal = await control(url, "GET", "journal")
    expect(journal).toMatchObject([
      { operation: "RegisterTaskDefinition", result: "ok" },
      { operation: "UpdateService", result: "AccessDeniedException", parameters: { service: "web" } },
    ])
  })

  it("expires credentials during a rollout, and accepts a new session", async () => {
    const { ecs: client, s3, url } = await simulate(readScenario("expired-credentials"))
    await release(client)
    await sleep(url, 30)
    const look = new ecs.DescribeServicesCommand({ cluster, services: ["web"] })
    expect(await failure(client.send(look))).toEqual(["ExpiredTokenException", 403])
    expect(await failure(s3.send(new ListObjectsV2Command({ Bucket })))).toEqual(["ExpiredToken", 403])
    const arn = "arn:aws:iam::111122223333:role/deployer"
    const token = `x.${Buffer.from('{"sub":"repo:clinic"}').toString("base64url")}.y`
    const place = { region: "eu-central-1", endpoint: url }
    const session = await webIdentity(place, { arn, token, seconds: 7200, run: "run/2" })()
    const minutes = ((session.expiration?.getTime() ?? 0) - Date.now()) / 60_000
    expect(minutes).toBeGreaterThan(110)
    const renewed = clientsFor(url, session)
    const { services } = await renewed.ecs.send(look)
    expect(services?.[0]?.status).toBe("ACTIVE")
    const { Arn } = await renewed.sts.send(new GetCallerIdentityCommand({}))
    expect(Arn).toBe("arn:aws:sts::111122223333:assumed-role/deployer/slipway-run-2")
    expect(JSON.stringify(await control(url, "GET", "journal"))).not.toContain(token)
  })

  it("can use credentials of another account", async () => {
    const { sts } = await simulate(readScenario("wrong-account"))
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}))
    expect([Account, Arn?.split(":")[4]]).toEqual(["999988887777", "999988887777"])
    await sts.send(new AssumeRoleCommand({ RoleArn: "arn:aws:iam::1:role/x", RoleSessionName: "y" }))
  })
})

describe("eventual consistency", () => {
  it("hides new tasks and deployments for a while", async () => {
    const { ecs: client, url } = await simulate(readScenario("eventual-consistency"))
    const { tasks } = await client.send(
      new ecs.RunTaskCommand({ cluster, taskDefinition: "clinic-migrate", networkConfiguration }),
    )
    const look = new ecs.DescribeTasksCommand({ cluster, tasks: [tasks?.[0]?.taskArn ?? ""] })
    expect((await client.send(look)).failures?.[0]?.reason).toBe("MISSING")
    await release(client)
    const list = new ecs.ListServiceDeploymentsCommand({ cluster, service: "web" })
    expect((await client.send(list)).serviceDeployments).toHaveLength(1)
    const service = new ecs.DescribeServicesCommand({ cluster, services: ["web"] })
    const before = (await client.send(service)).services?.[0]?.deployments
    expect(before?.map(({ status, rolloutState }) => [status, rolloutState])).toEqual([
      ["PRIMARY", "COMPLETED"],
    ])
    await sleep(url, 15)
    expect((await client.send(look)).tasks).toHaveLength(1)
    expect((await client.send(list)).serviceDeployments).toHaveLength(2)
    const then = (await client.send(service)).services?.[0]?.deployments
    expect(then?.map(({ status }) => status)).toEqual(["PRIMARY", "ACTIVE"])
  })
})

describe("the load balancer", () => {
  it("answers by the current weights, with the revision", async () => {
    const { ecs: client, elb, url } = await simulate()
    expect(await tally(url)).toEqual({ "200 clinic-web:7": 100 })
    const canaryConfiguration = { canaryPercent: 20, canaryBakeTimeInMinutes: 10 }
    await release(client, "web", { deploymentConfiguration: { strategy: "CANARY", canaryConfiguration } })
    await sleep(url, 300)
    expect(await tally(url)).toEqual({ "200 clinic-web:7": 80, "200 clinic-web:8": 20 })
    await sleep(url, 3600)
    expect(await tally(url)).toEqual({ "200 clinic-web:8": 100 })
    const { services } = await client.send(new ecs.DescribeServicesCommand({ cluster, services: ["web"] }))
    const TargetGroupArn = services?.[0]?.loadBalancers?.[0]?.advancedConfiguration?.alternateTargetGroupArn
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))
    expect(TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth?.State)).toEqual([
      "healthy",
      "healthy",
    ])
  })

  it("answers with the scenario's status while targets are healthy", async () => {
    const { ecs: client, url } = await simulate(readScenario("health-fails-after-rollout"))
    await release(client)
    await sleep(url, 600)
    expect(await tally(url)).toEqual({ "500 clinic-web:8": 100 })
  })

  it("forwards requests for new releases to the app, and waits until it has started", async () => {
    let starting = 2
    const app = http.createServer(({ url }, answer) => {
      starting -= 1
      answer.writeHead(starting >= 0 ? 502 : 201, { "content-type": "text/plain" }).end(`app ${url}`)
    })
    await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve))
    const { port } = z.object({ port: z.number() }).parse(app.address())
    const { ecs: client, url } = await simulate({}, { app: `http://127.0.0.1:${port}` })
    const ask = async () => {
      const answer = await fetch(`${url}/_alb/clinic.example.org/api/health?deep=1`)
      return [answer.status, answer.headers.get("x-revision"), (await answer.text()).replace(/\{.*/s, "{}")]
    }
    expect(await ask()).toEqual([200, "clinic-web:7", "{}"])
    await release(client)
    await sleep(url, 600)
    expect(await ask()).toEqual([201, "clinic-web:8", "app /api/health?deep=1"])
    app.close()
  })

  it("answers 503 without healthy targets, and 404 for an unknown host", async () => {
    const { url } = await simulate({ deployedBefore: false })
    expect(await tally(url)).toEqual({ "503 null": 100 })
    expect((await fetch(`${url}/_alb/nobody.example.org/`)).status).toBe(404)
  })
})

describe("records", () => {
  it("journal: every changing call with time and principal", async () => {
    const { ecs: client, s3, url } = await simulate()
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: '{"owner":"run 1"}', IfNoneMatch: "*" }))
    await sleep(url, 60)
    await release(client)
    expect(await control(url, "GET", "journal")).toMatchObject([
      {
        at: "2026-03-02T09:00:00.000Z",
        principal: "arn:aws:iam::111122223333:user/AKIAEXAMPLE",
        service: "s3",
        operation: "PutObject",
        parameters: { key: Key, ifNoneMatch: "*", body: '{"owner":"run 1"}' },
        result: "ok",
      },
      { at: "2026-03-02T09:01:00.000Z", operation: "RegisterTaskDefinition" },
      { at: "2026-03-02T09:01:00.000Z", operation: "UpdateService" },
    ])
  })

  it("notifications: every request in any format", async () => {
    const { url } = await simulate()
    const sent = await fetch(`${url}/_simulator/notifications/slack`, {
      method: "POST",
      body: '{"text":"live"}',
    })
    expect(sent.ok).toBe(true)
    expect(await control(url, "GET", "notifications")).toEqual([
      { at: "2026-03-02T09:00:00.000Z", path: "/slack", body: '{"text":"live"}' },
    ])
  })
})
