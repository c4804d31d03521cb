import { describe, expect, test } from "vitest"
import { servicesOf } from "../../../ci/src/project/services.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { projectOf } from "../projects.js"

const services = async (dependencies: Readonly<Record<string, string>>, yaml = "") =>
  servicesOf(
    await projectOf(
      {
        "package.json": { name: "app", workspaces: ["api"] },
        "api/package.json": { name: "api", dependencies },
      },
      parseConfig(yaml),
    ),
  )

describe("the services of a project", () => {
  test.each(["ioredis", "redis", "bullmq"])("are Redis where a package depends on %s", async (name) => {
    expect(await services({ [name]: "1" })).toMatchObject({
      redis: { image: "redis:7-alpine", port: 6379, variables: { REDIS_URL: "redis://redis:6379" } },
    })
  })

  test("are none where nothing says so", async () => {
    expect(await services({ fastify: "5" })).toEqual({})
  })

  test("are what slipway.yaml says before what is detected", async () => {
    const yaml =
      'services: { redis: { image: "redis:6", port: 6380 }, mail: { image: "mailpit:1", port: 1025 } }'
    expect(await services({ ioredis: "5" }, yaml)).toEqual({
      redis: { image: "redis:6", port: 6380, env: {}, variables: {}, unit: false },
      mail: { image: "mailpit:1", port: 1025, env: {}, variables: {}, unit: false },
    })
  })
})

test.each([
  ["services:\n  redis: { image: redis }\n", /slipway\.yaml:2:3: missing key "port"/],
  ["services:\n  redis: { image: redis, prot: 1 }\n", /2:26: unknown key "prot"/],
])("a service that is described wrongly is refused where it is: %#", (yaml, message) => {
  expect(() => parseConfig(yaml)).toThrow(message)
})
