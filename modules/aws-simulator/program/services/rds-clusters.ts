/** RDS: database clusters, as of Aurora, and their snapshots. */
import { AwsError } from "../error.ts"
import { type Fields, records, text, textOr } from "../fields.ts"
import { arn } from "../ids.ts"
import { looks, mutates, type Operations, when } from "../operation.ts"
import type { Snapshot, State } from "../state.ts"
import { isBusy, ofDatabase, snapshotsOf, statusOf, withoutSnapshot, withSnapshot } from "./rds-snapshots.ts"

function checkCluster({ world }: State, name: string): void {
  if (!Object.hasOwn(world.databaseClusters, name))
    throw new AwsError("DBClusterNotFoundFault", `DBCluster ${name} not found.`, 404)
}

const own = (state: State): readonly Snapshot[] => snapshotsOf(state, "cluster")

function snapshotNamed(state: State, name: string): Snapshot {
  const found = own(state).find(({ id }) => id === name)
  if (found === undefined)
    throw new AwsError("DBClusterSnapshotNotFoundFault", `DBClusterSnapshot ${name} not found.`, 404)
  return found
}

const snapshotShape = (state: State, snapshot: Snapshot): Fields => ({
  DBClusterSnapshotIdentifier: snapshot.id,
  DBClusterIdentifier: snapshot.database,
  SnapshotCreateTime: when(snapshot.createdAt),
  Engine: "aurora-postgresql",
  EngineVersion: "15.7",
  Status: statusOf(state, snapshot),
  SnapshotType: "manual",
  StorageEncrypted: true,
  DBClusterSnapshotArn: snapshot.arn,
  TagList: [...snapshot.tags, ...(state.tags[snapshot.arn] ?? [])],
})

const clusterShape = ({ world }: State, name: string): Fields => ({
  DBClusterIdentifier: name,
  Engine: "aurora-postgresql",
  EngineVersion: "15.7",
  Status: "available",
  DBClusterArn: arn(world, "rds", `cluster:${name}`),
  DBClusterMembers: (world.databaseClusters[name] ?? []).map((instance, index) => ({
    DBInstanceIdentifier: instance,
    IsClusterWriter: index === 0,
  })),
})

export const clusters: Operations = {
  DescribeDBClusters: looks((state, input) => {
    const name = textOr(input, "DBClusterIdentifier", null)
    if (name !== null) checkCluster(state, name)
    const names = Object.keys(state.world.databaseClusters).filter((one) => name === null || one === name)
    return { DBClusters: names.map((one) => clusterShape(state, one)) }
  }),
  CreateDBClusterSnapshot: mutates((state, input) => {
    const id = text(input, "DBClusterSnapshotIdentifier")
    const database = text(input, "DBClusterIdentifier")
    checkCluster(state, database)
    if (own(state).some((entry) => entry.id === id))
      throw new AwsError(
        "DBClusterSnapshotAlreadyExistsFault",
        `Cannot create the cluster snapshot because one with the identifier ${id} already exists.`,
      )
    if (isBusy(state))
      throw new AwsError("InvalidDBClusterStateFault", `DBCluster ${database} is not in the available state.`)
    const tags = records(input, "Tags")
    const { after, snapshot } = withSnapshot(state, { id, database, of: "cluster", tags })
    return { state: after, output: { DBClusterSnapshot: snapshotShape(after, snapshot) } }
  }),
  DescribeDBClusterSnapshots: looks((state, input) => {
    const id = textOr(input, "DBClusterSnapshotIdentifier", null)
    const database = textOr(input, "DBClusterIdentifier", null)
    const shown = ofDatabase(id === null ? own(state) : [snapshotNamed(state, id)], database)
    return { DBClusterSnapshots: shown.map((entry) => snapshotShape(state, entry)) }
  }),
  DeleteDBClusterSnapshot: mutates((state, input) => {
    const snapshot = snapshotNamed(state, text(input, "DBClusterSnapshotIdentifier"))
    if (statusOf(state, snapshot) === "creating")
      throw new AwsError("InvalidDBClusterSnapshotStateFault", "The cluster snapshot is being created.")
    const output = { DBClusterSnapshot: { ...snapshotShape(state, snapshot), Status: "deleted" } }
    return { state: withoutSnapshot(state, snapshot), output }
  }),
}
