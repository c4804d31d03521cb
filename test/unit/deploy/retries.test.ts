import { createServer } from "node:http"
import { ECRClient } from "@aws-sdk/client-ecr"
import { expect, test } from "vitest"
import { awsClients } from "../../../modules/deploy/program/aws/clients.ts"
import { updateService } from "../../../modules/deploy/program/aws/deployments.ts"
import { digestsOf } from "../../../modules/deploy/program/aws/images.ts"
import { type Clock, realClock } from "../../../modules/deploy/program/core/clock.ts"
import { LeaseLost } from "../../../modules/deploy/program/core/outcome.ts"

test("gives up after one round of retries where AWS throttles a read of an image", async () => {
  const ecr = new ECRClient({ region: "eu-central-1", maxAttempts: 1 })
  ecr.middlewareStack.add(
    () => async () => {
      throw Object.assign(new Error("slow down"), { name: "ThrottlingException" })
    },
    { step: "initialize" },
  )
  const waits: number[] = []
  const clock: Clock = {
    now: () => 0,
    steady: () => 0,
    sleep: async (milliseconds) => {
      waits.push(milliseconds)
    },
    every: () => () => {},
    close: async () => {},
  }
  const image = `111122223333.dkr.ecr.eu-central-1.amazonaws.com/clinic/web@sha256:${"a".repeat(64)}`
  await expect(digestsOf(ecr, clock, image)).rejects.toMatchObject({ kind: "busy" })
  expect(waits.length).toBe(10)
})

test("asks before each attempt of a change, also before those that the SDK repeats", async () => {
  let received = 0
  const server = createServer((_, answer) => {
    received += 1
    answer.writeHead(400, { "content-type": "application/x-amz-json-1.1" })
    answer.end(JSON.stringify({ __type: "ThrottlingException", message: "slow down" }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
  const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "canary-aws-secret-key" }
  const asked: string[] = []
  const aws = awsClients({ region: "eu-central-1", endpoint, credentials }, async (operation) => {
    asked.push(operation)
    if (asked.length > 1) throw new LeaseLost("run 2 of bob")
  })
  const update = { service: "web", revision: "clinic-web:8", configuration: {}, again: false }
  const clock = realClock(new AbortController().signal)
  await expect(updateService(aws.ecs, clock, "clinic", update)).rejects.toBeInstanceOf(LeaseLost)
  aws.close()
  server.close()
  expect([asked, received]).toEqual([["UpdateService", "UpdateService"], 1])
})
