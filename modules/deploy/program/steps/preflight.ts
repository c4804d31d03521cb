/** Asks before acting: is all there that the new revisions need? */
import type { ContainerDefinition, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs"
import { ecrImage, imageExists } from "../aws/images.ts"
import {
  logGroupExists,
  look,
  roleExists,
  secretExists,
  subnetsHaveRoom,
  type There,
} from "../aws/prerequisites.ts"
import { describeServices } from "../aws/services.ts"
import { targetGroupOf } from "../aws/targets.ts"
import type { Service } from "../environment.ts"
import type { Given } from "../given.ts"
import { Ended, end } from "../plan/outcome.ts"
import { UNPLACED } from "../plan/rollout.ts"
import { nameOf, plural } from "../plan/text.ts"
import { nextOf } from "./revisions.ts"
import { type Done, did, type Step } from "./step.ts"

/** One thing that has to be there. `unknown`: it could not be looked at. */
export interface Checked {
  readonly what: string
  readonly state: "there" | "missing" | "unknown"
  readonly note: string
}

interface Question {
  readonly what: string
  readonly ask: () => Promise<boolean>
}

const stateOf = (answer: There): Pick<Checked, "state" | "note"> =>
  "unknown" in answer
    ? { state: "unknown", note: `could not look: ${answer.unknown}` }
    : { state: answer.there ? "there" : "missing", note: "" }

/** What a revision names: its roles, secrets, log groups and images. */
function ofDefinition({ aws, clock }: Given, next: RegisterTaskDefinitionRequest): readonly Question[] {
  const containers = next.containerDefinitions ?? []
  const roles = [next.taskRoleArn, next.executionRoleArn].filter((arn) => arn !== undefined)
  const secrets = containers.flatMap(({ secrets = [] }) => secrets.map(({ valueFrom }) => valueFrom ?? ""))
  const images = containers.map(({ image }) => image ?? "").filter((image) => ecrImage(image) !== null)
  return [
    ...roles.map((arn) => ({ what: `role ${nameOf(arn)}`, ask: () => roleExists(aws, clock, arn) })),
    ...secrets.map((from) => ({
      what: `secret ${secretName(from)}`,
      ask: () => secretExists(aws, clock, from),
    })),
    ...logGroups(containers).map((group) => ({
      what: `log group ${group}`,
      ask: () => logGroupExists(aws, clock, group),
    })),
    ...images.map((image) => ({
      what: `image ${nameOf(image).replace(/(@sha256:.{12}).*/, "$1")}`,
      ask: () => imageExists(aws.ecr, clock, image),
    })),
  ]
}

const secretName = (from: string): string => from.split(":").slice(5).join(":") || from

const logGroups = (containers: readonly ContainerDefinition[]): readonly string[] =>
  containers
    .filter(({ logConfiguration }) => logConfiguration?.options?.["awslogs-create-group"] !== "true")
    .map(({ logConfiguration }) => logConfiguration?.options?.["awslogs-group"])
    .filter((group) => group !== undefined)

/** Where the service's tasks go: subnets with free addresses, targets with a health check's path. */
async function ofService(given: Given, service: Service): Promise<readonly Question[]> {
  const { aws, clock, cluster } = given
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
            what: `free addresses in ${subnets.join(", ")}`,
            ask: () => subnetsHaveRoom(aws, clock, subnets),
          },
        ]),
    ...groups.map((arn) => ({
      what: `health check of ${service.name}'s target group`,
      ask: async () => {
        const group = await targetGroupOf(aws.elb, clock, arn)
        return (
          group !== null && (!/^HTTP/.test(group.HealthCheckProtocol ?? "") || Boolean(group.HealthCheckPath))
        )
      },
    })),
  ]
}

/** Every thing that the services' next revisions need, each once. */
export async function checkAll(
  given: Given,
  before: (service: string) => string | undefined,
): Promise<readonly Checked[]> {
  const questions = new Map<string, Question>()
  for (const service of given.request.environment.services) {
    const { next } = await nextOf(given, service, before(service.name))
    for (const question of [...(await ofService(given, service)), ...ofDefinition(given, next)])
      questions.set(question.what, question)
  }
  return Promise.all(
    [...questions.values()].map(async ({ what, ask }) => ({ what, ...stateOf(await look(ask)) })),
  )
}

async function run(given: Given): Promise<Done> {
  const { book, request, reporter } = given
  const checked = await checkAll(given, (service) => book.journal().before[service]?.revision)
  const unknown = checked.filter(({ state }) => state === "unknown")
  const missing = checked.filter(({ state }) => state === "missing").map(({ what }) => what)
  reporter.audit("preflight", { missing, unknown: unknown.map(({ what, note }) => `${what}: ${note}`) })
  const unseen = unknown.length === 0 ? "" : `; ${plural(unknown.length, "thing")} could not be looked at`
  if (missing.length === 0) return did(`${checked.length - unknown.length} things are there${unseen}`)
  if (request.breakGlass !== null)
    return did(`missing: ${missing.join(", ")}; goes on, as the glass is broken`)
  throw new Ended(
    end("refused", `the new release cannot come up: missing ${missing.join(", ")}`, {
      todo: ["make what is missing, or mend its name; no service and no schema was changed"],
    }),
  )
}

export const preflight: Step = { name: "preflight", minutes: 10, once: false, run }
