/** Reads the progress of this run's deployment from the state of a service. */

import { isKept, type Rolled } from "../core/journal.ts"
import { nameOf, oneLine } from "../core/text.ts"
import type { DeploymentSeen, Pause, ServiceDeploymentSeen, ServiceSeen } from "./service-seen.ts"

/** How far the rollout of a service is. */
export type Progress =
  | { readonly kind: "live" }
  | { readonly kind: "running"; readonly note: string }
  | { readonly kind: "paused"; readonly pause: Pause; readonly deployment: ServiceDeploymentSeen }
  | { readonly kind: "rolling-back"; readonly why: string }
  | { readonly kind: "rolled-back"; readonly why: string }
  | { readonly kind: "rollback-failed"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "superseded"; readonly by: string }

/** States of a service deployment in progress. */
export const MOVING: ReadonlySet<string> = new Set([
  ...["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"],
])

/** A deployment that waits in a stage. */
export type Waiting = Extract<Progress, { readonly kind: "paused" }>

/** How long DescribeServices may lag behind UpdateService, in milliseconds. */
const VISIBLE_MS = 120_000

/**
 * Returns our deployment in the history of a service: by its ARN, or else the first one of our revision since
 * UpdateService.
 */
export function ourDeployment(seen: ServiceSeen, rolled: Rolled): ServiceDeploymentSeen | null {
  const { serviceDeployment, revision, intent, after } = rolled
  if (serviceDeployment !== null) return seen.history.find(({ arn }) => arn === serviceDeployment) ?? null
  if (revision === null || intent === null) return null
  return seen.history.findLast((one) => one.revision === revision && one.created > after) ?? null
}

/** Returns the ID of our deployment, once ECS shows it. */
export const ourId = (seen: ServiceSeen, rolled: Rolled): string | null =>
  rolled.deployment ??
  seen.deployments.find((one) => one.revision === rolled.revision && one.created > rolled.after)?.id ??
  null

/** Returns when the newest visible deployment was created; ours will be newer. */
export const newestCreated = (seen: ServiceSeen): number =>
  Math.max(0, ...[...seen.deployments, ...seen.history].map(({ created }) => created))

const primaryOf = (seen: ServiceSeen): DeploymentSeen | undefined =>
  seen.deployments.find(({ primary }) => primary)

const whyOf = (texts: readonly string[], otherwise: string): string =>
  oneLine(texts.find((text) => text !== "") ?? otherwise).replace(/\.$/, "")

/** Progress by {@link ServiceDeploymentSeen.status}. */
const BY_STATUS: Readonly<
  Record<string, (seen: ServiceSeen, rolled: Rolled, ours: ServiceDeploymentSeen) => Progress>
> = {
  PENDING: underWay,
  IN_PROGRESS: underWay,
  STOP_REQUESTED: (seen, _rolled, ours) =>
    replacement(seen, ours) ?? { kind: "running", note: "ECS is stopping the deployment" },
  ROLLBACK_REQUESTED: (_seen, _rolled, ours) => ({ kind: "rolling-back", why: reasonOf(ours) }),
  ROLLBACK_IN_PROGRESS: (_seen, _rolled, ours) => ({ kind: "rolling-back", why: reasonOf(ours) }),
  ROLLBACK_SUCCESSFUL: (_seen, _rolled, ours) => ({ kind: "rolled-back", why: reasonOf(ours) }),
  ROLLBACK_FAILED: (_seen, _rolled, ours) => ({ kind: "rollback-failed", why: reasonOf(ours) }),
  STOPPED: (seen, _rolled, ours) => successor(seen, ours) ?? { kind: "failed", why: reasonOf(ours) },
  SUCCESSFUL: done,
}

function reasonOf(ours: ServiceDeploymentSeen): string {
  const alarms = ours.alarms.length > 0 ? `alarm ${ours.alarms.join(", ")} went off` : ""
  return whyOf([alarms, ours.rollbackReason, ours.reason], `the deployment is ${ours.status}`)
}

const supersededBy = ({ revision, arn }: ServiceDeploymentSeen): Progress => ({
  kind: "superseded",
  by: nameOf(revision ?? arn),
})

function replacement(seen: ServiceSeen, ours: ServiceDeploymentSeen): Progress | null {
  const newest = seen.history[0]
  if (!newest || newest.arn === ours.arn || newest.created < ours.created) return null
  return supersededBy(newest)
}

/** Returns what replaced a deployment that was stopped: it may have been created in the same millisecond. */
function successor(seen: ServiceSeen, ours: ServiceDeploymentSeen): Progress | null {
  const next = seen.history.find(({ arn, created }) => arn !== ours.arn && created >= ours.created)
  return next === undefined ? null : supersededBy(next)
}

/** Event of a service without capacity. */
export const UNPLACED = /unable to (?:consistently )?place/i

