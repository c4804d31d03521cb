import { ECRClient } from "@aws-sdk/client-ecr"
import { expect, test } from "vitest"
import { digestsOf } from "../../../modules/deploy/program/aws/images.ts"
import type { Clock } from "../../../modules/deploy/program/core/clock.ts"

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
