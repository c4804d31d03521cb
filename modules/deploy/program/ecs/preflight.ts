/** Checks, before anything changes, that everything exists that the new revisions need. */
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs"
import { ecrImage, imageExists, imageText } from "../aws/images.ts"
import { logGroupExists, look, secretOf, subnetsHaveRoom, type There } from "../aws/prerequisites.ts"
import { roleServes } from "../aws/rights.ts"
import { describeServices } from "../aws/services.ts"
import { targetGroupOf } from "../aws/targets.ts"
import { Ended, end } from "../core/outcome.ts"
import { type Done, did, type Step } from "../core/step.ts"
import { nameOf, plural } from "../core/text.ts"
import type { Service } from "../environment.ts"
import type { Context } from "./context.ts"
import { migrationNext } from "./migration-definition.ts"
import { UNPLACED } from "./progress.ts"
import { ofEnvironment, ofHooks, ofMigration, ofRoles, ofStrategy, type Question } from "./requirements.ts"
import { type Next, nextsOf } from "./revisions.ts"
import { TASKS, toCall, toShift, toStart } from "./role-rights.ts"

/** A requirement. `unknown`: it could not be checked. */
interface Checked {
  readonly what: string
  readonly state: "there" | "missing" | "unknown"
  readonly note: string
}

const stateOf = (answer: There): Pick<Checked, "state" | "note"> =>
  "unknown" in answer
    ? { state: "unknown", note: `could not check: ${answer.unknown}` }
    : { state: answer.there ? "there" : "missing", note: "" }

/** Returns the roles, secrets, log groups and images of a revision. */
function ofDefinition(context: Context, next: RegisterTaskDefinitionRequest): readonly Question[] {
  const { aws, clock } = context
  const containers = next.containerDefinitions ?? []
  const roles = [next.taskRoleArn, next.executionRoleArn].filter((arn) => arn !== undefined)
  const secrets = containers.flatMap(({ secrets = [] }) => secrets.map(({ valueFrom }) => valueFrom ?? ""))
  const images = containers.map(({ image }) => image ?? "").filter((image) => ecrImage(image) !== null)
  return [
    ...roles.map((arn) => ({
      what: `role ${nameOf(arn)}, which ${TASKS} may assume`,
      ask: () => roleServes(aws, clock, arn, TASKS),
    })),
    ...secrets.map((from) => ({
      what: `secret ${secretName(from)}`,
      ask: async () => (await secretOf(aws, clock, from)) !== null,
    })),
    ...logGroups(containers).map((group) => ({
      what: `log group ${group}`,
      ask: () => logGroupExists(aws, clock, group),
    })),
    ...images.map((image) => ({
      what: `image ${imageText(image)}`,
      ask: () => imageExists(aws.ecr, clock, image),
    })),
    ...toStart(context, next),
  ]
}

const secretName = (from: string): string => from.split(":").slice(5).join(":") || from

const logGroups = (containers: readonly ContainerDefinition[]): readonly string[] =>
  containers
    .filter(({ logConfiguration }) => logConfiguration?.options?.["awslogs-create-group"] !== "true")
    .map(({ logConfiguration }) => logConfiguration?.options?.["awslogs-group"])
    .filter((group) => group !== undefined)

/** Returns what the service needs: capacity, free addresses, a health check path. */
async function ofService(context: Context, service: Service): Promise<readonly Question[]> {
  const { aws, clock, cluster } = context
  const described = (await describeServices(cluster, [service.name])).get(service.name)
  const subnets = described?.networkConfiguration?.awsvpcConfiguration?.subnets ?? []
  const groups = (described?.loadBalancers ?? [])
    .map(({ targetGroupArn }) => targetGroupArn)
    .filter((arn) => arn !== undefined)
  const unplaced = described?.events?.[0]?.message ?? ""
  return [
    { what: `service ${service.name}`, ask: async () => described?.status === "ACTIVE" },
    {
      what: `capacity for ${service.name}`,
      ask: async () => !UNPLACED.test(unplaced),
    },
    ...(subnets.length === 0
      ? []
      : [
          {
            what: `free IP addresses in ${subnets.join(", ")}`,
            ask: () => subnetsHaveRoom(aws, clock, subnets),
          },
        ]),
    ...ofStrategy(context, service, described),
    ...ofHooks(context, service, described),
    ...ofRoles(context, service, described),
    ...toCall(context, service, described),
    ...toShift(context, service, described),
    ...groups.map((arn) => ({
      what: `health check path of ${service.name}'s target group`,
      ask: async () => {
        const group = await targetGroupOf(aws.elb, clock, arn)
        return (
          group !== null && (!/^HTTP/.test(group.HealthCheckProtocol ?? "") || Boolean(group.HealthCheckPath))
        )
      },
    })),
  ]
}

/** Returns what the migration needs, as it will run. */
async function ofMigrationTask(context: Context, nexts: readonly Next[]): Promise<readonly Question[]> {
  const { migration } = context.request.environment
  if (migration === null) return []
  const known = nexts.find(({ service }) => service.name === migration.service)
  const { next } = known ?? (await migrationNext(context, migration))
  return [...ofDefinition(context, next), ...ofMigration(context, next.networkMode)]
}

/**
 * Checks once everything that the run will use.
 *
 * @param nexts the next revision of each service.
 */
export async function checkAll(context: Context, nexts: readonly Next[]): Promise<readonly Checked[]> {
  const questions = new Map<string, Question>()
  for (const { service, next } of nexts) {
    for (const question of [...(await ofService(context, service)), ...ofDefinition(context, next)])
      questions.set(question.what, question)
  }
  for (const question of [...ofEnvironment(context), ...(await ofMigrationTask(context, nexts))])
    questions.set(question.what, question)
  return Promise.all(
    [...questions.values()].map(async ({ what, ask }) => ({ what, ...stateOf(await look(ask)) })),
  )
}

async function run(context: Context): Promise<Done> {
  const { request, reporter } = context
  const checked = await checkAll(context, await nextsOf(context))
  const unknown = checked.filter(({ state }) => state === "unknown")
  const missing = checked.filter(({ state }) => state === "missing").map(({ what }) => what)
  reporter.audit("preflight", { missing, unknown: unknown.map(({ what, note }) => `${what}: ${note}`) })
  const unseen = unknown.length === 0 ? "" : `, ${unknown.length} could not be checked`
  if (missing.length === 0)
    return did(`${plural(checked.length - unknown.length, "requirement")} met${unseen}`)
  if (request.breakGlass !== null)
    return did(`continuing without ${missing.join(", ")}: break-glass is set by ${request.breakGlass.by}`)
  throw new Ended(
    end("refused", `the new release cannot start: missing ${missing.join(", ")}`, {
      todo: ["create what is missing, or correct its name; no service and no schema was changed"],
    }),
  )
}

export const preflight: Step<Context> = { name: "preflight", minutes: 10, once: false, run }
