/** Deployments of GitLab: https://docs.gitlab.com/api/deployments/. The environment is created with the first one. */
import * as z from "zod"
import type { Known, Platform, State } from "./platform.ts"

const deploymentSchema = z.object({ id: z.number(), sha: z.string(), status: z.string() })
const listSchema = z.array(z.object({ ...deploymentSchema.shape, deployable: z.unknown() }))

/** The API takes no status for a deployment that waits. */
const STATUSES: Readonly<Partial<Record<State, string>>> = {
  in_progress: "running",
  success: "success",
  failure: "failed",
  inactive: "canceled",
}

const knownOf = ({ id, status }: z.output<typeof deploymentSchema>): Known => ({
  id,
  state: status === "running" ? "in_progress" : null,
})

export const gitlab: Platform = {
  at: (repository) => `/projects/${encodeURIComponent(repository)}`,
  states: new Set(["in_progress", "success", "failure", "inactive"]),
  // A deployment that the API made has no job, and nothing that names its run. Only one at a time runs.
  find: async (send, { commit, environment }) => {
    const name = encodeURIComponent(environment)
    const list = listSchema.parse(
      await send("GET", `/deployments?environment=${name}&order_by=id&sort=desc&per_page=100`),
    )
    const mine = list.find(
      ({ sha, status, deployable }) => sha === commit && status === "running" && !deployable,
    )
    return mine === undefined ? null : knownOf(mine)
  },
  create: async (send, { commit, environment, ref, tag }) =>
    knownOf(
      deploymentSchema.parse(
        await send("POST", "/deployments", {
          environment,
          sha: commit,
          ref: ref ?? commit,
          tag,
          status: STATUSES.in_progress,
        }),
      ),
    ),
  set: async (send, id, state) => {
    await send("PUT", `/deployments/${id}`, { status: STATUSES[state] })
  },
  // GitLab itself shows the last one that succeeded.
  retire: async () => {},
}
