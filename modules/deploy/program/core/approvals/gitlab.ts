/** Approvals of GitLab: of deployments, and of merge requests. */
import * as z from "zod"
import { type Answer, type Asked, approvalsIn, claimOf, type Get, NOTHING, type Questions } from "./answer.ts"
import type { Claim } from "./count.ts"

const user = z.object({ username: z.string() })
/** https://docs.gitlab.com/api/pipelines/#get-a-single-pipeline */
const pipelineSchema = z.object({ sha: z.string(), user, web_url: z.string() })
/** https://docs.gitlab.com/api/deployments/#list-project-deployments */
const deploymentsSchema = z.array(
  z.object({
    id: z.number(),
    sha: z.string(),
    deployable: z.object({ pipeline: z.object({ id: z.number() }).nullable() }).nullable(),
  }),
)
/** https://docs.gitlab.com/api/deployments/#get-a-specific-deployment */
const deploymentSchema = z.object({
  sha: z.string(),
  approvals: z.array(z.object({ user, status: z.string(), created_at: z.string() })).default([]),
})
/** https://docs.gitlab.com/api/jobs/#list-pipeline-jobs */
const jobsSchema = z.array(
  z.object({
    name: z.string(),
    status: z.string(),
    started_at: z.string().nullable(),
    user: user.nullable(),
    web_url: z.string(),
  }),
)
/** https://docs.gitlab.com/api/commits/#list-merge-requests-associated-with-a-commit */
const mergesSchema = z.array(
  z.object({
    iid: z.number(),
    state: z.string(),
    sha: z.string(),
    merge_commit_sha: z.string().nullable(),
    squash_commit_sha: z.string().nullable(),
    author: user,
    web_url: z.string(),
  }),
)
/** https://docs.gitlab.com/api/merge_request_approvals/ */
const approvalsSchema = z.object({
  approved_by: z.array(z.object({ user, approved_at: z.string().nullable().default(null) })),
})
/** https://docs.gitlab.com/api/merge_requests/#get-merge-request-diff-versions, newest first. */
const versionsSchema = z.array(z.object({ head_commit_sha: z.string(), created_at: z.string() }))
const commitsSchema = z.array(z.object({ id: z.string() }))

type Pipeline = z.output<typeof pipelineSchema>

/** Returns who approved the deployment of this pipeline. */
async function ofDeployment(
  get: Get,
  at: string,
  pipeline: Pipeline,
  { number, environment }: Asked,
): Promise<Answer> {
  const name = encodeURIComponent(environment)
  const all = deploymentsSchema.parse(
    await get(`${at}/deployments?environment=${name}&order_by=id&sort=desc&per_page=100`),
  )
  const ours = all.find(
    ({ sha, deployable }) => sha === pipeline.sha && String(deployable?.pipeline?.id) === number,
  )
  if (!ours) return { ...NOTHING, refused: [`gitlab deployment: the pipeline has none to ${environment}`] }
  const deployment = deploymentSchema.parse(await get(`${at}/deployments/${ours.id}`))
  const claims = approvalsIn(
    deployment.approvals.map(({ user: { username: by }, status, created_at }) => ({
      by,
      at: Date.parse(created_at),
      approves: status === "approved",
    })),
    { commit: deployment.sha, source: "gitlab deployment", url: pipeline.web_url },
  )
  return { claims, involved: [], refused: [] }
}

/** Returns who started the manual jobs `<environment>-approval-1`, `-2` … of this pipeline, as the wrapper has them. */
async function ofJobs(
  get: Get,
  at: string,
  pipeline: Pipeline,
  { number, environment }: Asked,
): Promise<Answer> {
  const all = jobsSchema.parse(
    await get(`${at}/pipelines/${encodeURIComponent(number ?? "")}/jobs?per_page=100`),
  )
  const claims = all.flatMap(({ name, status, started_at, user: by, web_url: url }): readonly Claim[] => {
    const ours = name.startsWith(`${environment}-approval-`) && /-approval-\d+$/.test(name)
    if (!ours || status !== "success" || started_at === null || by === null) return []
    const about = { commit: pipeline.sha, source: `gitlab job ${name}`, url }
    return [claimOf({ by: by.username, at: Date.parse(started_at), ...about })]
  })
  return { claims, involved: [], refused: [] }
}

/** Returns who approved this pipeline's deployment, or let it go on. */
async function ofPipeline(get: Get, at: string, asked: Asked): Promise<Answer> {
  const { number } = asked
  if (number === null)
    return { ...NOTHING, refused: ["gitlab deployment: this run is not a pipeline of GitLab's"] }
  const pipeline = pipelineSchema.parse(await get(`${at}/pipelines/${encodeURIComponent(number)}`))
  const jobs = await ofJobs(get, at, pipeline, asked)
  const deployment = await ofDeployment(get, at, pipeline, asked)
  return {
    claims: [...jobs.claims, ...deployment.claims],
    // Whoever starts the deployment's job is not asked about: with a manual gate, that is an approver.
    involved: [pipeline.user.username],
    refused: jobs.claims.length > 0 ? [] : deployment.refused,
  }
}

/** Returns who approved the merge request that was merged as this commit, if the release has nothing else. */
async function ofReviews(get: Get, at: string, { commit, since }: Asked): Promise<Answer> {
  const merges = mergesSchema.parse(
    await get(`${at}/repository/commits/${commit}/merge_requests?per_page=100`),
  )
  const merge = merges.find(
    (one) => one.state === "merged" && [one.merge_commit_sha, one.squash_commit_sha].includes(commit),
  )
  if (!merge) return { ...NOTHING, refused: ["gitlab reviews: no merge request was merged as this commit"] }
  const change = `${at}/merge_requests/${merge.iid}`
  const own = commitsSchema.parse(await get(`${change}/commits?per_page=100`))
  const reviewed = new Set([commit, merge.squash_commit_sha, ...own.map(({ id }) => id)])
  const others = since.filter((one) => !reviewed.has(one))
  const involved = [merge.author.username]
  if (others.length > 0)
    return {
      claims: [],
      involved,
      refused: [`gitlab reviews: the release has ${others.length} more commits than !${merge.iid}`],
    }
  const { approved_by: approved } = approvalsSchema.parse(await get(`${change}/approvals`))
  const [last] = versionsSchema.parse(await get(`${change}/versions?per_page=100`))
  // GitLab keeps approvals when somebody pushes, unless the project says otherwise.
  const settled = last?.head_commit_sha === merge.sha ? Date.parse(last.created_at) : Number.POSITIVE_INFINITY
  const claims = approved.flatMap(({ user: { username }, approved_at }): readonly Claim[] =>
    approved_at !== null && Date.parse(approved_at) >= settled
      ? [
          claimOf({
            by: username,
            at: Date.parse(approved_at),
            commit,
            source: `gitlab review of !${merge.iid}`,
            url: merge.web_url,
          }),
        ]
      : [],
  )
  return { claims, involved, refused: [] }
}

/** The requests to GitLab. */
export const gitlab: Questions = {
  at: (repository) => `/projects/${encodeURIComponent(repository)}`,
  run: ofPipeline,
  reviews: ofReviews,
}
