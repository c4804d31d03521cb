/**
 * Checks that the resources of a task definition exist. Clients are loaded on demand: most runs need none of them.
 */
import { DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs"
import type { Clock } from "../core/clock.ts"
import { type Aws, clientSettings } from "./clients.ts"
import { AwsFault, call, callIfThere } from "./retry.ts"

/** Whether a resource exists, or why that is unknown. */
export type There = { readonly there: boolean } | { readonly unknown: string }

/** Runs a check. A denied or unsupported call makes the result unknown, never a pass. */
export async function look(ask: () => Promise<boolean>): Promise<There> {
  try {
    return { there: await ask() }
  } catch (error) {
    if (error instanceof AwsFault) return { unknown: error.code === "" ? error.message : error.code }
    throw error
  }
}

/** @param arn of a Lambda function, with its version or alias. Its code is never read. */
export async function functionWorks({ access }: Aws, clock: Clock, arn: string): Promise<boolean> {
  const { LambdaClient, GetFunctionConfigurationCommand } = await import("@aws-sdk/client-lambda")
  const lambda = new LambdaClient(clientSettings(access))
  const answer = await callIfThere(clock, `Lambda GetFunctionConfiguration ${arn}`, () =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName: arn })),
  )
  return answer !== null && answer.State !== "Failed"
}

/**
 * @param from `valueFrom`: a secret of Secrets Manager or a parameter of SSM. Its value is never read.
 * @returns its whole ARN, or null.
 */
export async function secretOf({ access }: Aws, clock: Clock, from: string): Promise<string | null> {
  if (/^arn:[^:]+:secretsmanager:/.test(from)) {
    const { SecretsManagerClient, DescribeSecretCommand } = await import("@aws-sdk/client-secrets-manager")
    // The ARN has seven parts. A JSON key, a stage and a version may follow.
    const SecretId = from.split(":").slice(0, 7).join(":")
    const client = new SecretsManagerClient(clientSettings(access))
    const found = await callIfThere(clock, "SecretsManager DescribeSecret", () =>
      client.send(new DescribeSecretCommand({ SecretId })),
    )
    return found === null ? null : (found.ARN ?? SecretId)
  }
  const { SSMClient, DescribeParametersCommand } = await import("@aws-sdk/client-ssm")
  const name = from.startsWith("arn:") ? from.slice(from.indexOf(":parameter") + ":parameter".length) : from
  const client = new SSMClient(clientSettings(access))
  const { Parameters = [] } = await call(clock, "SSM DescribeParameters", () =>
    client.send(
      new DescribeParametersCommand({
        ParameterFilters: [{ Key: "Name", Option: "Equals", Values: [name] }],
      }),
    ),
  )
  const [found] = Parameters
  return found === undefined ? null : (found.ARN ?? from)
}

/** Asks CloudWatch for a log group of exactly this name. */
export async function logGroupExists({ logs }: Aws, clock: Clock, group: string): Promise<boolean> {
  const answer = await callIfThere(clock, "Logs DescribeLogGroups", () =>
    logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: group })),
  )
  return (answer?.logGroups ?? []).some(({ logGroupName }) => logGroupName === group)
}

/** Returns whether all subnets exist and have a free address. */
export async function subnetsHaveRoom(
  { access }: Aws,
  clock: Clock,
  ids: readonly string[],
): Promise<boolean> {
  const { EC2Client, DescribeSubnetsCommand } = await import("@aws-sdk/client-ec2")
  const client = new EC2Client(clientSettings(access))
  const { Subnets = [] } = await call(clock, "EC2 DescribeSubnets", () =>
    client.send(new DescribeSubnetsCommand({ SubnetIds: [...ids] })),
  )
  // EC2 reports a missing subnet as InvalidSubnetID.NotFound: an empty response is not from EC2.
  if (Subnets.length === 0)
    throw new AwsFault("unsupported", "", "EC2 DescribeSubnets", "the response lists no subnet")
  const free = new Map(
    Subnets.map(({ SubnetId, AvailableIpAddressCount }) => [SubnetId, AvailableIpAddressCount ?? 0]),
  )
  return ids.every((id) => (free.get(id) ?? 0) > 0)
}
