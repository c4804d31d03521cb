/** Secrets Manager, SSM, EC2 and SNS, as far as a deployment uses them. */
import { AwsError } from "../error.ts"
import { type Fields, records, text, textOr, texts, without } from "../fields.ts"
import { arn, hex } from "../ids.ts"
import { looks, mutates, type Operations, when } from "../operation.ts"
import type { State } from "../state.ts"
import { isThere } from "../world.ts"

const created = (state: State): Date | null => when(state.happened.start ?? null)

/** An ARN of a secret ends with its name, a hyphen, and six letters. */
const secretName = (id: string): string => id.replace(/^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:/, "")

export const secrets: Operations = {
  DescribeSecret: looks((state, input) => {
    const id = text(input, "SecretId")
    const name = secretName(id)
    const known = state.world.secrets
    if (
      known !== null &&
      !known.some((one) => name === one || name.replace(/-\w{6}$/, "") === secretName(one))
    ) {
      throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    }
    const made = id.startsWith("arn:")
      ? id
      : arn(state.world, "secretsmanager", `secret:${name}-${hex(name, 6)}`)
    return { ARN: made, Name: name.replace(/-\w{6}$/, ""), CreatedDate: created(state) }
  }),
  GetResourcePolicy: looks(({ world }, input) => {
    const id = text(input, "SecretId")
    return { ARN: id, Name: secretName(id), ResourcePolicy: world.resourcePolicies[id] }
  }),
}

const parameterName = (id: string): string => id.replace(/^arn:[^:]*:ssm:[^:]*:[^:]*:parameter/, "")

/** Value of a parameter that the world does not name. */
const SOMETHING = "simulated"

function parameterFor(state: State, id: string): Fields | null {
  const name = parameterName(id)
  const { parameters } = state.world
  const Value = parameters === null ? SOMETHING : parameters[name]
  if (Value === undefined) return null
  const ARN = arn(state.world, "ssm", `parameter/${name.replace(/^\//, "")}`)
  return {
    Name: name,
    Type: "String",
    Value,
    Version: 1,
    LastModifiedDate: created(state),
    ARN,
    DataType: "text",
  }
}

export const ssm: Operations = {
  GetParameter: looks((state, input) => {
    const Parameter = parameterFor(state, text(input, "Name"))
    if (Parameter === null) throw new AwsError("ParameterNotFound", `${text(input, "Name")} not found.`)
    return { Parameter }
  }),
  GetParameters: looks((state, input) => {
    const found = texts(input, "Names").map((name) => [name, parameterFor(state, name)] as const)
    return {
      Parameters: found.flatMap(([, parameter]) => (parameter === null ? [] : [parameter])),
      InvalidParameters: found.filter(([, parameter]) => parameter === null).map(([name]) => name),
    }
  }),
  DescribeParameters: looks((state, input) => {
    const names = records(input, "ParameterFilters")
      .filter(({ Key }) => Key === "Name")
      .flatMap((filter) => texts(filter, "Values"))
    const requested = names.length > 0 ? names : Object.keys(state.world.parameters ?? {})
    return {
      Parameters: requested.flatMap((name) => {
        const shown = without(parameterFor(state, name) ?? {}, "Value")
        return Object.keys(shown).length > 0 ? [shown] : []
      }),
    }
  }),
}

function idsFor(
  input: Fields,
  key: string,
  known: readonly string[] | null,
  error: string,
): readonly string[] {
  const requested = texts(input, key)
  const unknown = requested.find((id) => !isThere(known, id))
  if (unknown !== undefined) throw new AwsError(error, `The ID '${unknown}' does not exist`)
  return requested.length > 0 ? requested : (known ?? [])
}

export const ec2: Operations = {
  DescribeSubnets: looks((state, input) => ({
    subnetSet: idsFor(input, "SubnetId", state.world.subnets, "InvalidSubnetID.NotFound").map((id) => ({
      subnetId: id,
      subnetArn: arn(state.world, "ec2", `subnet/${id}`),
      state: "available",
      vpcId: "vpc-0a",
      cidrBlock: "10.0.0.0/20",
      availableIpAddressCount: 4000,
      availabilityZone: `${state.world.region}a`,
    })),
  })),
  DescribeSecurityGroups: looks((state, input) => ({
    securityGroupInfo: idsFor(input, "GroupId", state.world.securityGroups, "InvalidGroup.NotFound").map(
      (id) => ({
        groupId: id,
        groupName: id,
        groupDescription: "simulated",
        ownerId: state.world.account,
        vpcId: "vpc-0a",
      }),
    ),
  })),
}

export const sns: Operations = {
  Publish: mutates((state, input) => {
    const topic = textOr(input, "TopicArn", textOr(input, "TargetArn", ""))
    if (!topic.startsWith("arn:")) throw new AwsError("InvalidParameter", "Invalid parameter: TopicArn")
    return { state, output: { MessageId: hex(`${topic}/${state.now}/${text(input, "Message")}`, 32) } }
  }),
}
