/** Task definitions. Old revisions are never deregistered. */
import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionRequest,
  type TaskDefinition,
} from "@aws-sdk/client-ecs"
import type { Clock } from "../clock.ts"
import { sameContent } from "../plan/revision.ts"
import { AwsFault, call, callIfThere } from "./retry.ts"

/** @param name a family, for its newest active revision, or a revision's ARN. */
export async function findDefinition(
  ecs: ECSClient,
  clock: Clock,
  name: string,
): Promise<TaskDefinition | null> {
  const answer = await callIfThere(clock, `ECS DescribeTaskDefinition ${name}`, () =>
    ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: name })),
  ).catch((error: unknown) => {
    // What ECS says of a family without revisions.
    if (error instanceof AwsFault && error.code === "ClientException") return null
    throw error
  })
  return answer?.taskDefinition ?? null
}

/** The ARN of a revision with this content: the family's newest where it is that already, a new one otherwise. */
export async function register(
  ecs: ECSClient,
  clock: Clock,
  wanted: RegisterTaskDefinitionRequest,
  tags: Readonly<Record<string, string>>,
): Promise<{ readonly arn: string; readonly adopted: boolean }> {
  const newest = wanted.family ? await findDefinition(ecs, clock, wanted.family) : null
  if (newest?.taskDefinitionArn && sameContent(newest, wanted))
    return { arn: newest.taskDefinitionArn, adopted: true }
  const { taskDefinition } = await call(clock, `ECS RegisterTaskDefinition ${wanted.family}`, () =>
    ecs.send(
      new RegisterTaskDefinitionCommand({
        ...wanted,
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      }),
    ),
  )
  const arn = taskDefinition?.taskDefinitionArn
  if (!arn) throw new AwsFault("other", "", "ECS RegisterTaskDefinition", "no ARN in the answer")
  return { arn, adopted: false }
}
