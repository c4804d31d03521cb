const PARTITIONS: Readonly<Record<string, string>> = { cn: "aws-cn", "us-gov": "aws-us-gov" }

/** Returns the partition of an AWS region: the first part of its ARNs. */
export const partitionOf = (region: string): string =>
  Object.entries(PARTITIONS).find(([prefix]) => region.startsWith(`${prefix}-`))?.[1] ?? "aws"

/** Returns the host of an account's ECR registry. */
export const registryHost = (account: string, region: string): string =>
  `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`
