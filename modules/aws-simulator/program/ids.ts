import { createHash } from "node:crypto"

/** Where a resource is. */
interface Place {
  readonly region: string
  readonly account: string
}

/** Returns hexadecimal digits that depend on the seed alone. */
export const hex = (seed: string, length: number): string =>
  createHash("sha256").update(seed).digest("hex").slice(0, length)

/** Returns decimal digits that depend on the seed alone, as in `ecs-svc/3928475602384756923`. */
export const digits = (seed: string, length: number): string =>
  BigInt(`0x${hex(seed, 40)}`)
    .toString()
    .slice(0, length)

const PARTITIONS: Readonly<Record<string, string>> = { cn: "aws-cn", "us-gov": "aws-us-gov" }

/** Returns the partition of a region: the first part of its ARNs. */
export const partitionOf = (region: string): string =>
  Object.entries(PARTITIONS).find(([prefix]) => region.startsWith(`${prefix}-`))?.[1] ?? "aws"

/** Returns the ARN of a resource in the world's account and region. */
export const arn = ({ region, account }: Place, service: string, resource: string): string =>
  `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`

/** Returns the ARN of a resource of IAM or STS, which have no region. */
export const globalArn = ({ region, account }: Place, service: "iam" | "sts", resource: string): string =>
  `arn:${partitionOf(region)}:${service}::${account}:${resource}`

/** Returns the registry of an account. */
export const registryOf = ({ region, account }: Place): string =>
  `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`

/** Returns the last part of an ARN, or the name itself. */
export const nameIn = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1)
