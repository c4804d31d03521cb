/** Snapshots of the database. */
import {
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  type RDSClient,
} from "@aws-sdk/client-rds"
import type { Clock } from "../clock.ts"
import { AwsFault, call, callIfThere } from "./retry.ts"

/** What ours begin with: no other snapshot is ever deleted. */
const OURS = "slipway-"

/** The snapshot's name: of the environment, the commit, and the release, so that no older one passes for it. */
export const snapshotName = (environment: string, commit: string, number: number): string =>
  `${OURS}${environment}-${commit.slice(0, 12)}-${number}`
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/-{2,}/g, "-")

/** `creating`, `available`, `failed`, …; null where there is none of this name. */
export async function snapshotStatus(rds: RDSClient, clock: Clock, name: string): Promise<string | null> {
  const answer = await callIfThere(clock, "RDS DescribeDBSnapshots", () =>
    rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: name })),
  )
  return answer?.DBSnapshots?.[0]?.Status ?? null
}

/** Starts a snapshot; one of the same name that is there already is taken for it. */
export async function createSnapshot(
  rds: RDSClient,
  clock: Clock,
  wanted: {
    readonly instance: string
    readonly name: string
    readonly tags: Readonly<Record<string, string>>
  },
): Promise<void> {
  try {
    await call(clock, `RDS CreateDBSnapshot ${wanted.name}`, () =>
      rds.send(
        new CreateDBSnapshotCommand({
          DBInstanceIdentifier: wanted.instance,
          DBSnapshotIdentifier: wanted.name,
          Tags: Object.entries(wanted.tags).map(([Key, Value]) => ({ Key, Value })),
        }),
      ),
    )
  } catch (error) {
    if (!(error instanceof AwsFault && error.kind === "conflict")) throw error
  }
}

/** Deletes the oldest of ours but for `keep`. @returns the names of those that it deleted. */
export async function retain(
  rds: RDSClient,
  clock: Clock,
  { instance, environment, keep }: { instance: string; environment: string; keep: number },
): Promise<readonly string[]> {
  const { DBSnapshots = [] } = await call(clock, "RDS DescribeDBSnapshots", () =>
    rds.send(new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: instance, SnapshotType: "manual" })),
  )
  const beginning = `${OURS}${environment.toLowerCase().replace(/[^a-z0-9-]+/g, "-")}-`
  const old = DBSnapshots.filter(
    ({ DBSnapshotIdentifier, Status }) =>
      DBSnapshotIdentifier?.startsWith(beginning) && Status === "available",
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
