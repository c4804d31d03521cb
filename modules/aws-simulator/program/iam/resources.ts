/** Finds the resources that a call is about, as ARNs. */
import { definitionNamed } from "../ecs/named.ts"
import { type Fields, fieldsOf, records, textOr, texts } from "../fields.ts"
import { arn, globalArn, nameIn, partitionOf } from "../ids.ts"
import type { State } from "../state.ts"
import type { ResourceType } from "./rights.ts"

type Find = (state: State, input: Fields) => readonly string[]

const one = (input: Fields, key: string): readonly string[] => {
  const found = textOr(input, key, null)
  return found === null ? [] : [found]
}

/** Without a name, AWS takes the cluster `default`. */
const clusterIn = (input: Fields): string => nameIn(textOr(input, "cluster", "default"))

const inCluster = (state: State, input: Fields, kind: string, names: readonly string[]): readonly string[] =>
  names.map((name) => arn(state.world, "ecs", `${kind}/${clusterIn(input)}/${name}`))

/** Deployments and revisions of services; their ARNs name the service too. */
const parts = (input: Fields): readonly string[] => [
  ...one(input, "serviceDeploymentArn"),
  ...texts(input, "serviceDeploymentArns"),
  ...texts(input, "serviceRevisionArns"),
]

/** `…:service-deployment/<cluster>/<service>/<id>` belongs to `…:service/<cluster>/<service>`. */
const serviceOf = (part: string): string =>
  part.replace(/:service-(?:deployment|revision)\/([^/]+\/[^/]+)\/.*$/, ":service/$1")

/** Kinds of ARNs in RDS: `db:clinic`. Without a name: all of them. */
const rds =
  (kind: string, key: string): Find =>
  ({ world }, input) => [arn(world, "rds", `${kind}:${textOr(input, key, "*")}`)]

const roleArn = ({ world }: State, nameOrArn: string): string =>
  nameOrArn.startsWith("arn:") ? nameOrArn : globalArn(world, "iam", `role/${nameOrArn}`)

/** Returns the roles of a task definition, and those that RunTask sets instead. */
function taskRoles(state: State, input: Fields): readonly string[] {
  const named = textOr(input, "taskDefinition", null)
  const definition = named === null ? input : (definitionNamed(state, named)?.registered ?? {})
  const sources = [definition, fieldsOf(input, "overrides")]
  const roles = sources.flatMap((source) => [
    ...one(source, "taskRoleArn"),
    ...one(source, "executionRoleArn"),
  ])
  return [...new Set(roles.map((role) => roleArn(state, role)))]
}

/** Returns the roles that a call passes to ECS itself: for load balancers and lifecycle hooks. */
const ecsRoles: Find = (state, input) => {
  const balancers = records(input, "loadBalancers").map((entry) => fieldsOf(entry, "advancedConfiguration"))
  const hooks = records(fieldsOf(input, "deploymentConfiguration"), "lifecycleHooks")
  return [...balancers, ...hooks].flatMap((entry) =>
    one(entry, "roleArn").map((role) => roleArn(state, role)),
  )
}

const s3 = ({ world }: State, path: string): string => `arn:${partitionOf(world.region)}:s3:::${path}`

const logGroup = ({ world }: State, input: Fields): string =>
  arn(world, "logs", `log-group:${textOr(input, "logGroupName", "*")}`)

const FINDERS: Readonly<Record<ResourceType, Find>> = {
  none: () => ["*"],
  clusters: ({ world }, input) => {
    const named = texts(input, "clusters").map(nameIn)
    return (named.length > 0 ? named : ["default"]).map((name) => arn(world, "ecs", `cluster/${name}`))
  },
  service: (state, input) => {
    const named = [...one(input, "service"), ...texts(input, "services")].map(nameIn)
    return [...new Set([...inCluster(state, input, "service", named), ...parts(input).map(serviceOf)])]
  },
  "service-deployment": (_state, input) => parts(input),
  "service-revision": (_state, input) => parts(input),
  task: (state, input) =>
    inCluster(state, input, "task", [...one(input, "task"), ...texts(input, "tasks")].map(nameIn)),
  "new-task": (state, input) => inCluster(state, input, "task", ["*"]),
  "task-definition": (state, input) =>
    one(input, "taskDefinition").map(
      (named) =>
        definitionNamed(state, named)?.arn ?? arn(state.world, "ecs", `task-definition/${nameIn(named)}`),
    ),
  "new-task-definition": ({ world }, input) => [
    arn(world, "ecs", `task-definition/${textOr(input, "family", "")}:*`),
  ],
  tagged: (_state, input) => [...one(input, "resourceArn"), ...one(input, "ResourceName")],
  db: rds("db", "DBInstanceIdentifier"),
  snapshot: rds("snapshot", "DBSnapshotIdentifier"),
  "db-cluster": rds("cluster", "DBClusterIdentifier"),
  "cluster-snapshot": rds("cluster-snapshot", "DBClusterSnapshotIdentifier"),
  repository: ({ world }, input) => {
    const named = [...one(input, "repositoryName"), ...texts(input, "repositoryNames")]
    return (named.length > 0 ? named : ["*"]).map((name) => arn(world, "ecr", `repository/${name}`))
  },
  alarm: ({ world }, input) => [arn(world, "cloudwatch", `alarm:${textOr(input, "AlarmName", "*")}`)],
  "any-alarm": ({ world }) => [arn(world, "cloudwatch", "alarm:*")],
  "log-group": (state, input) => [`${logGroup(state, input)}:*`],
  "log-stream": (state, input) => [
    `${logGroup(state, input)}:log-stream:${textOr(input, "logStreamName", "*")}`,
  ],
  listener: (_state, input) => one(input, "ListenerArn"),
  "listener-rule": (_state, input) => one(input, "RuleArn"),
  bucket: (state, input) => [s3(state, textOr(input, "bucket", ""))],
  object: (state, input) => [s3(state, `${textOr(input, "bucket", "")}/${textOr(input, "key", "")}`)],
  role: (state, input) =>
    [...one(input, "RoleName"), ...one(input, "PolicySourceArn")].map((name) => roleArn(state, name)),
  function: ({ world }, input) =>
    one(input, "FunctionName").map((name) =>
      name.startsWith("arn:") ? name : arn(world, "lambda", `function:${name}`),
    ),
  "task-roles": taskRoles,
  "ecs-roles": ecsRoles,
  secret: ({ world }, input) =>
    one(input, "SecretId").map((id) =>
      id.startsWith("arn:") ? id : arn(world, "secretsmanager", `secret:${id}`),
    ),
  parameter: ({ world }, input) =>
    [...one(input, "Name"), ...texts(input, "Names")].map((name) =>
      name.startsWith("arn:") ? name : arn(world, "ssm", `parameter/${name.replace(/^\//, "")}`),
    ),
  topic: (_state, input) => [...one(input, "TopicArn"), ...one(input, "TargetArn")].slice(0, 1),
}

/** Returns the ARNs of a call's resources of a type; none where the call names none. */
export const resourcesOf = (type: ResourceType, state: State, input: Fields): readonly string[] =>
  FINDERS[type](state, input)
