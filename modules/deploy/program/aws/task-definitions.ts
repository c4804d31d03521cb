/** Finds and registers task definitions. Old revisions are never deregistered. */
import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionRequest,
  type TaskDefinition,
} from "@aws-sdk/client-ecs"
import type { Clock } from "../core/clock.ts"
import { sameContent } from "../ecs/render.ts"
import { AwsFault, call, callIfThere } from "./retry.ts"

/** @param name a family, for its newest active revision, or the ARN of a revision. */
export async function findDefinition(
  ecs: ECSClient,
  clock: Clock,
  name: string,
): Promise<TaskDefinition | null> {
  const answer = await callIfThere(clock, `ECS DescribeTaskDefinition ${name}`, () =>
    ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: name })),
  ).catch((error: unknown) => {
    // The error of ECS for an unknown family.
    if (error instanceof AwsFault && error.code === "ClientException") return null
    throw error
  })
  return answer?.taskDefinition ?? null
}

/** Registers a revision, unless the family's newest one has the same content. @returns its ARN. */
export async function register(
  ecs: ECSClient,
  clock: Clock,
  definition: RegisterTaskDefinitionRequest,
  tags: Readonly<Record<string, string>>,
): Promise<string> {
  const newest = definition.family ? await findDefinition(ecs, clock, definition.family) : null
  if (newest?.taskDefinitionArn && sameContent(newest, definition)) return newest.taskDefinitionArn
  const { taskDefinition } = await call(clock, `ECS RegisterTaskDefinition ${definition.family}`, () =>
    ecs.send(
      new RegisterTaskDefinitionCommand({
        ...definition,
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      }),
    ),
  )
  const arn = taskDefinition?.taskDefinitionArn
  if (!arn) throw new AwsFault("other", "", "ECS RegisterTaskDefinition", "no ARN in the response")
  return arn
}
