import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs"
import { describe, expect, it } from "vitest"
import { readScenario } from "../../../modules/aws-simulator/program/read-scenario.ts"
import { simulate, sleep } from "./rehearse.ts"

const DIGEST = `sha256:${"a".repeat(64)}`

async function release(ecs: ECSClient, service: string) {
  const family = `clinic-${service}`
  const live = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: family }))
  const [container] = live.taskDefinition?.containerDefinitions ?? []
  const made = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      containerDefinitions: [{ ...container, image: `registry.example.org/clinic/${service}@${DIGEST}` }],
    }),
  )
  const taskDefinition = made.taskDefinition?.taskDefinitionArn
  const updated = await ecs.send(new UpdateServiceCommand({ cluster: "clinic", service, taskDefinition }))
  return updated.service
}

async function look(ecs: ECSClient, service = "web") {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: "clinic", services: [service] }))
  const { serviceDeployments } = await ecs.send(
    new ListServiceDeploymentsCommand({ cluster: "clinic", service }),
  )
  const described = await ecs.send(
    new DescribeServiceDeploymentsCommand({
      serviceDeploymentArns: serviceDeployments?.map(
        ({ serviceDeploymentArn }) => serviceDeploymentArn ?? "",
      ),
    }),
  )
  return { service: services?.[0], rollout: described.serviceDeployments?.at(-1), list: serviceDeployments }
}

describe("a rolling deployment", () => {
  it("starts new tasks, drains old ones, and completes", async () => {
    const { ecs, url } = await simulate()
    const started = await release(ecs, "web")
    expect(started?.deployments).toHaveLength(2)
    await sleep(url, 60)
    const midway = await look(ecs)
    expect(midway.rollout?.status).toBe("IN_PROGRESS")
    await sleep(url, 600)
    const { service, rollout } = await look(ecs)
    expect(rollout?.status).toBe("SUCCESSFUL")
    expect(service?.deployments).toHaveLength(1)
    expect(service?.deployments?.[0]?.rolloutState).toBe("COMPLETED")
  })

  it("is rolled back by the circuit breaker if its tasks fail", async () => {
    const { ecs, url } = await simulate(readScenario("crash-loop"))
    await release(ecs, "web")
    await sleep(url, 600)
    const { service, rollout } = await look(ecs)
    expect(rollout?.status).toBe("ROLLBACK_SUCCESSFUL")
    expect(service?.taskDefinition).toContain("clinic-web:7")
  })
})
