/** The steps by name, and those before the lease. */
import { compatible, keepTrial } from "../core/compatible-steps.ts"
import { terraform, verify } from "../core/ports.ts"
import type { Action } from "../core/request.ts"
import type { Step, StepName } from "../core/step.ts"
import { back, restored, stop } from "../ecs/back.ts"
import { bake } from "../ecs/bake.ts"
import type { Context } from "../ecs/context.ts"
import { health } from "../ecs/health.ts"
import { migration } from "../ecs/migrate.ts"
import { preflight } from "../ecs/preflight.ts"
import { revisions } from "../ecs/revisions.ts"
import { rollout } from "../ecs/rollout.ts"
import { settle } from "../ecs/settle.ts"
import { snapshot } from "../ecs/snapshot.ts"
import { gate, still } from "./gate.ts"
import { auditOnly, healthOnly } from "./read-only.ts"

/** Before the lease is taken; all steps of actions that change nothing. */
export const FIRST: Readonly<Record<Action, readonly Step<Context>[]>> = {
  deploy: [gate],
  rollback: [gate],
  migrate: [gate],
  health: [gate, healthOnly],
  status: [gate],
  plan: [gate],
  audit: [gate, auditOnly],
  compatible: [gate, keepTrial],
}

/** Actions that take the lease. */
export const ACTS: ReadonlySet<Action> = new Set(["deploy", "rollback", "migrate"])

/** Steps that run while the lease is held; `decide` says in which order. */
export const HELD: Readonly<Record<Exclude<StepName, "order" | "audit">, Step<Context>>> = {
  settle,
  verify,
  compatible,
  terraform,
  preflight,
  snapshot,
  migration,
  revisions,
  rollout,
  health,
  bake,
  stop,
  back,
  restored,
  gate: still,
}
