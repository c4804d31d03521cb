/** Finds and registers task definitions. Old revisions are never deregistered. */
import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionRequest,
  type TaskDefinition,
} from "@aws-sdk/client-ecs"
import type { Clock } from "../core/clock.ts"
import { until } from "../core/wait.ts"
import { sameContent } from "../ecs/render.ts"
import { AwsFault, call, callIfThere } from "./retry.ts"

/** A task definition and its tags. */
export interface Tagged {
  readonly definition: TaskDefinition
  readonly tags: Readonly<Record<string, string>>
}

/** How long a revision that was just registered may be unknown, in milliseconds. */
const UNKNOWN_MS = 10_000
const REVISION = /:\d+$/

/**
 * @param name a family, for its newest active revision, or a revision by name or ARN: a missing one is asked for again.
 */
export const findTagged = (ecs: ECSClient, clock: Clock, name: string): Promise<Tagged | null> =>
  until(clock, REVISION.test(name) ? UNKNOWN_MS : 0, () => described(ecs, clock, name))

async function described(ecs: ECSClient, clock: Clock, name: string): Promise<Tagged | null> {
  const answer = await callIfThere(clock, `ECS DescribeTaskDefinition ${name}`, () =>
    ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: name, include: ["TAGS"] })),
  ).catch((error: unknown) => {
    // The error of ECS for an unknown family.
    if (error instanceof AwsFault && error.code === "ClientException") return null
    throw error
  })
  if (!answer?.taskDefinition) return null
  const tags = (answer.tags ?? []).map(({ key = "", value = "" }) => [key, value])
  return { definition: answer.taskDefinition, tags: Object.fromEntries(tags) }
}

/** @param name as for {@link findTagged}. */
export const findDefinition = async (
  ecs: ECSClient,
  clock: Clock,
  name: string,
): Promise<TaskDefinition | null> => (await findTagged(ecs, clock, name))?.definition ?? null

/** Returns whether ECS starts tasks from a revision: nobody deregistered or deleted it. */
export async function isActive(ecs: ECSClient, clock: Clock, name: string): Promise<boolean> {
  const found = await findDefinition(ecs, clock, name)
  return found !== null && (found.status ?? "ACTIVE") === "ACTIVE"
}

const numberIn = (arn: string): number => Number(arn.slice(arn.lastIndexOf(":") + 1))

/** Returns the ARNs of a family's active revisions with a higher number, newest first; 100 at most. */
export async function revisionsAfter(
  ecs: ECSClient,
  clock: Clock,
  family: string,
  number: number,
): Promise<readonly string[]> {
  const { taskDefinitionArns = [] } = await call(clock, `ECS ListTaskDefinitions ${family}`, () =>
    ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: family, sort: "DESC", maxResults: 100 })),
  )
  return taskDefinitionArns
    .filter((arn) => numberIn(arn) > number)
    .sort((left, right) => numberIn(right) - numberIn(left))
}

/** Returns the values of a definition's environment: AWS repeats in its errors what it does not accept. */
const valuesOf = ({ containerDefinitions = [] }: RegisterTaskDefinitionRequest): readonly string[] =>
  containerDefinitions.flatMap(({ environment = [] }) => environment.map(({ value = "" }) => value))

/**
 * Registers a revision, unless the family's newest one has the same content. @returns its ARN.
 *
 * @param not the ARN of a revision that must not be used again.
 */
export async function register(
  ecs: ECSClient,
  clock: Clock,
  definition: RegisterTaskDefinitionRequest,
  { tags, not }: { readonly tags: Readonly<Record<string, string>>; readonly not?: string | undefined },
): Promise<string> {
  const newest = definition.family ? await findDefinition(ecs, clock, definition.family) : null
  const known = newest?.taskDefinitionArn
  if (newest && known && known !== not && sameContent(newest, definition)) return known
  const { taskDefinition } = await call(clock, `ECS RegisterTaskDefinition ${definition.family}`, () =>
    ecs.send(
      new RegisterTaskDefinitionCommand({
        ...definition,
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      }),
    ),
  ).catch((error: unknown) => {
    throw error instanceof AwsFault ? error.without(valuesOf(definition)) : error
  })
  const arn = taskDefinition?.taskDefinitionArn
  if (!arn) throw new AwsFault("other", "", "ECS RegisterTaskDefinition", "no ARN in the response")
  return arn
}
