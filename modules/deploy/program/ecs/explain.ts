/** Collects evidence of a failure. What cannot be read is left out, so that it does not hide the failure. */
import type { Task } from "@aws-sdk/client-ecs"
import { logTail, streamOf } from "../aws/logs.ts"
import { describeServices, messagesOf } from "../aws/services.ts"
import { targetsOf } from "../aws/targets.ts"
import { findDefinition } from "../aws/task-definitions.ts"
import { tasksOf } from "../aws/tasks.ts"
import type { Bundle } from "../core/evidence.ts"
import { nameOf, oneLine } from "../core/text.ts"
import type { Service } from "../environment.ts"
import type { Context } from "./context.ts"
import { isDeath } from "./deaths.ts"

const STOPPED = 3
const EVENTS = 8

async function orElse<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await ask()
  } catch {
    return otherwise
  }
}

/** Replaces target group ARNs by their names. */
const named = (text: string): string => oneLine(text.replace(/arn:\S*targetgroup\/([^/\s]+)\/[^)\s]+/g, "$1"))

const stoppedOf = (service: Service, tasks: readonly Task[]): Bundle["stopped"] =>
  tasks.map((task) => ({
    service: service.name,
    task: nameOf(task.taskArn ?? ""),
    reason: named(task.stoppedReason ?? task.stopCode ?? ""),
    containers: (task.containers ?? []).map(({ name, exitCode, reason }) => ({
      name: name ?? "",
      exitCode: exitCode ?? null,
      reason: oneLine(reason ?? ""),
    })),
  }))

/** Returns failed tasks of these revisions, newest first. */
export async function failedTasks(
  context: Context,
  service: Service,
  revisions: readonly string[],
): Promise<readonly Task[]> {
  const { aws, clock, request } = context
  const tasks = await tasksOf(aws.ecs, clock, request.environment.cluster, service.name, "STOPPED")
  return tasks
    .filter(
      ({ taskDefinitionArn }) => taskDefinitionArn !== undefined && revisions.includes(taskDefinitionArn),
    )
    .filter(isDeath)
    .sort((a, b) => (b.stoppedAt?.getTime() ?? 0) - (a.stoppedAt?.getTime() ?? 0))
}

/** Chooses the task whose log is read: a failed one, or else a running one. */
async function taskToRead(
  context: Context,
  service: Service,
  dead: readonly Task[],
  revisions: readonly string[],
) {
  const { aws, clock, request } = context
  if (dead[0]) return dead[0]
  const tasks = await tasksOf(aws.ecs, clock, request.environment.cluster, service.name, "RUNNING")
  return tasks.find(
    ({ taskDefinitionArn }) => taskDefinitionArn !== undefined && revisions.includes(taskDefinitionArn),
  )
}

/** Events of normal operation. */
const USUAL = /steady state|deployment completed|registered \d+ targets|has started \d+ tasks|begun draining/

/** On the way back, the deployer itself makes ECS stop what it started. */
const OWN = /StopServiceDeployment was called/

/** Returns the other events, without duplicates. */
const eventsOf = (events: readonly string[]): readonly string[] => {
  const texts = events.filter((event) => !USUAL.test(event)).map(named)
  return [...new Set(texts)].slice(0, EVENTS)
}

async function logOf(context: Context, service: Service, task: Task | undefined): Promise<readonly string[]> {
  const { aws, clock } = context
  if (!task?.taskDefinitionArn || !task.taskArn) return []
  const definition = await findDefinition(aws.ecs, clock, task.taskDefinitionArn)
  const failing = task.containers?.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0)?.name
  return definition === null
    ? []
    : logTail(aws.logs, clock, streamOf(definition, failing ?? service.container, task.taskArn))
}

async function ofService(context: Context, service: Service): Promise<Omit<Bundle, "reasons">> {
  const { aws, clock, cluster, book } = context
  const { services, started, returned, back } = book.journal()
  const revisions = [services[service.name]?.revision, returned[service.name]?.revision].filter(
    (revision) => typeof revision === "string",
  )
  const dead = (await orElse(() => failedTasks(context, service, revisions), [])).filter(
    ({ stoppedAt }) => (stoppedAt?.getTime() ?? started) >= started,
  )
  const described = await orElse(() => describeServices(cluster, [service.name]), null)
  const now = described?.get(service.name)
  const own = (now?.loadBalancers ?? []).map(({ targetGroupArn }) => targetGroupArn)
  const groups = [...new Set([service.targetGroup, ...own])].filter((arn) => typeof arn === "string")
  const targets = await orElse(
    async () => (await Promise.all(groups.map((arn) => targetsOf(aws.elb, clock, arn)))).flat(),
    [],
  )
  return {
    stopped: stoppedOf(service, dead.slice(0, STOPPED)),
    events: now
      ? eventsOf(messagesOf(now, started).filter((event) => back === null || !OWN.test(event)))
      : [],
    targets: targets.filter(({ state }) => state !== "unused" && state !== "draining"),
    log: await orElse(
      async () => logOf(context, service, await taskToRead(context, service, dead, revisions)),
      [],
    ),
  }
}

/** Collects evidence and adds it to what is already known. */
export async function bundleOf(context: Context, why: string): Promise<Bundle> {
  const { environment } = context.request
  const all = await Promise.all(environment.services.map((service) => ofService(context, service)))
  // Services with failed tasks first: they explain more.
  const parts = [...all].sort((a, b) => Number(b.stopped.length > 0) - Number(a.stopped.length > 0))
  const before = context.found.bundle
  const log = parts.find(({ log }) => log.length > 0)?.log ?? []
  return {
    stopped: parts.flatMap(({ stopped }) => stopped),
    events: parts.flatMap(({ events }) => events),
    targets: parts.flatMap(({ targets }) => targets),
    // The output of a smoke test explains more than the application's log.
    log: before.log.length > 0 ? before.log : log,
    reasons: [...new Set([...before.reasons, ...why.split("\n")])],
  }
}
