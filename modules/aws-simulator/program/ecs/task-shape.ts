import type { Fields } from "../fields.ts"
import { arn, hex } from "../ids.ts"
import { when } from "../operation.ts"
import type { State, Task } from "../state.ts"
import { clusterArn, FARGATE } from "./shapes.ts"

function containerShape(state: State, task: Task, container: Task["containers"][number]): Fields {
  return {
    containerArn: arn(
      state.world,
      "ecs",
      `container/${state.world.cluster}/${task.id}/${hex(container.name, 32)}`,
    ),
    taskArn: task.arn,
    name: container.name,
    image: container.image,
    imageDigest: container.digest,
    runtimeId: container.digest === null ? null : `${task.id}-${hex(container.name, 9)}`,
    lastStatus: task.status === "STOPPED" || container.exitCode !== null ? "STOPPED" : containerStatus(task),
    exitCode: container.exitCode,
    reason: container.reason,
    healthStatus: task.targetGroup === null ? task.health : "UNKNOWN",
    networkInterfaces: [{ attachmentId: hex(`${task.id}/eni`, 32), privateIpv4Address: task.ip }],
  }
}

function containerStatus(task: Task): string {
  if (task.startedAt === null) return "PENDING"
  return task.status === "DEPROVISIONING" ? "STOPPED" : "RUNNING"
}

/** Returns a Task as DescribeTasks answers it. */
export function taskShape(state: State, task: Task): Fields {
  return {
    taskArn: task.arn,
    taskDefinitionArn: task.taskDefinition,
    clusterArn: clusterArn(state),
    group: task.group,
    startedBy: task.startedBy,
    lastStatus: task.status,
    desiredStatus: task.wanted,
    healthStatus: task.targetGroup === null ? task.health : "UNKNOWN",
    connectivity: "CONNECTED",
    createdAt: when(task.createdAt),
    pullStartedAt: when(task.pullStartedAt),
    pullStoppedAt: when(task.pullStoppedAt),
    startedAt: when(task.startedAt),
    stoppingAt: when(task.stoppingAt),
    stoppedAt: when(task.stoppedAt),
    executionStoppedAt: when(task.stoppedAt),
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    ...FARGATE,
    cpu: "256",
    memory: "512",
    overrides: task.overrides,
    tags: task.tags,
    containers: task.containers.map((container) => containerShape(state, task, container)),
    availabilityZone: `${state.world.region}a`,
  }
}
