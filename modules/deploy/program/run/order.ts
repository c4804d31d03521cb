/** The steps of each action. */

import { terraform, verify } from "../core/ports.ts"
import type { Action } from "../core/request.ts"
import type { Step } from "../core/step.ts"
import { bake } from "../ecs/bake.ts"
import type { Context } from "../ecs/context.ts"
import { health } from "../ecs/health.ts"
import { migration } from "../ecs/migrate.ts"
import { preflight } from "../ecs/preflight.ts"
import { revisions } from "../ecs/revisions.ts"
import { rollout } from "../ecs/rollout.ts"
import { snapshot } from "../ecs/snapshot.ts"
import { begin } from "./begin.ts"
import { gate, still } from "./gate.ts"
import { healthOnly } from "./read-only.ts"

interface Order {
  /** Before the lease is taken. */
  readonly first: readonly Step<Context>[]
  /** Under the lease, before a way back that a dead run left is continued. Empty for actions that change nothing. */
  readonly begin: readonly Step<Context>[]
  /** While the lease is held. */
  readonly held: readonly Step<Context>[]
}

export const ORDERS: Readonly<Record<Action, Order>> = {
  deploy: {
    first: [gate],
    begin: [still, begin],
    held: [verify, terraform, preflight, snapshot, migration, revisions, rollout, health, bake],
  },
  rollback: { first: [gate], begin: [begin], held: [revisions, rollout, health] },
  migrate: { first: [gate], begin: [still, begin], held: [verify, snapshot, migration] },
  health: { first: [gate, healthOnly], begin: [], held: [] },
  status: { first: [gate], begin: [], held: [] },
  plan: { first: [gate], begin: [], held: [] },
}
