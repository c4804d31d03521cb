/** Reads the state of ECS services. */
import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeployment,
} from "@aws-sdk/client-ecs"
import type { Clock } from "../core/clock.ts"
import type { DeploymentSeen, Pause, ServiceDeploymentSeen, ServiceSeen } from "../ecs/service-seen.ts"
import { AwsFault, call } from "./retry.ts"

/** An ECS cluster. `revisions` caches the task definitions of service revisions, which never change. */
export interface Cluster {
  readonly ecs: ECSClient
  readonly clock: Clock
  readonly name: string
  readonly revisions: Map<string, string>
}

/** Returns a cluster whose cache is empty. */
export const clusterOf = (ecs: ECSClient, clock: Clock, name: string): Cluster => ({
  ecs,
  clock,
  name,
  revisions: new Map(),
})

const STATES = { COMPLETED: "COMPLETED", FAILED: "FAILED", IN_PROGRESS: "IN_PROGRESS" } as const
const timeOf = (date: Date | undefined): number => date?.getTime() ?? 0

/** Describes services by name, ten in a call. */
async function described(
  { ecs, clock, name: cluster }: Cluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, Service>> {
  const found = new Map<string, Service>()
  for (let start = 0; start < names.length; start += 10) {
    const services = names.slice(start, start + 10)
    const answer = await call(clock, "ECS DescribeServices", () =>
      ecs.send(new DescribeServicesCommand({ cluster, services: [...services] })),
    )
    for (const service of answer.services ?? [])
      if (service.serviceName) found.set(service.serviceName, service)
  }
  return found
}

const AGAIN_MS = 3_000

/**
 * Describes services by name. Missing services are left out: where an answer lacks one, or it is not active, ECS is asked
 * once more before that is believed.
 */
export async function describeServices(
  cluster: Cluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, Service>> {
  const found = await described(cluster, names)
  const odd = names.filter((name) => found.get(name)?.status !== "ACTIVE")
  if (odd.length === 0) return found
  await cluster.clock.sleep(AGAIN_MS)
  return new Map([...found, ...(await described(cluster, odd))])
}

const deploymentsOf = (service: Service): readonly DeploymentSeen[] =>
  (service.deployments ?? []).map((one) => ({
    id: one.id ?? "",
    primary: one.status === "PRIMARY",
    revision: one.taskDefinition ?? "",
    state: one.rolloutState === undefined ? null : (STATES[one.rolloutState] ?? null),
    reason: one.rolloutStateReason ?? "",
    created: timeOf(one.createdAt),
    desired: one.desiredCount ?? 0,
    running: one.runningCount ?? 0,
    failed: one.failedTasks ?? 0,
  }))

function pauseOf(deployment: ServiceDeployment): Pause | null {
  const hook = deployment.lifecycleHookDetails?.find(
    ({ targetType, status }) => targetType === "PAUSE" && status === "AWAITING_ACTION",
  )
  return hook?.hookId
    ? {
        hookId: hook.hookId,
        stage: deployment.lifecycleStage ?? "",
        expires: hook.expiresAt?.getTime() ?? null,
        otherwise: hook.timeoutAction ?? "ROLLBACK",
      }
    : null
}

/** Returns the task definition that all sources of a deployment in progress run; null: they differ, or it is over. */
function returnsTo({ revisions }: Cluster, { status, sourceServiceRevisions = [] }: ServiceDeployment) {
  const all = new Set(sourceServiceRevisions.map(({ arn = "" }) => revisions.get(arn) ?? null))
  const [sole = null] = all
  return all.size === 1 && STARTED.has(status ?? "") ? sole : null
}

/** Loads the task definitions of service revisions into the cache. */
async function definitionsOf({ ecs, clock, revisions }: Cluster, arns: readonly string[]): Promise<void> {
  const unknown = arns.filter((arn) => !revisions.has(arn))
  if (unknown.length === 0) return
  const answer = await call(clock, "ECS DescribeServiceRevisions", () =>
    ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: unknown.slice(0, 20) })),
  )
  for (const { serviceRevisionArn, taskDefinition } of answer.serviceRevisions ?? [])
    if (serviceRevisionArn && taskDefinition) revisions.set(serviceRevisionArn, taskDefinition)
}