function underWay(seen: ServiceSeen, rolled: Rolled, ours: ServiceDeploymentSeen): Progress {
  const primary = primaryOf(seen)
  if (ours.pause !== null) return { kind: "paused", pause: ours.pause, deployment: ours }
  if (primary?.id === rolled.deployment && primary?.state === "FAILED")
    return {
      kind: "failed",
      why: whyOf([primary.reason, ours.reason], "ECS reports the deployment as failed"),
    }
  const replaced = replacement(seen, ours)
  if (replaced !== null) return replaced
  const stage = ours.stage === "" ? "" : `, ${ours.stage.toLowerCase().replaceAll("_", " ")}`
  const unplaced =
    primary?.running === 0 && UNPLACED.test(seen.events[0] ?? "") ? ", and the cluster has no capacity" : ""
  const failed = primary && primary.failed > 0 ? `, ${primary.failed} failed to start` : ""
  return {
    kind: "running",
    note: `${primary?.running ?? 0} of ${primary?.desired ?? seen.desired} running${stage}${failed}${unplaced}`,
  }
}

/** A successful deployment is live only if it is still the primary one, with our revision. */
function done(seen: ServiceSeen, rolled: Rolled, ours: ServiceDeploymentSeen): Progress {
  const primary = primaryOf(seen)
  const replaced = replacement(seen, ours)
  if (replaced !== null) return replaced
  if (!primary) return { kind: "running", note: "waiting for ECS to list the deployment" }
  if (primary.revision !== rolled.revision) return { kind: "superseded", by: nameOf(primary.revision) }
  if (rolled.deployment !== null && primary.id !== rolled.deployment)
    return { kind: "superseded", by: `another deployment of ${nameOf(primary.revision)}` }
  return seen.running >= seen.desired
    ? { kind: "live" }
    : { kind: "running", note: `${seen.running} of ${seen.desired} running` }
}

/** Reads the progress from the service's deployments if ECS keeps no history of ours. */
function withoutHistory(
  seen: ServiceSeen,
  rolled: Rolled,
  before: string | null,
  sinceIntent: number,
): Progress {
  const primary = primaryOf(seen)
  const id = ourId(seen, rolled)
  const ours = seen.deployments.find((one) => one.id === id)
  if (ours?.primary) {
    if (ours.state === "FAILED")
      return { kind: "failed", why: whyOf([ours.reason], "ECS reports the deployment as failed") }
    return ours.state === "COMPLETED" && seen.running >= seen.desired
      ? { kind: "live" }
      : { kind: "running", note: `${ours.running} of ${ours.desired} running` }
  }
  if (!ours && sinceIntent < VISIBLE_MS)
    return { kind: "running", note: "waiting for ECS to list the deployment" }
  if (!primary) return { kind: "failed", why: "the service has no deployment" }
  const back =
    primary.revision === before && (ours?.state === "FAILED" || /roll(ing|ed)? ?back/i.test(primary.reason))
  if (!back) return { kind: "superseded", by: nameOf(primary.revision) }
  const why = whyOf([ours?.reason ?? "", primary.reason], "ECS rolled back")
  return { kind: primary.state === "COMPLETED" ? "rolled-back" : "rolling-back", why }
}

/** Returns whether a service serves a revision, and no deployment is under way. */
export const isInPlace = (seen: ServiceSeen, revision: string): boolean =>
  liveRevision(seen) === revision &&
  seen.running >= seen.desired &&
  primaryOf(seen)?.state !== "IN_PROGRESS" &&
  !MOVING.has(seen.history[0]?.status ?? "")

/** Reads the progress of a service that is kept as it is: its revision counts, whoever deployed it. */
function keptProgress(seen: ServiceSeen, { revision }: Rolled): Progress {
  const primary = primaryOf(seen)
  if (primary?.revision !== revision)
    return { kind: "superseded", by: primary ? nameOf(primary.revision) : "nothing" }
  if (isInPlace(seen, revision)) return { kind: "live" }
  return primary.state === "FAILED"
    ? { kind: "failed", why: whyOf([primary.reason], "ECS reports the deployment as failed") }
    : { kind: "running", note: `${primary.running} of ${primary.desired} running` }
}

/**
 * Returns the progress of our deployment. Compares its ID and revision: a stable service alone proves nothing.
 *
 * @param before the revision that was live before.
 * @param now milliseconds since the epoch.
 */
export function rolloutProgress(
  seen: ServiceSeen,
  rolled: Rolled,
  before: string | null,
  now: number,
): Progress {
  if (seen.status !== "ACTIVE")
    return { kind: "failed", why: `the service is ${seen.status === "" ? "missing" : seen.status}` }
  if (isKept(rolled)) return keptProgress(seen, rolled)
  const ours = ourDeployment(seen, rolled)
  const read = ours === null ? undefined : BY_STATUS[ours.status]
  if (ours !== null && read) return read(seen, rolled, ours)
  return withoutHistory(seen, rolled, before, now - (rolled.intent ?? 0))
}

/** Returns the revision of the primary deployment; null: none. */
export const liveRevision = (seen: ServiceSeen): string | null => primaryOf(seen)?.revision ?? null

/** Returns whether the service has a single, complete deployment. */
export function isSteady(seen: ServiceSeen): boolean {
  const primary = primaryOf(seen)
  return (
    primary !== undefined &&
    seen.deployments.length === 1 &&
    primary.state !== "FAILED" &&
    primary.state !== "IN_PROGRESS" &&
    seen.running >= seen.desired
  )
}
