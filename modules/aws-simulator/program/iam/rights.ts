/**
 * Which rights each call needs: the action, and the resources that it must be allowed on.
 *
 * Source: AWS's Service Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/),
 * the pages of each service, their tables of actions and of operations, as of November 2026. Resource types have the
 * reference's names; a required type (`*` there) is checked, and an optional one where the call names it.
 */

/** How the resources of a call are found: see `resources.ts`. */
export type ResourceType =
  | "none"
  | "cluster"
  | "service"
  | "service-deployment"
  | "service-revision"
  | "task"
  | "new-task"
  | "task-definition"
  | "new-task-definition"
  | "tagged"
  | "db"
  | "db-cluster"
  | "snapshot"
  | "cluster-snapshot"
  | "repository"
  | "alarm"
  | "any-alarm"
  | "log-group"
  | "log-stream"
  | "listener"
  | "listener-rule"
  | "bucket"
  | "object"
  | "role"
  | "task-roles"
  | "ecs-roles"
  | "secret"
  | "parameter"
  | "topic"

/** When a right is needed besides that of the operation's own action. */
export type When = "always" | "with-tags" | "object-is-missing" | "with-if-match"

export interface Right {
  readonly action: string
  readonly on: readonly ResourceType[]
  readonly when: When
  /** Value of iam:PassedToService. */
  readonly passedTo: string | null
}

const right = (action: string, ...on: readonly ResourceType[]): Right => ({
  action,
  on,
  when: "always",
  passedTo: null,
})
const tagging = (action: string, on: ResourceType): Right => ({ ...right(action, on), when: "with-tags" })
const passing = (on: ResourceType, passedTo: string): Right => ({ ...right("iam:PassRole", on), passedTo })

const TASKS = "ecs-tasks.amazonaws.com"
const ECS = "ecs.amazonaws.com"

const LIST_FOR_404: Right = { ...right("s3:ListBucket", "bucket"), when: "object-is-missing" }
const READ_FOR_IF_MATCH: Right = { ...right("s3:GetObject", "object"), when: "with-if-match" }

