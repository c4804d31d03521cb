const PARTITIONS: Readonly<Record<string, string>> = { cn: "aws-cn", "us-gov": "aws-us-gov" }

/** Returns the partition of a region: the first part of its ARNs. */
export const partitionOf = (region: string): string =>
  Object.entries(PARTITIONS).find(([prefix]) => region.startsWith(`${prefix}-`))?.[1] ?? "aws"
