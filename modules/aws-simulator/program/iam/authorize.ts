/** Decides whether a principal may make a call. */
import { type Fields, records, textOr } from "../fields.ts"
import { arn, nameIn } from "../ids.ts"
import type { State } from "../state.ts"
import { type Asked, type Decision, evaluate } from "./evaluate.ts"
import { type Key, REQUEST_TAG } from "./keys.ts"
import type { Policy } from "./policy.ts"
import { resourcesOf } from "./resources.ts"
import { RIGHTS, type Right, type When } from "./rights.ts"

/** A call whose rights are checked. */
export interface AuthorizedCall {
  readonly service: string
  readonly operation: string
  readonly parameters: Fields
  /** ARN of the caller. */
  readonly principal: string
}

/** Returns the name of the role of an assumed-role session, or of the user. */
const roleOf = (principal: string): string =>
  /:assumed-role\/([^/]+)\//.exec(principal)?.[1] ?? nameIn(principal)

function policiesFor({ world }: State, principal: string): readonly Policy[] {
  const { policies } = world
  const role = roleOf(principal)
  if (policies === null) return []
  return (Object.hasOwn(policies, role) ? policies[role] : policies["*"]) ?? []
}

const tagsOf = (input: Fields): readonly (readonly [string, string])[] =>
  [...records(input, "tags"), ...records(input, "Tags")].map((tag) => [
    textOr(tag, "key", textOr(tag, "Key", "")),
    textOr(tag, "value", textOr(tag, "Value", "")),
  ])

const isMissing = ({ objects }: State, { bucket, key }: Fields): boolean =>
  !objects.some((entry) => entry.bucket === bucket && entry.key === key)

const NEEDED: Readonly<Record<When, (state: State, input: Fields) => boolean>> = {
  always: () => true,
  "with-tags": (_state, input) => tagsOf(input).length > 0,
  "object-is-missing": isMissing,
  "with-if-match": (_state, input) => textOr(input, "ifMatch", null) !== null,
}

/** Names of condition keys and how a call fills them; null: the request does not have it. */
function contextOf(state: State, call: AuthorizedCall, { passedTo, action }: Right): Asked["context"] {
  const { world } = state
  const { parameters, principal } = call
  const tags = tagsOf(parameters)
  const deployment = textOr(parameters, "serviceDeploymentArn", "").split("/")
  const cluster = textOr(parameters, "cluster", deployment[1] ?? null)
  const service = textOr(parameters, "serviceName", deployment[2] ?? null)
  const definition = action === "ecs:UpdateService" ? textOr(parameters, "taskDefinition", null) : null
  const values: Readonly<Record<Key, readonly string[] | null>> = {
    "aws:PrincipalArn": [principal],
    "aws:PrincipalAccount": [principal.split(":")[4] ?? ""],
    "aws:RequestedRegion": [world.region],
    "aws:ResourceAccount": [world.account],
    "aws:SecureTransport": ["true"],
    "aws:TagKeys": tags.length === 0 ? null : tags.map(([key]) => key),
    "ecs:cluster": cluster === null ? null : [arn(world, "ecs", `cluster/${nameIn(cluster)}`)],
    "ecs:service":
      service === null || cluster === null
        ? null
        : [arn(world, "ecs", `service/${nameIn(cluster)}/${nameIn(service)}`)],
    "ecs:task-definition": definition === null ? null : [definition],
    "iam:PassedToService": passedTo === null ? null : [passedTo],
    "s3:prefix": typeof parameters.prefix === "string" ? [parameters.prefix] : null,
  }
  return Object.fromEntries([
    ...Object.entries(values).flatMap(([key, own]) => (own === null ? [] : [[key, own] as const])),
    ...tags.map(([key, value]) => [`${REQUEST_TAG}${key}`, [value]] as const),
  ])
}

/** A refusal: what was asked, and why it was not allowed. */
export interface Refusal {
  readonly asked: Asked
  readonly decision: Exclude<Decision, "allowed">
}

/** Returns whether a role may do something, as IAM's own simulation of its policies says. */
export const decisionFor = (state: State, principal: string, action: string, resource: string): Decision =>
  state.world.policies === null
    ? "allowed"
    : evaluate(policiesFor(state, principal), {
        action,
        resource,
        context: { "aws:PrincipalArn": [principal], "aws:PrincipalAccount": [state.world.account] },
      })

/** Returns the first right that the principal lacks; null: the call is allowed. */
export function refusalOf(state: State, call: AuthorizedCall): Refusal | null {
  if (state.world.policies === null) return null
  const policies = policiesFor(state, call.principal)
  for (const right of RIGHTS[`${call.service}:${call.operation}`] ?? []) {
    if (!NEEDED[right.when](state, call.parameters)) continue
    const context = contextOf(state, call, right)
    for (const resource of right.on.flatMap((type) => resourcesOf(type, state, call.parameters))) {
      const asked = { action: right.action, resource, context }
      const decision = evaluate(policies, asked)
      if (decision !== "allowed") return { asked, decision }
    }
  }
  return null
}

/** Returns AWS's text: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function refusalText(principal: string, { asked, decision }: Refusal): string {
  const { action, resource } = asked
  const quoted = action.startsWith("s3:") ? `"${resource}"` : resource
  const why =
    decision === "explicit"
      ? "with an explicit deny in an identity-based policy"
      : `because no identity-based policy allows the ${action} action`
  return `User: ${principal} is not authorized to perform: ${action} on resource: ${quoted} ${why}`
}
