/** Snapshots of the RDS database: of an instance, or of the cluster (Aurora, Multi-AZ) that it belongs to. */
import {
  CreateDBClusterSnapshotCommand,
  CreateDBSnapshotCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  type DescribeDBClusterSnapshotsCommandInput,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  type DescribeDBSnapshotsCommandInput,
  type RDSClient,
  type Tag,
} from "@aws-sdk/client-rds"
import type { Clock } from "../core/clock.ts"
import { AwsFault, call, callIfThere } from "./retry.ts"

/** Prefix of our snapshots. Others are never deleted. */
const OURS = "slipway-"

/** Characters of the digest at a snapshot's end. */
const DIGEST = 6

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/-{2,}/g, "-")

/** An environment, by its name and the digest of its place: others in the account may have the same name. */
export interface Owner {
  readonly environment: string
  readonly place: string
}

/** Returns a name that is unique for the release, in the whole account. */
export const snapshotName = ({ environment, place }: Owner, commit: string, number: number): string =>
  plain(`${OURS}${environment}-${commit.slice(0, 12)}-${number}-${place.slice(0, DIGEST)}`)

/** Returns whether a snapshot is of an environment. Earlier versions of Slipway wrote no digest. */
export function isOf({ environment, place }: Owner, name: string): boolean {
  const start = plain(`${OURS}${environment}-`)
  const rest = name.startsWith(start)
    ? /^[0-9a-f]{12}-\d+(?:-([0-9a-f]+))?$/.exec(name.slice(start.length))
    : null
  return rest !== null && (rest[1] === undefined || rest[1] === place.slice(0, DIGEST))
}

/** The source of snapshots. RDS refuses a snapshot of an instance that belongs to a cluster. */
export interface Database {
  readonly kind: "instance" | "cluster"
  readonly name: string
}

interface Snapshot {
  readonly name: string | undefined
  readonly status: string | undefined
  readonly made: Date | undefined
}

/** The calls for a kind of database. */
interface Calls {
  readonly operation: string
  readonly create: (rds: RDSClient, of: string, name: string, tags: Tag[]) => Promise<unknown>
  readonly named: (rds: RDSClient, name: string) => Promise<readonly Snapshot[]>
  readonly all: (rds: RDSClient, of: string) => Promise<readonly Snapshot[]>
  readonly delete: (rds: RDSClient, name: string) => Promise<unknown>
}

async function instanceSnapshots(rds: RDSClient, which: DescribeDBSnapshotsCommandInput) {
  const { DBSnapshots = [] } = await rds.send(new DescribeDBSnapshotsCommand(which))
  return DBSnapshots.map((one) => ({
    name: one.DBSnapshotIdentifier,
    status: one.Status,
    made: one.SnapshotCreateTime,
  }))
}

async function clusterSnapshots(rds: RDSClient, which: DescribeDBClusterSnapshotsCommandInput) {
  const { DBClusterSnapshots = [] } = await rds.send(new DescribeDBClusterSnapshotsCommand(which))
  return DBClusterSnapshots.map((one) => ({
    name: one.DBClusterSnapshotIdentifier,
    status: one.Status,
    made: one.SnapshotCreateTime,
  }))
}

const CALLS: Readonly<Record<Database["kind"], Calls>> = {
  instance: {
    operation: "DBSnapshot",
    create: (rds, DBInstanceIdentifier, DBSnapshotIdentifier, Tags) =>
      rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier, Tags })),
    named: (rds, DBSnapshotIdentifier) => instanceSnapshots(rds, { DBSnapshotIdentifier }),
    all: (rds, DBInstanceIdentifier) =>
      instanceSnapshots(rds, { DBInstanceIdentifier, SnapshotType: "manual" }),
    delete: (rds, DBSnapshotIdentifier) => rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier })),
  },
  cluster: {
    operation: "DBClusterSnapshot",
    create: (rds, DBClusterIdentifier, DBClusterSnapshotIdentifier, Tags) =>
      rds.send(
        new CreateDBClusterSnapshotCommand({ DBClusterIdentifier, DBClusterSnapshotIdentifier, Tags }),
      ),
    named: (rds, DBClusterSnapshotIdentifier) => clusterSnapshots(rds, { DBClusterSnapshotIdentifier }),
    all: (rds, DBClusterIdentifier) => clusterSnapshots(rds, { DBClusterIdentifier, SnapshotType: "manual" }),
    delete: (rds, DBClusterSnapshotIdentifier) =>
      rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier })),
  },
}

/** Returns `creating`, `available`, `failed` or another status; null: not found. */
export async function snapshotStatus(
  rds: RDSClient,
  clock: Clock,
  { kind }: Database,
  name: string,
): Promise<string | null> {
  const { operation, named } = CALLS[kind]
  const answer = await callIfThere(clock, `RDS Describe${operation}s`, () => named(rds, name))
  return answer?.[0]?.status ?? null
}

/** Returns the cluster with a name; null: not found, or the role may not look. */
async function clusterOf(rds: RDSClient, clock: Clock, name: string): Promise<Database | null> {
  try {
    const answer = await callIfThere(clock, "RDS DescribeDBClusters", () =>
      rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: name })),
    )
    return answer === null ? null : { kind: "cluster", name }
  } catch (error) {
    if (error instanceof AwsFault && error.kind === "denied") return null
    throw error
  }
}

/** Finds a database by the name of an instance or a cluster. An instance of a cluster stands for its cluster. */
export async function databaseOf(rds: RDSClient, clock: Clock, name: string): Promise<Database | null> {
  const answer = await callIfThere(clock, "RDS DescribeDBInstances", () =>
    rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: name })),
  )
  if (answer === null) return clusterOf(rds, clock, name)
  const cluster = answer.DBInstances?.[0]?.DBClusterIdentifier
  return cluster ? { kind: "cluster", name: cluster } : { kind: "instance", name }
}

/**
 * Starts a snapshot, unless one of this name exists.
 *
 * @returns false if the database is busy, for example with a backup: try again later.
 */
export async function createSnapshot(
  rds: RDSClient,
  clock: Clock,
  { kind, name: of }: Database,
  snapshot: { readonly name: string; readonly tags: Readonly<Record<string, string>> },
): Promise<boolean> {
  const { operation, create } = CALLS[kind]
  const tags = Object.entries(snapshot.tags).map(([Key, Value]) => ({ Key, Value }))
  try {
    await call(clock, `RDS Create${operation} ${snapshot.name}`, () => create(rds, of, snapshot.name, tags))
  } catch (error) {
    if (error instanceof AwsFault && /^InvalidDB(?:Instance|Cluster)State/.test(error.code)) return false
    if (!(error instanceof AwsFault && error.kind === "conflict")) throw error
  }
  return true
}

/** Deletes our oldest snapshots except for the newest `keep`. @returns the deleted names. */
export async function retain(
  rds: RDSClient,
  clock: Clock,
  { database, owner, keep }: { database: Database; owner: Owner; keep: number },
): Promise<readonly string[]> {
  const calls = CALLS[database.kind]
  const all = await call(clock, `RDS Describe${calls.operation}s`, () => calls.all(rds, database.name))
  const old = all
    .filter(({ name = "", status }) => isOf(owner, name) && status === "available")
    .sort((a, b) => (b.made?.getTime() ?? 0) - (a.made?.getTime() ?? 0))
    .slice(keep)
    .map(({ name }) => name)
    .filter((name) => name !== undefined)
  for (const name of old)
    await callIfThere(clock, `RDS Delete${calls.operation} ${name}`, () => calls.delete(rds, name))
  return old
}
