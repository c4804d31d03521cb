/** Calls every operation with AWS's own client. Responses must match the client's model, without extra members. */
import * as cw from "@aws-sdk/client-cloudwatch"
import * as cwl from "@aws-sdk/client-cloudwatch-logs"
import * as ec2 from "@aws-sdk/client-ec2"
import * as ecr from "@aws-sdk/client-ecr"
import * as ecs from "@aws-sdk/client-ecs"
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2"
import * as iam from "@aws-sdk/client-iam"
import * as lambda from "@aws-sdk/client-lambda"
import * as rds from "@aws-sdk/client-rds"
import * as secrets from "@aws-sdk/client-secrets-manager"
import * as sns from "@aws-sdk/client-sns"
import * as ssm from "@aws-sdk/client-ssm"
import * as sts from "@aws-sdk/client-sts"
import { expect, it } from "vitest"
import {
  JSON_SERVICES,
  QUERY_SERVICES,
  REST_SERVICES,
} from "../../../modules/aws-simulator/program/services/index.ts"
import { networkConfiguration } from "./network.ts"
import { settingsFor, simulate, sleep } from "./rehearse.ts"
import { unknownMembers } from "./schema.ts"
import { watched } from "./watched.ts"

const ACCOUNT = "111122223333"
const cluster = "clinic"
const FUNCTION = `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:audit`
const REPOSITORY = `arn:aws:ecr:eu-central-1:${ACCOUNT}:repository/clinic/web`

