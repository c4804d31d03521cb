/** Makes the task definitions at the start of a rehearsal. */
import { arn, globalArn } from "./ids.ts"
import { minute, type TaskDefinition } from "./state.ts"
import type { World, WorldService, WorldTaskDefinition } from "./world.ts"

/** Age of the live release: a day. */
export const AGE = 24 * 60 * minute

const roleArn = (world: World, name: string): string => globalArn(world, "iam", `role/${name}`)

function logged(world: World, name: string): object {
  return {
    logDriver: "awslogs",
    options: {
      "awslogs-group": `/ecs/${world.cluster}/${name}`,
      "awslogs-region": world.region,
      "awslogs-stream-prefix": "ecs",
    },
  }
}

function fargate(world: World, family: string): object {
  return {
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    cpu: "256",
    memory: "512",
    executionRoleArn: roleArn(world, `${world.cluster}-execution`),
    taskRoleArn: roleArn(world, family),
  }
}

/** Returns the task definition that a service of the world runs at the start. */
export function definitionOf(world: World, now: number, service: WorldService): TaskDefinition {
  const { family, revision, container, image, port } = service
  const registered = {
    ...fargate(world, family),
    containerDefinitions: [
      {
        name: container,
        image,
        essential: true,
        portMappings: [{ containerPort: port, hostPort: port, protocol: "tcp" }],
        logConfiguration: logged(world, service.name),
      },
    ],
    ...service.definition,
  }
  return {
    arn: arn(world, "ecs", `task-definition/${family}:${revision}`),
    family,
    revision,
    registered,
    registeredAt: now - AGE,
    registeredBy: "simulator",
    tags: [],
  }
}

/** Returns a task definition of the world that no service runs: of one-off tasks. */
export function otherDefinitionOf(
  world: World,
  now: number,
  definition: WorldTaskDefinition,
): TaskDefinition {
  const { family, revision } = definition
  const registered = {
    ...fargate(world, family),
    containerDefinitions: definition.containers.map(({ name, image, command, environment }) => ({
      name,
      image,
      essential: true,
      command,
      environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
      logConfiguration: logged(world, family.replace(`${world.cluster}-`, "")),
    })),
    ...definition.definition,
  }
  return {
    arn: arn(world, "ecs", `task-definition/${family}:${revision}`),
    family,
    revision,
    registered,
    registeredAt: now - AGE,
    registeredBy: "simulator",
    tags: [],
  }
}
