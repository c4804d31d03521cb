/** What snapshots of instances and of clusters have in common. */
import type { Fields } from "../fields.ts"
import { arn } from "../ids.ts"
import { happen } from "../rollout/find.ts"
import { type Snapshot, type State, second } from "../state.ts"

/** Returns the status of a snapshot now. */
export function statusOf(state: State, { readyAt, fails }: Snapshot): string {
  if (state.now < readyAt) return "creating"
  return fails ? "failed" : "available"
}

/** Returns the snapshots of instances, or those of clusters. */
export const snapshotsOf = ({ snapshots }: State, kind: Snapshot["of"]): readonly Snapshot[] =>
  snapshots.filter(({ of }) => of === kind)

/** Returns the snapshots of a database; null: of any. */
export const ofDatabase = (snapshots: readonly Snapshot[], database: string | null): readonly Snapshot[] =>
  snapshots.filter((one) => database === null || one.database === database)

/** Returns whether databases take no snapshot yet. */
export const isBusy = ({ now, happened, scenario }: State): boolean =>
  now < (happened.start ?? 0) + (scenario.snapshot.busy ?? 0) * second

interface Asked {
  readonly id: string
  readonly database: string
  readonly of: Snapshot["of"]
  readonly tags: readonly Fields[]
}

const TYPES: Readonly<Record<Snapshot["of"], string>> = { instance: "snapshot", cluster: "cluster-snapshot" }

/** Starts a snapshot. */
export function withSnapshot(
  state: State,
  asked: Asked,
): { readonly after: State; readonly snapshot: Snapshot } {
  const { seconds, fails } = state.scenario.snapshot
  const snapshot: Snapshot = {
    ...asked,
    arn: arn(state.world, "rds", `${TYPES[asked.of]}:${asked.id}`),
    createdAt: state.now,
    readyAt: state.now + seconds * second,
    fails,
  }
  return { after: { ...happen(state, "snapshot"), snapshots: [...state.snapshots, snapshot] }, snapshot }
}

/** Deletes a snapshot. */
export const withoutSnapshot = (state: State, snapshot: Snapshot): State => ({
  ...state,
  snapshots: state.snapshots.filter((one) => one !== snapshot),
})
