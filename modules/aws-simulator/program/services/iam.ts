/** IAM, as far as a deployment asks about roles. */
import { AwsError } from "../error.ts"
import { text, texts } from "../fields.ts"
import { decisionFor } from "../iam/authorize.ts"
import { globalArn, hex, nameIn } from "../ids.ts"
import { looks, type Operations, when } from "../operation.ts"
import type { State } from "../state.ts"
import { isThere } from "../world.ts"

/** Roles are trusted by everything that starts tasks, unless the world says otherwise. */
const TRUSTED = ["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"]

const trustOf = ({ world }: State, role: string): object => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: world.trusts[role] ?? TRUSTED },
      Action: "sts:AssumeRole",
    },
  ],
})

/** @throws AwsError if there is no such role. */
function checkRole({ world }: State, name: string): void {
  if (!isThere(world.roles, name))
    throw new AwsError("NoSuchEntity", `The role with name ${name} cannot be found.`, 404)
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html */
const DECISIONS = { allowed: "allowed", implicit: "implicitDeny", explicit: "explicitDeny" } as const

export const iam: Operations = {
  GetRole: looks((state, input) => {
    const name = text(input, "RoleName")
    checkRole(state, name)
    return {
      Role: {
        Path: "/",
        RoleName: name,
        RoleId: `AROA${hex(name, 16).toUpperCase()}`,
        Arn: globalArn(state.world, "iam", `role/${name}`),
        CreateDate: when(state.happened.start ?? null),
        AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trustOf(state, name))),
      },
    }
  }),
  SimulatePrincipalPolicy: looks((state, input) => {
    const principal = text(input, "PolicySourceArn")
    checkRole(state, nameIn(principal))
    const resources = texts(input, "ResourceArns")
    return {
      IsTruncated: false,
      EvaluationResults: texts(input, "ActionNames").flatMap((action) =>
        (resources.length > 0 ? resources : ["*"]).map((resource) => ({
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: DECISIONS[decisionFor(state, principal, action, resource)],
          MatchedStatements: [],
          MissingContextValues: [],
        })),
      ),
    }
  }),
}
