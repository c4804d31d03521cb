/** Error responses become the exceptions of the SDK's models. */
import * as logs from "@aws-sdk/client-cloudwatch-logs"
import * as ec2 from "@aws-sdk/client-ec2"
import * as ecr from "@aws-sdk/client-ecr"
import * as ecs from "@aws-sdk/client-ecs"
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2"
import * as iam from "@aws-sdk/client-iam"
import * as rds from "@aws-sdk/client-rds"
import * as secrets from "@aws-sdk/client-secrets-manager"
import * as ssm from "@aws-sdk/client-ssm"
import { expect, it } from "vitest"
import { settingsFor, simulate } from "./rehearse.ts"

const cluster = "clinic"

const WORLD = {
  repositories: [{ name: "clinic/web", images: [{ digest: `sha256:${"b".repeat(64)}`, tags: ["1.2.3"] }] }],
  roles: ["clinic-execution"],
  secrets: ["clinic/db"],
  parameters: { "/clinic/url": "https://clinic.example.org" },
  logGroups: ["/ecs/clinic/web"],
  subnets: ["subnet-1"],
  buckets: ["state"],
}

const nothing = "arn:aws:ecs:eu-central-1:111122223333:service-deployment/clinic/web/0"

it("reports missing resources with each service's own exception", async () => {
  const { url } = await simulate({}, WORLD)
  const settings = settingsFor(url)
  const client = new ecs.ECSClient(settings)
  const registry = new ecr.ECRClient(settings)
  const balancer = new elb.ElasticLoadBalancingV2Client(settings)
  const database = new rds.RDSClient(settings)
  const snapshot = { DBInstanceIdentifier: "clinic", DBSnapshotIdentifier: "one" }
  await database.send(new rds.CreateDBSnapshotCommand(snapshot))
  const name = async (sent: Promise<unknown>): Promise<string> => {
    try {
      await sent
      return "no error"
    } catch (error) {
      return error instanceof Error ? error.name : String(error)
    }
  }
  const calls = {
    cluster: client.send(new ecs.DescribeServicesCommand({ cluster: "other", services: ["web"] })),
    service: client.send(new ecs.UpdateServiceCommand({ cluster, service: "nobody" })),
    definition: client.send(new ecs.DescribeTaskDefinitionCommand({ taskDefinition: "nobody" })),
    deployment: client.send(new ecs.StopServiceDeploymentCommand({ serviceDeploymentArn: nothing })),
    create: client.send(new ecs.CreateClusterCommand({})),
    repository: registry.send(new ecr.DescribeImagesCommand({ repositoryName: "x" })),
    image: registry.send(
      new ecr.DescribeImagesCommand({ repositoryName: "clinic/web", imageIds: [{ imageTag: "2" }] }),
    ),
    group: balancer.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn: "arn:x" })),
    instance: database.send(new rds.DescribeDBInstancesCommand({ DBInstanceIdentifier: "x" })),
    snapshot: database.send(new rds.DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: "x" })),
    again: database.send(new rds.CreateDBSnapshotCommand(snapshot)),
    early: database.send(new rds.DeleteDBSnapshotCommand({ DBSnapshotIdentifier: "one" })),
    role: new iam.IAMClient(settings).send(new iam.GetRoleCommand({ RoleName: "x" })),
    secret: new secrets.SecretsManagerClient(settings).send(
      new secrets.DescribeSecretCommand({ SecretId: "x" }),
    ),
    parameter: new ssm.SSMClient(settings).send(new ssm.GetParameterCommand({ Name: "/x" })),
    subnet: new ec2.EC2Client(settings).send(new ec2.DescribeSubnetsCommand({ SubnetIds: ["subnet-9"] })),
    log: new logs.CloudWatchLogsClient(settings).send(
      new logs.FilterLogEventsCommand({ logGroupName: "/x" }),
    ),
  }
  const named = await Promise.all(
    Object.entries(calls).map(async ([what, sent]) => [what, await name(sent)] as const),
  )
  expect(Object.fromEntries(named)).toEqual({
    cluster: "ClusterNotFoundException",
    service: "ServiceNotFoundException",
    definition: "ClientException",
    deployment: "ServiceDeploymentNotFoundException",
    create: "UnknownOperationException",
    repository: "RepositoryNotFoundException",
    image: "ImageNotFoundException",
    group: "TargetGroupNotFoundException",
    instance: "DBInstanceNotFoundFault",
    snapshot: "DBSnapshotNotFoundFault",
    again: "DBSnapshotAlreadyExistsFault",
    early: "InvalidDBSnapshotStateFault",
    role: "NoSuchEntityException",
    secret: "ResourceNotFoundException",
    parameter: "ParameterNotFound",
    subnet: "InvalidSubnetID.NotFound",
    log: "ResourceNotFoundException",
  })
})

it("finds a resource by name and by ARN", async () => {
  const { url } = await simulate({}, WORLD)
  const settings = settingsFor(url)
  const arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:clinic/db-AbCdEf"
  for (const SecretId of ["clinic/db", arn]) {
    const found = await new secrets.SecretsManagerClient(settings).send(
      new secrets.DescribeSecretCommand({ SecretId }),
    )
    expect(found.Name).toBe("clinic/db")
  }
  const parameter = "arn:aws:ssm:eu-central-1:111122223333:parameter/clinic/url"
  for (const Name of ["/clinic/url", parameter]) {
    const found = await new ssm.SSMClient(settings).send(new ssm.GetParameterCommand({ Name }))
    expect(found.Parameter?.Value).toBe("https://clinic.example.org")
  }
  const images = await new ecr.ECRClient(settings).send(
    new ecr.BatchGetImageCommand({
      repositoryName: "clinic/web",
      imageIds: [{ imageTag: "1.2.3" }, { imageTag: "2" }],
    }),
  )
  expect(images.images?.map(({ imageId }) => imageId?.imageDigest)).toEqual([`sha256:${"b".repeat(64)}`])
  expect(images.failures?.map(({ failureCode }) => failureCode)).toEqual(["ImageNotFound"])
})
