/** The steps of each action. */
import type { Action } from "../request.ts"
import { bake } from "./bake.ts"
import { begin } from "./begin.ts"
import { gate } from "./gate.ts"
import { health } from "./health.ts"
import { migration } from "./migration.ts"
import { terraform, verify } from "./ports.ts"
import { preflight } from "./preflight.ts"
import { healthOnly } from "./read-only.ts"
import { revisions } from "./revisions.ts"
import { rollout } from "./rollout.ts"
import { snapshot } from "./snapshot.ts"
import type { Step } from "./step.ts"

interface Order {
  /** Before the lease is taken. */
  readonly first: readonly Step[]
  /** While the lease is held; empty for actions that change nothing. */
  readonly held: readonly Step[]
}

export const ORDERS: Readonly<Record<Action, Order>> = {
  deploy: {
    first: [gate],
    held: [begin, verify, terraform, preflight, snapshot, migration, revisions, rollout, health, bake],
  },
  rollback: { first: [gate], held: [begin, revisions, rollout, health] },
  migrate: { first: [gate], held: [begin, verify, snapshot, migration] },
  health: { first: [gate, healthOnly], held: [] },
  status: { first: [gate], held: [] },
  plan: { first: [gate], held: [] },
}
