/** Response shapes of service deployments and service revisions. */
import { type Fields, fieldsOf, flag, records, textOr, texts } from "../fields.ts"
import { when } from "../operation.ts"
import { deploymentsOf, revisionAt, threshold, wanted } from "../rollout/find.ts"
import { digestOf } from "../rollout/tasks.ts"
import type { Service, ServiceDeployment, State } from "../state.ts"
import { clusterArn, counts, FARGATE, loadBalancers } from "./shapes.ts"

function summary(state: State, service: Service, rollout: ServiceDeployment, revision: string): Fields {
  const entry = deploymentsOf(state, service.name).findLast((one) => one.revision === revision)
  const { running, pending } = entry === undefined ? { running: 0, pending: 0 } : counts(state, entry.id)
  const requested = entry === undefined ? 0 : wanted(state, entry.id).length
  const shifts = rollout.strategy !== "ROLLING"
  const isTarget = revision === rollout.target
  const weight = isTarget ? rollout.weight : 100 - rollout.weight
  return {
    arn: revision,
    requestedTaskCount: isTarget ? service.desired : requested,
    runningTaskCount: running,
    pendingTaskCount: pending,
    requestedProductionTrafficWeight: shifts ? weight : null,
  }
}

const MONITORS: Readonly<Record<string, string>> = {
  PENDING: "MONITORING",
  IN_PROGRESS: "MONITORING",
  ROLLBACK_REQUESTED: "MONITORING",
  STOP_REQUESTED: "MONITORING",
}

function breakerShape(service: Service, rollout: ServiceDeployment): Fields {
  const on = flag(fieldsOf(rollout.configuration, "deploymentCircuitBreaker"), "enable")
  const limit = threshold(service)
  const tripped = rollout.failures >= limit && rollout.reason !== null
  const status = tripped ? "TRIGGERED" : (MONITORS[rollout.status] ?? "MONITORING_COMPLETE")
  return { status: on ? status : "DISABLED", failureCount: rollout.failures, threshold: limit }
}

function alarmsShape(rollout: ServiceDeployment): Fields {
  const alarms = fieldsOf(rollout.configuration, "alarms")
  const tripped = rollout.triggeredAlarms.length > 0
  const status = tripped ? "TRIGGERED" : (MONITORS[rollout.status] ?? "MONITORING_COMPLETE")
  return {
    status: flag(alarms, "enable") ? status : "DISABLED",
    alarmNames: texts(alarms, "alarmNames"),
    triggeredAlarmNames: rollout.triggeredAlarms,
  }
}

/** Returns a ServiceDeployment as DescribeServiceDeployments answers it. */
export function serviceDeploymentShape(state: State, service: Service, rollout: ServiceDeployment): Fields {
  const stage = rollout.hooks.filter((hook) => hook.stage === rollout.stage)
  return {
    serviceDeploymentArn: rollout.arn,
    serviceArn: service.arn,
    clusterArn: clusterArn(state),
    createdAt: when(rollout.createdAt),
    startedAt: when(rollout.startedAt),
    finishedAt: when(rollout.finishedAt),
    stoppedAt: when(rollout.stoppedAt),
    updatedAt: when(rollout.updatedAt),
    sourceServiceRevisions: rollout.sources.map((arn) => summary(state, service, rollout, arn)),
    targetServiceRevision: summary(state, service, rollout, rollout.target),
    status: rollout.status,
    statusReason: rollout.reason,
    lifecycleStage: rollout.stage,
    lifecycleHookDetails: stage.map((hook) => ({
      hookId: hook.id,
      targetType: "PAUSE",
      status: hook.status,
      expiresAt: when(hook.expiresAt),
      timeoutAction: hook.timeoutAction,
    })),
    deploymentConfiguration: rollout.configuration,
    rollback:
      rollout.rollback === null
        ? null
        : {
            reason: rollout.rollback.reason,
            startedAt: when(rollout.rollback.at),
            serviceRevisionArn: rollout.rollback.revision,
          },
    deploymentCircuitBreaker: breakerShape(service, rollout),
    alarms: alarmsShape(rollout),
  }
}

/** Returns a ServiceDeploymentBrief as ListServiceDeployments answers it. */
export function briefShape(state: State, service: Service, rollout: ServiceDeployment): Fields {
  return {
    serviceDeploymentArn: rollout.arn,
    serviceArn: service.arn,
    clusterArn: clusterArn(state),
    startedAt: when(rollout.startedAt),
    createdAt: when(rollout.createdAt),
    finishedAt: when(rollout.finishedAt),
    targetServiceRevisionArn: rollout.target,
    status: rollout.status,
    statusReason: rollout.reason,
  }
}

/** Returns the target group of a revision's tasks, and the rule that sends traffic to it. */
function resolved(state: State, service: Service, revision: string): Fields {
  const ids = deploymentsOf(state, service.name).filter((one) => one.revision === revision)
  const task = state.tasks.findLast(({ deployment }) => ids.some(({ id }) => id === deployment))
  const group = task?.targetGroup ?? null
  return {
    loadBalancers:
      group === null ? [] : [{ targetGroupArn: group, productionListenerRule: service.rule ?? undefined }],
  }
}

/** Returns a ServiceRevision as DescribeServiceRevisions answers it. */
export function revisionShape(state: State, service: Service, arnOf: string): Fields {
  const revision = revisionAt(state, arnOf)
  const definition = state.taskDefinitions.find((entry) => entry.arn === revision.taskDefinition)
  const containers = records(definition?.registered ?? {}, "containerDefinitions")
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: clusterArn(state),
    taskDefinition: revision.taskDefinition,
    ...FARGATE,
    loadBalancers: loadBalancers(service),
    resolvedConfiguration: resolved(state, service, arnOf),
    networkConfiguration: service.network,
    containerImages: containers.map((container) => ({
      containerName: textOr(container, "name", ""),
      image: textOr(container, "image", ""),
      imageDigest: digestOf(state, textOr(container, "image", "")),
    })),
    createdAt: when(revision.createdAt),
  }
}
