/** Snapshots of the RDS database. */
import {
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  type RDSClient,
} from "@aws-sdk/client-rds"
import type { Clock } from "../core/clock.ts"
import { AwsFault, call, callIfThere } from "./retry.ts"

/** Prefix of our snapshots. Others are never deleted. */
const OURS = "slipway-"

/** Returns a name that is unique for the release. */
export const snapshotName = (environment: string, commit: string, number: number): string =>
  `${OURS}${environment}-${commit.slice(0, 12)}-${number}`
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/-{2,}/g, "-")

/** Returns `creating`, `available`, `failed` or another status; null: not found. */
export async function snapshotStatus(rds: RDSClient, clock: Clock, name: string): Promise<string | null> {
  const answer = await callIfThere(clock, "RDS DescribeDBSnapshots", () =>
    rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: name })),
  )
  return answer?.DBSnapshots?.[0]?.Status ?? null
}

export const instanceExists = async (rds: RDSClient, clock: Clock, instance: string): Promise<boolean> =>
  (await callIfThere(clock, "RDS DescribeDBInstances", () =>
    rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance })),
  )) !== null

/**
 * Starts a snapshot, unless one of this name exists.
 *
 * @returns false if the database is busy, for example with a backup: try again later.
 */
export async function createSnapshot(
  rds: RDSClient,
  clock: Clock,
  snapshot: {
    readonly instance: string
    readonly name: string
    readonly tags: Readonly<Record<string, string>>
  },
): Promise<boolean> {
  try {
    await call(clock, `RDS CreateDBSnapshot ${snapshot.name}`, () =>
      rds.send(
        new CreateDBSnapshotCommand({
          DBInstanceIdentifier: snapshot.instance,
          DBSnapshotIdentifier: snapshot.name,
          Tags: Object.entries(snapshot.tags).map(([Key, Value]) => ({ Key, Value })),
        }),
      ),
    )
  } catch (error) {
    if (error instanceof AwsFault && /^InvalidDBInstanceState/.test(error.code)) return false
    if (!(error instanceof AwsFault && error.kind === "conflict")) throw error
  }
  return true
}

/** Deletes our oldest snapshots except for the newest `keep`. @returns the deleted names. */
export async function retain(
  rds: RDSClient,
  clock: Clock,
  { instance, environment, keep }: { instance: string; environment: string; keep: number },
): Promise<readonly string[]> {
  const { DBSnapshots = [] } = await call(clock, "RDS DescribeDBSnapshots", () =>
    rds.send(new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: instance, SnapshotType: "manual" })),
  )
  const prefix = `${OURS}${environment.toLowerCase().replace(/[^a-z0-9-]+/g, "-")}-`
  const old = DBSnapshots.filter(
    ({ DBSnapshotIdentifier, Status }) => DBSnapshotIdentifier?.startsWith(prefix) && Status === "available",
  )
    .sort((a, b) => (b.SnapshotCreateTime?.getTime() ?? 0) - (a.SnapshotCreateTime?.getTime() ?? 0))
    .slice(keep)
    .map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier)
    .filter((name) => name !== undefined)
  for (const name of old)
    await callIfThere(clock, `RDS DeleteDBSnapshot ${name}`, () =>
      rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: name })),
    )
  return old
}
