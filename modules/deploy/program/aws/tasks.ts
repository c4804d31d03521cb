/** Runs and reads ECS tasks. */
import {
  DescribeTasksCommand,
  type DesiredStatus,
  type ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  type RunTaskRequest,
  type Task,
} from "@aws-sdk/client-ecs"
import type { Clock } from "../core/clock.ts"
import type { TaskSeen } from "../ecs/migration-progress.ts"
import { call } from "./retry.ts"

/** A started task, or why ECS could not place it. */
type Started =
  | { readonly placed: true; readonly arn: string }
  | { readonly placed: false; readonly why: string }

/** Starts one task. ECS returns the same task for the same `clientToken`. */
export async function runTask(ecs: ECSClient, clock: Clock, request: RunTaskRequest): Promise<Started> {
  const { tasks, failures } = await call(clock, "ECS RunTask", () => ecs.send(new RunTaskCommand(request)))
  const arn = tasks?.[0]?.taskArn
  if (arn) return { placed: true, arn }
  const why = (failures ?? []).map(({ reason, detail }) => [reason, detail].filter(Boolean).join(": "))
  return { placed: false, why: [...new Set(why)].join(", ") || "ECS gives no reason" }
}

/** Returns tasks by ARN. Unknown ones are left out. */
export async function describeTasks(
  ecs: ECSClient,
  clock: Clock,
  cluster: string,
  arns: readonly string[],
): Promise<readonly Task[]> {
  if (arns.length === 0) return []
  const { tasks } = await call(clock, "ECS DescribeTasks", () =>
    ecs.send(new DescribeTasksCommand({ cluster, tasks: arns.slice(0, 100) })),
  )
  return tasks ?? []
}

/** Returns what the deployer reads of a task. */
export const taskSeen = (task: Task): TaskSeen => ({
  arn: task.taskArn ?? "",
  status: task.lastStatus ?? "",
  stopCode: task.stopCode ?? "",
  stoppedReason: task.stoppedReason ?? "",
  ran: task.startedAt !== undefined,
  containers: (task.containers ?? []).map(({ name, exitCode, reason }) => ({
    name: name ?? "",
    exitCode: exitCode ?? null,
    reason: reason ?? "",
  })),
})

/** Returns the running tasks of a service, or those that stopped in the last hour. */
export async function tasksOf(
  ecs: ECSClient,
  clock: Clock,
  cluster: string,
  service: string,
  desiredStatus: DesiredStatus,
): Promise<readonly Task[]> {
  const arns: string[] = []
  let nextToken: string | undefined
  do {
    const page = await call(clock, `ECS ListTasks ${service}`, () =>
      ecs.send(
        new ListTasksCommand({
          cluster,
          serviceName: service,
          desiredStatus,
          ...(nextToken ? { nextToken } : {}),
        }),
      ),
    )
    arns.push(...(page.taskArns ?? []))
    nextToken = page.nextToken
  } while (nextToken && arns.length < 1000)
  const tasks: Task[] = []
  for (let start = 0; start < arns.length; start += 100)
    tasks.push(...(await describeTasks(ecs, clock, cluster, arns.slice(start, start + 100))))
  return tasks
}

/** Returns the tasks that were started with a mark, running or stopped in the last hour. */
export async function startedTasks(
  ecs: ECSClient,
  clock: Clock,
  cluster: string,
  startedBy: string,
): Promise<readonly string[]> {
  const all: string[] = []
  for (const desiredStatus of ["RUNNING", "STOPPED"] as const) {
    const { taskArns } = await call(clock, "ECS ListTasks", () =>
      ecs.send(new ListTasksCommand({ cluster, startedBy, desiredStatus })),
    )
    all.push(...(taskArns ?? []))
  }
  return all
}