it("answers every operation according to the SDK's models", async () => {
  const { url } = await simulate(
    { runTask: { ...LOGGED, exitCodes: { "*": 0 } } },
    {
      alarms: ["clinic-5xx"],
      databaseClusters: { records: ["records-writer"] },
      resourcePolicies: { [FUNCTION]: "{}", [REPOSITORY]: "{}" },
    },
  )
  const settings = settingsFor(url)
  const seen: string[] = []
  const wrong: string[] = []
  const note = (service: string) => (operation: unknown, body: string) => {
    const name = Array.isArray(operation) ? String(operation[2]) : "?"
    seen.push(`${service}:${name}`)
    wrong.push(...unknownMembers(operation, body))
  }

  const containers = watched(new ecs.ECSClient(settings), note("ecs"))
  const described = await containers(new ecs.DescribeTaskDefinitionCommand({ taskDefinition: "clinic-web" }))
  const made = await containers(
    new ecs.RegisterTaskDefinitionCommand({
      ...described.taskDefinition,
      family: "clinic-web",
      containerDefinitions: described.taskDefinition?.containerDefinitions,
      tags: [{ key: "commit", value: "abc" }],
    }),
  )
  const taskDefinition = made.taskDefinition?.taskDefinitionArn ?? ""
  await containers(new ecs.ListTaskDefinitionsCommand({ familyPrefix: "clinic-web", sort: "DESC" }))
  await containers(
    new ecs.TagResourceCommand({ resourceArn: taskDefinition, tags: [{ key: "a", value: "b" }] }),
  )
  const tags = await containers(new ecs.ListTagsForResourceCommand({ resourceArn: taskDefinition }))
  expect(tags.tags).toEqual([
    { key: "commit", value: "abc" },
    { key: "a", value: "b" },
  ])
  await containers(new ecs.DescribeClustersCommand({ clusters: [cluster] }))
  await containers(new ecs.ListServicesCommand({ cluster }))
  await containers(
    new ecs.UpdateServiceCommand({
      cluster,
      service: "web",
      taskDefinition,
      deploymentConfiguration: {
        strategy: "BLUE_GREEN",
        bakeTimeInMinutes: 5,
        alarms: { enable: true, rollback: true, alarmNames: ["clinic-5xx"] },
        lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP"] }],
      },
    }),
  )
  await sleep(url, 120)
  await containers(new ecs.DescribeServicesCommand({ cluster, services: ["web", "nobody"] }))
  const list = await containers(new ecs.ListServiceDeploymentsCommand({ cluster, service: "web" }))
  const arn = list.serviceDeployments?.[0]?.serviceDeploymentArn ?? ""
  const way = await containers(new ecs.DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }))
  const [rollout] = way.serviceDeployments ?? []
  const hook = rollout?.lifecycleHookDetails?.[0]
  expect(hook).toMatchObject({ targetType: "PAUSE", status: "AWAITING_ACTION", timeoutAction: "ROLLBACK" })
  await containers(
    new ecs.DescribeServiceRevisionsCommand({
      serviceRevisionArns: [rollout?.targetServiceRevision?.arn ?? ""],
    }),
  )
  await containers(
    new ecs.ContinueServiceDeploymentCommand({ serviceDeploymentArn: arn, hookId: hook?.hookId }),
  )
  await containers(new ecs.StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: "ROLLBACK" }))
  const ran = await containers(
    new ecs.RunTaskCommand({
      cluster,
      taskDefinition: "clinic-migrate",
      networkConfiguration,
      clientToken: "1",
    }),
  )
  const task = ran.tasks?.[0]?.taskArn ?? ""
  await containers(new ecs.ListTasksCommand({ cluster, serviceName: "web" }))
  await sleep(url, 25)
  await containers(new ecs.StopTaskCommand({ cluster, task, reason: "enough" }))
  await sleep(url, 60)
  await containers(new ecs.DescribeTasksCommand({ cluster, tasks: [task, "nothing"] }))

  const balancer = watched(new elb.ElasticLoadBalancingV2Client(settings), note("elasticloadbalancing"))
  await balancer(new elb.DescribeLoadBalancersCommand({}))
  const listeners = await balancer(new elb.DescribeListenersCommand({}))
  const ListenerArn = listeners.Listeners?.[0]?.ListenerArn
  const rules = await balancer(new elb.DescribeRulesCommand({ ListenerArn }))
  const groups = await balancer(new elb.DescribeTargetGroupsCommand({}))
  const [blue, green] = (groups.TargetGroups ?? []).map(({ TargetGroupArn }) => TargetGroupArn)
  const forward = [
    { TargetGroupArn: blue, Weight: 30 },
    { TargetGroupArn: green, Weight: 70 },
  ]
  const changed = await balancer(
    new elb.ModifyRuleCommand({
      RuleArn: rules.Rules?.[0]?.RuleArn,
      Actions: [{ Type: "forward", ForwardConfig: { TargetGroups: forward } }],
    }),
  )
  expect(changed.Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups).toEqual(forward)
  await balancer(new elb.ModifyListenerCommand({ ListenerArn }))
  const health = await balancer(new elb.DescribeTargetHealthCommand({ TargetGroupArn: blue }))
  expect(health.TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth?.State)).toContain("healthy")
  await balancer(new elb.DescribeTargetGroupAttributesCommand({ TargetGroupArn: blue }))

  const databases = watched(new rds.RDSClient(settings), note("rds"))
  await databases(new rds.DescribeDBInstancesCommand({ DBInstanceIdentifier: "clinic" }))
  const snapshot = await databases(
    new rds.CreateDBSnapshotCommand({
      DBInstanceIdentifier: "clinic",
      DBSnapshotIdentifier: "before",
      Tags: [{ Key: "commit", Value: "abc" }],
    }),
  )
  expect(snapshot.DBSnapshot).toMatchObject({
    Status: "creating",
    TagList: [{ Key: "commit", Value: "abc" }],
  })
  await sleep(url, 120)
  const after = await databases(new rds.DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: "before" }))
  expect(after.DBSnapshots?.[0]?.Status).toBe("available")
  const ResourceName = after.DBSnapshots?.[0]?.DBSnapshotArn
  await databases(new rds.AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: "keep", Value: "30" }] }))
  await databases(new rds.ListTagsForResourceCommand({ ResourceName }))
  await databases(new rds.DeleteDBSnapshotCommand({ DBSnapshotIdentifier: "before" }))
  const records = { DBClusterIdentifier: "records" }
  const { DBClusters } = await databases(new rds.DescribeDBClustersCommand(records))
  expect(DBClusters?.[0]?.DBClusterMembers?.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)).toEqual([
    "records-writer",
  ])
  const own = { DBClusterSnapshotIdentifier: "of-the-cluster" }
  await databases(new rds.CreateDBClusterSnapshotCommand({ ...records, ...own }))
  await sleep(url, 120)
  const ofCluster = await databases(new rds.DescribeDBClusterSnapshotsCommand(own))
  expect(ofCluster.DBClusterSnapshots?.[0]?.Status).toBe("available")
  await databases(new rds.DeleteDBClusterSnapshotCommand(own))

  const registry = watched(new ecr.ECRClient(settings), note("ecr"))
  const imageIds = [{ imageDigest: `sha256:${"a".repeat(64)}` }]
  await registry(new ecr.DescribeRepositoriesCommand({}))
  await registry(new ecr.DescribeImagesCommand({ repositoryName: "clinic/web", imageIds }))
  const images = await registry(new ecr.BatchGetImageCommand({ repositoryName: "clinic/web", imageIds }))
  expect(images.images?.[0]?.imageId?.imageDigest).toBe(imageIds[0]?.imageDigest)
  await registry(new ecr.GetAuthorizationTokenCommand({}))
  await registry(new ecr.GetRepositoryPolicyCommand({ repositoryName: "clinic/web" }))

  const watch = watched(new cw.CloudWatchClient(settings), note("cloudwatch"))
  const detector = { Namespace: "AWS/ECS", MetricName: "CPUUtilization", Stat: "Average", Dimensions: [] }
  await watch(
    new cw.PutMetricAlarmCommand({
      AlarmName: "more",
      EvaluationPeriods: 1,
      ComparisonOperator: "GreaterThanThreshold",
      MetricName: "x",
      Namespace: "y",
      Threshold: 1,
      Period: 60,
    }),
  )
  const alarms = await watch(new cw.DescribeAlarmsCommand({ AlarmNames: ["clinic-5xx"] }))
  expect(alarms.MetricAlarms?.[0]?.StateValue).toBe("OK")
  const metric = { Namespace: "AWS/ApplicationELB", MetricName: "HTTPCode_Target_5XX_Count" }
  const data = await watch(
    new cw.GetMetricDataCommand({
      StartTime: new Date("2026-03-02T09:00:00Z"),
      EndTime: new Date("2026-03-02T09:05:00Z"),
      MetricDataQueries: [{ Id: "a", MetricStat: { Metric: metric, Period: 60, Stat: "Sum" } }],
    }),
  )
  expect(data.MetricDataResults?.[0]?.Values).toEqual([0, 0, 0, 0, 0])
  await watch(new cw.PutAnomalyDetectorCommand({ SingleMetricAnomalyDetector: detector }))
  await watch(new cw.DescribeAnomalyDetectorsCommand({}))

  const logs = watched(new cwl.CloudWatchLogsClient(settings), note("logs"))
  const logGroupName = "/ecs/clinic/migrate"
  await logs(new cwl.DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }))
  const found = await logs(new cwl.FilterLogEventsCommand({ logGroupName }))
  expect(found.events?.map(({ message }) => message)).toEqual(LOGGED.log)
  await logs(new cwl.GetLogEventsCommand({ logGroupName, logStreamName: found.events?.[0]?.logStreamName }))

  const roles = watched(new iam.IAMClient(settings), note("iam"))
  await roles(new iam.GetRoleCommand({ RoleName: "clinic-execution" }))
  const simulated = await roles(
    new iam.SimulatePrincipalPolicyCommand({
      PolicySourceArn: `arn:aws:iam::${ACCOUNT}:role/clinic-execution`,
      ActionNames: ["lambda:InvokeFunction"],
      ResourceArns: [FUNCTION],
    }),
  )
  expect(simulated.EvaluationResults).toMatchObject([{ EvalDecision: "allowed" }])
  const functions = watched(new lambda.LambdaClient(settings), note("lambda"))
  const audit = await functions(
    new lambda.GetFunctionConfigurationCommand({ FunctionName: `${FUNCTION}:live` }),
  )
  await functions(new lambda.GetPolicyCommand({ FunctionName: FUNCTION }))
  expect(audit).toMatchObject({ FunctionName: "audit", State: "Active" })
  const SecretId = `arn:aws:secretsmanager:eu-central-1:${ACCOUNT}:secret:clinic/db-AbCdEf`
  const kept = watched(new secrets.SecretsManagerClient(settings), note("secretsmanager"))
  await kept(new secrets.DescribeSecretCommand({ SecretId }))
  await kept(new secrets.GetResourcePolicyCommand({ SecretId }))
  const parameters = watched(new ssm.SSMClient(settings), note("ssm"))
  await parameters(new ssm.GetParameterCommand({ Name: "/clinic/url" }))
  await parameters(new ssm.GetParametersCommand({ Names: ["/clinic/url"] }))
  await parameters(
    new ssm.DescribeParametersCommand({
      ParameterFilters: [{ Key: "Name", Option: "Equals", Values: ["/clinic/url"] }],
    }),
  )
  const net = watched(new ec2.EC2Client(settings), note("ec2"))
  const subnets = await net(new ec2.DescribeSubnetsCommand({ SubnetIds: ["subnet-0a", "subnet-0b"] }))
  expect(subnets.Subnets?.map(({ SubnetId }) => SubnetId)).toEqual(["subnet-0a", "subnet-0b"])
  await net(new ec2.DescribeSecurityGroupsCommand({ GroupIds: ["sg-0a"] }))
  await watched(
    new sns.SNSClient(settings),
    note("sns"),
  )(new sns.PublishCommand({ TopicArn: `arn:aws:sns:eu-central-1:${ACCOUNT}:deployments`, Message: "done" }))
  const identity = watched(new sts.STSClient(settings), note("sts"))
  await identity(new sts.GetCallerIdentityCommand({}))
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/deployer`
  await identity(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: "run-1" }))
  const WebIdentityToken = `x.${Buffer.from(JSON.stringify({ sub: "repo:clinic", aud: "sts", iss: "https://ci" })).toString("base64url")}.y`
  await identity(
    new sts.AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "run-1", WebIdentityToken }),
  )

  const all = [
    ...Object.values(JSON_SERVICES),
    ...Object.values(QUERY_SERVICES),
    ...Object.values(REST_SERVICES),
  ].flatMap(({ name, operations }) => Object.keys(operations).map((operation) => `${name}:${operation}`))
  expect(wrong).toEqual([])
  expect([...new Set(all)].filter((operation) => !seen.includes(operation))).toEqual([])
})

const LOGGED = {
  seconds: 20,
  placement: "placed" as const,
  hangs: false,
  seen: true,
  log: ["applying 0001_init", "done"],
  exec: null,
}
