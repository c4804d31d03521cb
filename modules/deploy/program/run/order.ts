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
import { gate } from "./gate.ts"
import { healthOnly } from "./read-only.ts"

interface Order {
  /** Before the lease is taken. */
  readonly first: readonly Step<Context>[]
  /** While the lease is held; empty for actions that change nothing. */
  readonly held: readonly Step<Context>[]
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