/** By service and operation. An operation without an entry needs no right: sts:GetCallerIdentity. */
export const RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  "ecs:DescribeClusters": [right("ecs:DescribeClusters", "cluster")],
  "ecs:DescribeServices": [right("ecs:DescribeServices", "service")],
  "ecs:ListServices": [right("ecs:ListServices", "none")],
  "ecs:DescribeTaskDefinition": [right("ecs:DescribeTaskDefinition", "none")],
  "ecs:ListTaskDefinitions": [right("ecs:ListTaskDefinitions", "none")],
  "ecs:RegisterTaskDefinition": [
    right("ecs:RegisterTaskDefinition", "new-task-definition"),
    tagging("ecs:TagResource", "new-task-definition"),
    passing("task-roles", TASKS),
  ],
  "ecs:UpdateService": [
    right("ecs:UpdateService", "service"),
    passing("task-roles", TASKS),
    passing("ecs-roles", ECS),
  ],
  "ecs:ListServiceDeployments": [right("ecs:ListServiceDeployments", "service")],
  "ecs:DescribeServiceDeployments": [
    right("ecs:DescribeServiceDeployments", "service", "service-deployment"),
  ],
  "ecs:DescribeServiceRevisions": [right("ecs:DescribeServiceRevisions", "service", "service-revision")],
  "ecs:StopServiceDeployment": [right("ecs:StopServiceDeployment", "service", "service-deployment")],
  "ecs:ContinueServiceDeployment": [right("ecs:ContinueServiceDeployment", "service", "service-deployment")],
  // Without a revision in the request, the newest one's ARN counts (since March 2024).
  "ecs:RunTask": [
    right("ecs:RunTask", "task-definition"),
    tagging("ecs:TagResource", "new-task"),
    passing("task-roles", TASKS),
  ],
  "ecs:DescribeTasks": [right("ecs:DescribeTasks", "task")],
  "ecs:StopTask": [right("ecs:StopTask", "task")],
  "ecs:ListTasks": [right("ecs:ListTasks", "none")],
  "ecs:TagResource": [right("ecs:TagResource", "tagged")],
  "ecs:ListTagsForResource": [right("ecs:ListTagsForResource", "tagged")],

  "elasticloadbalancing:DescribeLoadBalancers": [right("elasticloadbalancing:DescribeLoadBalancers", "none")],
  "elasticloadbalancing:DescribeListeners": [right("elasticloadbalancing:DescribeListeners", "none")],
  "elasticloadbalancing:DescribeRules": [right("elasticloadbalancing:DescribeRules", "none")],
  "elasticloadbalancing:DescribeTargetGroups": [right("elasticloadbalancing:DescribeTargetGroups", "none")],
  "elasticloadbalancing:DescribeTargetGroupAttributes": [
    right("elasticloadbalancing:DescribeTargetGroupAttributes", "none"),
  ],
  "elasticloadbalancing:DescribeTargetHealth": [right("elasticloadbalancing:DescribeTargetHealth", "none")],
  "elasticloadbalancing:ModifyRule": [right("elasticloadbalancing:ModifyRule", "listener-rule")],
  "elasticloadbalancing:ModifyListener": [right("elasticloadbalancing:ModifyListener", "listener")],

  "rds:DescribeDBInstances": [right("rds:DescribeDBInstances", "db")],
  "rds:DescribeDBClusters": [right("rds:DescribeDBClusters", "db-cluster")],
  "rds:CreateDBSnapshot": [
    right("rds:CreateDBSnapshot", "db", "snapshot"),
    tagging("rds:AddTagsToResource", "snapshot"),
  ],
  "rds:CreateDBClusterSnapshot": [
    right("rds:CreateDBClusterSnapshot", "db-cluster", "cluster-snapshot"),
    tagging("rds:AddTagsToResource", "cluster-snapshot"),
  ],
  "rds:DescribeDBSnapshots": [right("rds:DescribeDBSnapshots", "snapshot")],
  "rds:DescribeDBClusterSnapshots": [right("rds:DescribeDBClusterSnapshots", "cluster-snapshot")],
  "rds:DeleteDBSnapshot": [right("rds:DeleteDBSnapshot", "snapshot")],
  "rds:DeleteDBClusterSnapshot": [right("rds:DeleteDBClusterSnapshot", "cluster-snapshot")],
  "rds:AddTagsToResource": [right("rds:AddTagsToResource", "tagged")],
  "rds:ListTagsForResource": [right("rds:ListTagsForResource", "tagged")],

  "ecr:DescribeRepositories": [right("ecr:DescribeRepositories", "repository")],
  "ecr:DescribeImages": [right("ecr:DescribeImages", "repository")],
  "ecr:BatchGetImage": [right("ecr:BatchGetImage", "repository")],
  "ecr:GetAuthorizationToken": [right("ecr:GetAuthorizationToken", "none")],

  "cloudwatch:DescribeAlarms": [right("cloudwatch:DescribeAlarms", "any-alarm")],
  "cloudwatch:GetMetricData": [right("cloudwatch:GetMetricData", "none")],
  "cloudwatch:ListMetrics": [right("cloudwatch:ListMetrics", "none")],
  "cloudwatch:PutMetricAlarm": [right("cloudwatch:PutMetricAlarm", "alarm")],
  "cloudwatch:PutAnomalyDetector": [right("cloudwatch:PutAnomalyDetector", "none")],
  "cloudwatch:DescribeAnomalyDetectors": [right("cloudwatch:DescribeAnomalyDetectors", "none")],
  "logs:DescribeLogGroups": [right("logs:DescribeLogGroups", "none")],
  "logs:GetLogEvents": [right("logs:GetLogEvents", "log-stream")],
  "logs:FilterLogEvents": [right("logs:FilterLogEvents", "log-group")],

  // A missing object is 404 for who may list the bucket, and 403 for others.
  "s3:GetObject": [right("s3:GetObject", "object"), LIST_FOR_404],
  "s3:HeadObject": [right("s3:GetObject", "object"), LIST_FOR_404],
  "s3:PutObject": [right("s3:PutObject", "object"), READ_FOR_IF_MATCH],
  "s3:DeleteObject": [right("s3:DeleteObject", "object")],
  "s3:ListObjectsV2": [right("s3:ListBucket", "bucket")],
  "s3:ListObjectVersions": [right("s3:ListBucketVersions", "bucket")],
  "s3:HeadBucket": [right("s3:ListBucket", "bucket")],

  "iam:GetRole": [right("iam:GetRole", "role")],
  "secretsmanager:DescribeSecret": [right("secretsmanager:DescribeSecret", "secret")],
  "ssm:GetParameter": [right("ssm:GetParameter", "parameter")],
  "ssm:GetParameters": [right("ssm:GetParameters", "parameter")],
  "ssm:DescribeParameters": [right("ssm:DescribeParameters", "none")],
  "ec2:DescribeSubnets": [right("ec2:DescribeSubnets", "none")],
  "ec2:DescribeSecurityGroups": [right("ec2:DescribeSecurityGroups", "none")],
  "sns:Publish": [right("sns:Publish", "topic")],
  "sns:GetTopicAttributes": [right("sns:GetTopicAttributes", "topic")],
}

/** Operations that need no right, or that trust policies decide on, which the simulator does not have. */
export const FREE: ReadonlySet<string> = new Set([
  "sts:GetCallerIdentity",
  "sts:AssumeRole",
  "sts:AssumeRoleWithWebIdentity",
])