const seenDeployment = (cluster: Cluster, one: ServiceDeployment): ServiceDeploymentSeen => ({
  arn: one.serviceDeploymentArn ?? "",
  status: one.status ?? "",
  reason: one.statusReason ?? "",
  created: timeOf(one.createdAt),
  revision: cluster.revisions.get(one.targetServiceRevision?.arn ?? "") ?? null,
  stage: one.lifecycleStage ?? "",
  pause: pauseOf(one),
  alarms: one.alarms?.triggeredAlarmNames ?? [],
  rollbackReason: one.rollback?.reason ?? "",
  target: one.targetServiceRevision?.arn ?? "",
  sources: (one.sourceServiceRevisions ?? []).map(({ arn = "" }) => arn),
  returnsTo: returnsTo(cluster, one),
  weight: one.targetServiceRevision?.requestedProductionTrafficWeight ?? null,
})

/** States of a service deployment that ECS can still roll back. */
export const STARTED: ReadonlySet<string> = new Set(["PENDING", "IN_PROGRESS"])

/** Service deployments that one call describes. */
const DESCRIBED = 20

/** Returns service deployments, newest first, and ours of any age; none if the endpoint does not support them. */
async function historyOf(
  cluster: Cluster,
  service: string,
  after: number,
  ours: string | null,
): Promise<readonly ServiceDeploymentSeen[]> {
  const { ecs, clock, name } = cluster
  try {
    const { serviceDeployments = [] } = await call(clock, `ECS ListServiceDeployments ${service}`, () =>
      ecs.send(
        new ListServiceDeploymentsCommand({ cluster: name, service, createdAt: { after: new Date(after) } }),
      ),
    )
    const listed = serviceDeployments
      .map(({ serviceDeploymentArn }) => serviceDeploymentArn)
      .filter((arn) => arn !== undefined)
      .slice(0, DESCRIBED - 1)
    const arns = ours === null || listed.includes(ours) ? listed : [...listed, ours]
    if (arns.length === 0) return []
    const described = await call(clock, "ECS DescribeServiceDeployments", () =>
      ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns })),
    )
    const deployments = described.serviceDeployments ?? []
    const started = deployments.filter(({ status }) => STARTED.has(status ?? ""))
    await definitionsOf(
      cluster,
      [
        ...deployments.map((one) => one.targetServiceRevision?.arn),
        ...started.flatMap(({ sourceServiceRevisions = [] }) => sourceServiceRevisions.map(({ arn }) => arn)),
      ].filter((arn) => arn !== undefined),
    )
    return deployments.map((one) => seenDeployment(cluster, one)).sort((a, b) => b.created - a.created)
  } catch (error) {
    if (error instanceof AwsFault && error.kind === "unsupported") return []
    throw error
  }
}

const EVENTS = 20

/** Returns the newest messages of a service. @param since earlier ones are of something else. */
export const messagesOf = ({ events = [] }: Service, since = 0): readonly string[] =>
  events
    .filter(({ createdAt }) => createdAt === undefined || createdAt.getTime() >= since)
    .slice(0, EVENTS)
    .map(({ message }) => message ?? "")

/** Returns a text that changes whenever the services change, to save the more expensive calls. */
export const glanceOf = (described: ReadonlyMap<string, Service>): string =>
  JSON.stringify(
    [...described].map(([name, service]) => [
      ...[name, service.status, service.runningCount, service.desiredCount],
      ...deploymentsOf(service),
    ]),
  )

/**
 * Reads the state of several services.
 *
 * @param after earliest creation time of service deployments, in milliseconds since the epoch; null: none are read.
 * @param known descriptions that were just read, and the ARNs of our deployments by service.
 */
export async function seeServices(
  cluster: Cluster,
  names: readonly string[],
  after: number | null,
  known: {
    readonly described?: ReadonlyMap<string, Service> | undefined
    readonly ours?: ReadonlyMap<string, string | null>
  } = {},
): Promise<ReadonlyMap<string, ServiceSeen>> {
  const described = known.described ?? (await describeServices(cluster, names))
  const seen = new Map<string, ServiceSeen>()
  for (const name of names) {
    const service = described.get(name)
    seen.set(name, {
      name,
      status: service?.status ?? "",
      desired: service?.desiredCount ?? 0,
      running: service?.runningCount ?? 0,
      deployments: service ? deploymentsOf(service) : [],
      history:
        service && after !== null ? await historyOf(cluster, name, after, known.ours?.get(name) ?? null) : [],
      configuration: service?.deploymentConfiguration ?? {},
      events: service ? messagesOf(service) : [],
    })
  }
  return seen
}
