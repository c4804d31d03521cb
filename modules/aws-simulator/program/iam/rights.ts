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
  | "clusters"
  | "service"
  | "service-deployment"
  | "service-revision"
  | "task"
  | "new-task"
  | "task-definition"
  | "new-task-definition"
  | "tagged"
  | "db"
  | "snapshot"
  | "db-cluster"
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
  | "function"
  | "task-roles"
  | "ecs-roles"
  | "secret"
  | "parameter"
  | "topic"

/** When a right is needed besides the operation's own. */
export type When = "always" | "with-tags" | "object-is-missing" | "with-if-match"

/** An action that a caller must be allowed, on all resources of these types. */
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

/** The resources of each operation's own right, by service and operation. An empty list: the call needs no right. */
const OWN: Readonly<Record<string, readonly ResourceType[]>> = {
  "ecs:DescribeClusters": ["clusters"],
  "ecs:DescribeServices": ["service"],
  "ecs:ListServices": ["none"],
  "ecs:DescribeTaskDefinition": ["none"],
  "ecs:ListTaskDefinitions": ["none"],
  "ecs:RegisterTaskDefinition": ["new-task-definition"],
  "ecs:UpdateService": ["service"],
  "ecs:ListServiceDeployments": ["service"],
  "ecs:DescribeServiceDeployments": ["service", "service-deployment"],
  "ecs:DescribeServiceRevisions": ["service", "service-revision"],
  "ecs:StopServiceDeployment": ["service", "service-deployment"],
  "ecs:ContinueServiceDeployment": ["service", "service-deployment"],
  // Without a revision in the request, the newest one's ARN counts (since March 2024).
  "ecs:RunTask": ["task-definition"],
  "ecs:DescribeTasks": ["task"],
  "ecs:StopTask": ["task"],
  "ecs:ListTasks": ["none"],
  "ecs:TagResource": ["tagged"],
  "ecs:ListTagsForResource": ["tagged"],

  "elasticloadbalancing:DescribeLoadBalancers": ["none"],
  "elasticloadbalancing:DescribeListeners": ["none"],
  "elasticloadbalancing:DescribeRules": ["none"],
  "elasticloadbalancing:DescribeTargetGroups": ["none"],
  "elasticloadbalancing:DescribeTargetGroupAttributes": ["none"],
  "elasticloadbalancing:DescribeTargetHealth": ["none"],
  "elasticloadbalancing:ModifyRule": ["listener-rule"],
  "elasticloadbalancing:ModifyListener": ["listener"],

  "rds:DescribeDBInstances": ["db"],
  "rds:CreateDBSnapshot": ["db", "snapshot"],
  "rds:DescribeDBSnapshots": ["snapshot"],
  "rds:DeleteDBSnapshot": ["snapshot"],
  "rds:DescribeDBClusters": ["db-cluster"],
  "rds:CreateDBClusterSnapshot": ["db-cluster", "cluster-snapshot"],
  "rds:DescribeDBClusterSnapshots": ["cluster-snapshot"],
  "rds:DeleteDBClusterSnapshot": ["cluster-snapshot"],
  "rds:AddTagsToResource": ["tagged"],
  "rds:ListTagsForResource": ["tagged"],

  "ecr:DescribeRepositories": ["repository"],
  "ecr:DescribeImages": ["repository"],
  "ecr:BatchGetImage": ["repository"],
  "ecr:GetAuthorizationToken": ["none"],
  "ecr:GetRepositoryPolicy": ["repository"],

  "cloudwatch:DescribeAlarms": ["any-alarm"],
  "cloudwatch:GetMetricData": ["none"],
  "cloudwatch:PutMetricAlarm": ["alarm"],
  "cloudwatch:PutAnomalyDetector": ["none"],
  "cloudwatch:DescribeAnomalyDetectors": ["none"],
  "logs:DescribeLogGroups": ["none"],
  "logs:GetLogEvents": ["log-stream"],
  "logs:FilterLogEvents": ["log-group"],

  "s3:GetObject": ["object"],
  "s3:HeadObject": ["object"],
  "s3:PutObject": ["object"],
  "s3:DeleteObject": ["object"],
  "s3:GetObjectVersion": ["object"],
  "s3:ListObjectsV2": ["bucket"],
  "s3:ListObjectVersions": ["bucket"],
  "s3:HeadBucket": ["bucket"],

  "iam:GetRole": ["role"],
  "iam:SimulatePrincipalPolicy": ["role"],
  "lambda:GetFunctionConfiguration": ["function"],
  "lambda:GetPolicy": ["function"],
  "secretsmanager:DescribeSecret": ["secret"],
  "secretsmanager:GetResourcePolicy": ["secret"],
  "ssm:GetParameter": ["parameter"],
  "ssm:GetParameters": ["parameter"],
  "ssm:DescribeParameters": ["none"],
  "ec2:DescribeSubnets": ["none"],
  "ec2:DescribeSecurityGroups": ["none"],
  "sns:Publish": ["topic"],

  "sts:GetCallerIdentity": [],
  // Trust policies decide on these two, and the simulator has none.
  "sts:AssumeRole": [],
  "sts:AssumeRoleWithWebIdentity": [],
}

/** Operations whose own right has another name. */
const ACTIONS: Readonly<Record<string, string>> = {
  "s3:HeadObject": "s3:GetObject",
  "s3:ListObjectsV2": "s3:ListBucket",
  "s3:ListObjectVersions": "s3:ListBucketVersions",
  "s3:HeadBucket": "s3:ListBucket",
}

/** Rights that a call needs besides the operation's own. */
const BESIDES: Readonly<Record<string, readonly Right[]>> = {
  "ecs:RegisterTaskDefinition": [
    tagging("ecs:TagResource", "new-task-definition"),
    passing("task-roles", TASKS),
  ],
  "ecs:UpdateService": [passing("task-roles", TASKS), passing("ecs-roles", ECS)],
  "ecs:RunTask": [tagging("ecs:TagResource", "new-task"), passing("task-roles", TASKS)],
  "rds:CreateDBSnapshot": [tagging("rds:AddTagsToResource", "snapshot")],
  "rds:CreateDBClusterSnapshot": [tagging("rds:AddTagsToResource", "cluster-snapshot")],
  // A missing object is 404 for a caller who may list the bucket, and 403 for others.
  "s3:GetObject": [LIST_FOR_404],
  "s3:HeadObject": [LIST_FOR_404],
  "s3:PutObject": [READ_FOR_IF_MATCH],
}

/** The rights that a call needs, by service and operation. */
export const RIGHTS: Readonly<Record<string, readonly Right[]>> = Object.fromEntries(
  Object.entries(OWN).map(([name, on]) => [
    name,
    [right(ACTIONS[name] ?? name, ...on), ...(BESIDES[name] ?? [])],
  ]),
)
