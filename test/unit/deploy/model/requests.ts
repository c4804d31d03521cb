/** Requests that people and machines make, each of several runs. */
import type { Request } from "../../../../modules/deploy/program/core/request.ts"
import { type Changes, MIGRATION, parsed, requestInput } from "../../../deploy/rehearsal.ts"
import type { Requests } from "./history.ts"

const COMMITS = 5

/** Two commits have the same worker. */
function requestOf(changes: Changes, run: string): Request {
  const { commit = 0 } = changes
  const input = requestInput({ ...changes, request: { ...changes.request, run: { id: run, actor: "ann" } } })
  const worker = requestInput({ commit: commit - (commit % 2) }).release.images?.worker ?? ""
  return parsed({ ...input, release: { ...input.release, images: { ...input.release.images, worker } } })
}

const ALWAYS = [
  { name: "web", container: "web", image: "web" },
  { name: "worker", container: "worker", image: "worker", rollout: "always" as const },
]

const PHASES = [undefined, { ...MIGRATION }, { ...MIGRATION, phase: "contract" as const }]

export const REQUESTS: Requests = {
  pool: Array.from({ length: COMMITS }, (_, index) => index).flatMap((index) => [
    ...PHASES.map((migration, phase) =>
      requestOf(
        {
          commit: index,
          environment: { featureFlags: { PHASE: `${phase}` }, ...(migration ? { migration } : {}) },
        },
        `deploy-${index}-${phase}`,
      ),
    ),
    requestOf({ commit: index, environment: { featureFlags: { NEW: "on" } } }, `flags-${index}`),
    requestOf({ commit: index, environment: { services: ALWAYS } }, `always-${index}`),
    requestOf(
      { action: "migrate", commit: index, environment: { migration: MIGRATION } },
      `migrate-${index}`,
    ),
    requestOf({ action: "rollback", commit: index }, `rollback-${index}`),
    requestOf({ action: "rollback", commit: index, request: { to: index } }, `to-${index}`),
  ]),
  // Where nobody knows what became of a migration, the same request goes no further: people ask for something else.
  newest: Array.from({ length: 3 }, (_, index) =>
    requestOf(
      {
        commit: COMMITS - 1,
        environment: { migration: MIGRATION, featureFlags: index === 0 ? {} : { RUN: `${index}` } },
      },
      `last-${index}`,
    ),
  ),
  rollback: requestOf({ action: "rollback", commit: COMMITS - 1 }, "last-rollback"),
}
