/** Asks IAM what the roles may do that ECS assumes. Clients are loaded on demand: most runs need one of them. */
import * as z from "zod"
import type { Clock } from "../core/clock.ts"
import { nameOf } from "../core/text.ts"
import { type Aws, clientSettings } from "./clients.ts"
import { AwsFault, call, callIfThere } from "./retry.ts"

/** What a role must be allowed to do with a resource. */
export interface Right {
  readonly role: string
  readonly actions: readonly string[]
  /** An ARN, or `*`. */
  readonly resource: string
}

/** Whether a resource has a policy of its own, which may allow what the role's do not. By the service in its ARN. */
const HAS_POLICY: Readonly<Record<string, (aws: Aws, clock: Clock, arn: string) => Promise<boolean>>> = {
  lambda: async ({ access }, clock, arn) => {
    const { LambdaClient, GetPolicyCommand } = await import("@aws-sdk/client-lambda")
    const lambda = new LambdaClient(clientSettings(access))
    const answer = await callIfThere(clock, `Lambda GetPolicy ${arn}`, () =>
      lambda.send(new GetPolicyCommand({ FunctionName: arn })),
    )
    return answer !== null
  },
  secretsmanager: async ({ access }, clock, arn) => {
    const { SecretsManagerClient, GetResourcePolicyCommand } = await import("@aws-sdk/client-secrets-manager")
    const secrets = new SecretsManagerClient(clientSettings(access))
    const answer = await callIfThere(clock, "SecretsManager GetResourcePolicy", () =>
      secrets.send(new GetResourcePolicyCommand({ SecretId: arn })),
    )
    return Boolean(answer?.ResourcePolicy)
  },
  ecr: async ({ ecr }, clock, arn) => {
    const { GetRepositoryPolicyCommand } = await import("@aws-sdk/client-ecr")
    const [, , , , registryId = "", ...rest] = arn.split(":")
    const repositoryName = rest.join(":").replace(/^repository\//, "")
    const answer = await callIfThere(clock, `ECR GetRepositoryPolicy ${repositoryName}`, () =>
      ecr.send(new GetRepositoryPolicyCommand({ registryId, repositoryName })),
    )
    return answer !== null
  },
}

const unsure = (detail: string): AwsFault => new AwsFault("other", "", "IAM SimulatePrincipalPolicy", detail)

/**
 * Returns whether a role may do something: by its policies and its boundary, as IAM evaluates them.
 *
 * @throws {AwsFault} where that does not decide: a condition needs a value of the real call, or the resource's own policy
 * may allow it.
 */
export async function mayDo(aws: Aws, clock: Clock, { role, actions, resource }: Right): Promise<boolean> {
  const { IAMClient, SimulatePrincipalPolicyCommand } = await import("@aws-sdk/client-iam")
  const iam = new IAMClient(clientSettings(aws.access))
  const { EvaluationResults = [] } = await call(clock, `IAM SimulatePrincipalPolicy ${nameOf(role)}`, () =>
    iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: role,
        ActionNames: [...actions],
        ResourceArns: [resource],
      }),
    ),
  )
  if (EvaluationResults.length === 0) throw unsure("the response has no result")
  const denied = EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== "allowed")
  if (denied.length === 0) return true
  if (denied.some(({ EvalDecision }) => EvalDecision === "explicitDeny")) return false
  const open = denied.flatMap(({ MissingContextValues = [] }) => MissingContextValues)
  if (open.length > 0) throw unsure(`its policies depend on ${open.join(", ")}`)
  const hasPolicy = HAS_POLICY[resource.split(":")[2] ?? ""]
  if (hasPolicy !== undefined && (await hasPolicy(aws, clock, resource)))
    throw unsure(`its policies do not allow it; that of ${nameOf(resource)} may`)
  return false
}

const many = <T>(one: z.ZodType<T>) => z.union([one, z.array(one)]).transform((value) => [value].flat())
const trustSchema = z.looseObject({
  Statement: many(
    z.looseObject({
      Effect: z.string(),
      Action: many(z.string()).default([]),
      Principal: z.union([z.string(), z.looseObject({ Service: many(z.string()).default([]) })]).optional(),
    }),
  ),
})
const ASSUMES: ReadonlySet<string> = new Set(["sts:assumerole", "sts:*", "*"])

/** Returns whether a trust policy lets a service of AWS assume its role. Conditions are taken to hold. */
function trusts(policy: string, service: string): boolean {
  const { Statement } = trustSchema.parse(JSON.parse(policy))
  return Statement.some(({ Effect, Action, Principal }) => {
    const services = typeof Principal === "object" ? Principal.Service : [Principal]
    return (
      Effect === "Allow" &&
      Action.some((action) => ASSUMES.has(action.toLowerCase())) &&
      services.some((one) => one === service || one === "*")
    )
  })
}

/** Returns whether a role exists, and a service of AWS may assume it. */
export async function roleServes(aws: Aws, clock: Clock, arn: string, service: string): Promise<boolean> {
  const { IAMClient, GetRoleCommand } = await import("@aws-sdk/client-iam")
  const iam = new IAMClient(clientSettings(aws.access))
  const answer = await callIfThere(clock, `IAM GetRole ${nameOf(arn)}`, () =>
    iam.send(new GetRoleCommand({ RoleName: nameOf(arn) })),
  )
  if (answer === null) return false
  const policy = answer.Role?.AssumeRolePolicyDocument
  return policy === undefined || trusts(decodeURIComponent(policy), service)
}
