/** The services and their protocols. */
import { ecs } from "../ecs/index.ts"
import type { RestService, Service } from "../operation.ts"
import type { QueryStyle } from "../protocol/query.ts"
import { cloudwatch } from "./cloudwatch.ts"
import { ecr } from "./ecr.ts"
import { elb } from "./elb.ts"
import { iam } from "./iam.ts"
import { lambda } from "./lambda.ts"
import { logs } from "./logs.ts"
import { ec2, secrets, sns, ssm } from "./prerequisites.ts"
import { rds } from "./rds.ts"
import { clusters } from "./rds-clusters.ts"
import { sts } from "./sts.ts"

/** By the prefix of X-Amz-Target. */
export const JSON_SERVICES: Readonly<Record<string, Service>> = {
  AmazonEC2ContainerServiceV20141113: ecs,
  AmazonEC2ContainerRegistry_V20150921: { name: "ecr", operations: ecr },
  GraniteServiceVersion20100801: { name: "cloudwatch", operations: cloudwatch },
  Logs_20140328: { name: "logs", operations: logs },
  secretsmanager: { name: "secretsmanager", operations: secrets },
  AmazonSSM: { name: "ssm", operations: ssm },
}

/** By the service in the signature's scope. */
export const REST_SERVICES: Readonly<Record<string, RestService>> = { lambda }

/** A service in the query protocol. */
export interface QueryService extends Service, QueryStyle {}

const style = (namespace: string, elements: QueryStyle["elements"] = {}): QueryStyle => ({
  namespace,
  elements,
  flat: false,
})

const RDS_ELEMENTS = {
  DBInstances: "DBInstance",
  DBSnapshots: "DBSnapshot",
  TagList: "Tag",
  DBClusters: "DBCluster",
  DBClusterSnapshots: "DBClusterSnapshot",
  DBClusterMembers: "DBClusterMember",
}

/** By the service in the signature's scope; unsigned requests are found by their action. */
export const QUERY_SERVICES: Readonly<Record<string, QueryService>> = {
  elasticloadbalancing: {
    name: "elasticloadbalancing",
    operations: elb,
    ...style("http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"),
  },
  sts: { name: "sts", operations: sts, ...style("https://sts.amazonaws.com/doc/2011-06-15/") },
  rds: {
    name: "rds",
    operations: { ...rds, ...clusters },
    ...style("http://rds.amazonaws.com/doc/2014-10-31/", RDS_ELEMENTS),
  },
  iam: { name: "iam", operations: iam, ...style("https://iam.amazonaws.com/doc/2010-05-08/") },
  sns: { name: "sns", operations: sns, ...style("http://sns.amazonaws.com/doc/2010-03-31/") },
  monitoring: {
    name: "cloudwatch",
    operations: cloudwatch,
    ...style("http://monitoring.amazonaws.com/doc/2010-08-01/"),
  },
  ec2: {
    name: "ec2",
    operations: ec2,
    namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    elements: { subnetSet: "item", securityGroupInfo: "item" },
    flat: true,
  },
}
