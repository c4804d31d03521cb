/** RDS: instances and their snapshots. */
import { AwsError } from "../error.ts"
import { type Fields, records, text, textOr } from "../fields.ts"
import { arn, hex } from "../ids.ts"
import { looks, mutates, type Operations, when } from "../operation.ts"
import type { Snapshot, State } from "../state.ts"
import { isBusy, ofDatabase, snapshotsOf, statusOf, withoutSnapshot, withSnapshot } from "./rds-snapshots.ts"

/** Returns the names of all instances, those of clusters too. */
const instancesOf = ({ world }: State): readonly string[] => [
  ...world.databases,
  ...Object.values(world.databaseClusters).flat(),
]

/** Returns the cluster of an instance; undefined: it has none. */
const clusterWith = ({ world }: State, instance: string): string | undefined =>
  Object.entries(world.databaseClusters).find(([, instances]) => instances.includes(instance))?.[0]

function checkInstance(state: State, name: string): void {
  if (!instancesOf(state).includes(name)) {
    throw new AwsError("DBInstanceNotFound", `DBInstance ${name} not found.`, 404)
  }
}

const own = (state: State): readonly Snapshot[] => snapshotsOf(state, "instance")

function snapshotNamed(state: State, name: string): Snapshot {
  const found = own(state).find(({ id }) => id === name)
  if (found === undefined) throw new AwsError("DBSnapshotNotFound", `DBSnapshot ${name} not found.`, 404)
  return found
}

function snapshotShape(state: State, snapshot: Snapshot): Fields {
  const passed = (state.now - snapshot.createdAt) / Math.max(1, snapshot.readyAt - snapshot.createdAt)
  return {
    DBSnapshotIdentifier: snapshot.id,
    DBInstanceIdentifier: snapshot.database,
    SnapshotCreateTime: when(snapshot.createdAt),
    Engine: "postgres",
    EngineVersion: "15.7",
    AllocatedStorage: 20,
    Status: statusOf(state, snapshot),
    SnapshotType: "manual",
    PercentProgress: Math.min(100, Math.floor(passed * 100)),
    Encrypted: true,
    DBSnapshotArn: snapshot.arn,
    TagList: [...snapshot.tags, ...(state.tags[snapshot.arn] ?? [])],
  }
}

const instanceShape = (state: State, name: string): Fields => ({
  DBInstanceIdentifier: name,
  DBInstanceClass: "db.t4g.medium",
  Engine: "postgres",
  EngineVersion: "15.7",
  DBInstanceStatus: "available",
  Endpoint: {
    Address: `${name}.${hex(name, 12)}.${state.world.region}.rds.amazonaws.com`,
    Port: 5432,
  },
  AllocatedStorage: 20,
  StorageEncrypted: true,
  MultiAZ: true,
  DBInstanceArn: arn(state.world, "rds", `db:${name}`),
  DBClusterIdentifier: clusterWith(state, name),
})

export const rds: Operations = {
  DescribeDBInstances: looks((state, input) => {
    const name = textOr(input, "DBInstanceIdentifier", null)
    if (name !== null) checkInstance(state, name)
    const shown = instancesOf(state).filter((database) => name === null || database === name)
    return { DBInstances: shown.map((database) => instanceShape(state, database)) }
  }),
  CreateDBSnapshot: mutates((state, input) => {
    const id = text(input, "DBSnapshotIdentifier")
    const database = text(input, "DBInstanceIdentifier")
    checkInstance(state, database)
    if (clusterWith(state, database) !== undefined)
      throw new AwsError(
        "InvalidParameterValue",
        "The specified instance is a member of a cluster and a snapshot cannot be created directly. Please use the CreateDBClusterSnapshot API instead",
      )
    if (own(state).some((entry) => entry.id === id)) {
      throw new AwsError(
        "DBSnapshotAlreadyExists",
        `Cannot create the snapshot because one with the identifier ${id} already exists.`,
      )
    }
    if (isBusy(state))
      throw new AwsError(
        "InvalidDBInstanceState",
        "Cannot create a snapshot because the database instance is not currently in the available state.",
      )
    const tags = records(input, "Tags")
    const { after, snapshot } = withSnapshot(state, { id, database, of: "instance", tags })
    return { state: after, output: { DBSnapshot: snapshotShape(after, snapshot) } }
  }),
  DescribeDBSnapshots: looks((state, input) => {
    const id = textOr(input, "DBSnapshotIdentifier", null)
    const database = textOr(input, "DBInstanceIdentifier", null)
    const shown = ofDatabase(id === null ? own(state) : [snapshotNamed(state, id)], database)
    return { DBSnapshots: shown.map((entry) => snapshotShape(state, entry)) }
  }),
  DeleteDBSnapshot: mutates((state, input) => {
    const snapshot = snapshotNamed(state, text(input, "DBSnapshotIdentifier"))
    if (statusOf(state, snapshot) === "creating") {
      throw new AwsError("InvalidDBSnapshotState", "Cannot delete the snapshot: it is being created.")
    }
    const output = { DBSnapshot: { ...snapshotShape(state, snapshot), Status: "deleted" } }
    return { state: withoutSnapshot(state, snapshot), output }
  }),
  AddTagsToResource: mutates((state, input) => {
    const name = text(input, "ResourceName")
    const tags = { ...state.tags, [name]: [...(state.tags[name] ?? []), ...records(input, "Tags")] }
    return { state: { ...state, tags }, output: {} }
  }),
  ListTagsForResource: looks((state, input) => ({ TagList: state.tags[text(input, "ResourceName")] ?? [] })),
}
