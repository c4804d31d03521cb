/** Approvals of GitHub: of environments, and of pull requests. */
import * as z from "zod"
import { type Answer, type Asked, approvalsIn, claimOf, type Get, NOTHING, type Questions } from "./answer.ts"
import type { Claim } from "./count.ts"

const user = z.object({ login: z.string() })
/** https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run */
const runSchema = z.object({
  head_sha: z.string(),
  run_started_at: z.string(),
  html_url: z.string(),
  actor: user,
  triggering_actor: user.nullable().default(null),
})
/** https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run */
const historySchema = z.array(
  z.object({ state: z.string(), user, environments: z.array(z.object({ name: z.string() })) }),
)
/** https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit */
const pullsSchema = z.array(
  z.object({
    number: z.number(),
    merged_at: z.string().nullable(),
    merge_commit_sha: z.string().nullable(),
    html_url: z.string(),
    user,
    head: z.object({ sha: z.string() }),
  }),
)
/** https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request */
const reviewsSchema = z.array(
  z.object({
    state: z.string(),
    user: user.nullable(),
    commit_id: z.string().nullable(),
    submitted_at: z.string().optional(),
  }),
)
const commitsSchema = z.array(z.object({ sha: z.string() }))

/** What the wrapper appends to an environment's name, to ask several people. */
const GATE = /-approval-\d+$/

/**
 * Returns who approved the run for the environment. GitHub names no time: the run's start counts, which is earlier. Who
 * rejected it once does not count.
 */
async function ofEnvironment(get: Get, repository: string, { number, environment }: Asked): Promise<Answer> {
  if (number === null) return { ...NOTHING, refused: ["github environment: this run is not one of GitHub's"] }
  const path = `${repository}/actions/runs/${encodeURIComponent(number)}`
  const run = runSchema.parse(await get(path))
  const history = historySchema.parse(await get(`${path}/approvals`))
  const ours = history.filter(({ environments }) =>
    environments.some(({ name }) => name.replace(GATE, "").toLowerCase() === environment.toLowerCase()),
  )
  const at = Date.parse(run.run_started_at)
  const claims = approvalsIn(
    ours.map(({ state, user: { login: by } }) => ({ by, at, approves: state === "approved" })),
    { commit: run.head_sha, source: "github environment", url: run.html_url },
  )
  const { actor, triggering_actor: triggering } = run
  return { claims, involved: [actor.login, ...(triggering ? [triggering.login] : [])], refused: [] }
}

type Pull = z.output<typeof pullsSchema>[number]

/** Returns who approved the last commit of a pull request, and did not change their mind. */
async function reviewsOf(
  get: Get,
  at: string,
  { number, head, html_url }: Pull,
  commit: string,
): Promise<readonly Claim[]> {
  const reviews = reviewsSchema.parse(await get(`${at}/pulls/${number}/reviews?per_page=100`))
  const last = new Map(
    reviews.flatMap((one) =>
      one.user === null || one.state === "COMMENTED" || one.state === "PENDING"
        ? []
        : [[one.user.login, one] as const],
    ),
  )
  return [...last].flatMap(([login, { state, commit_id, submitted_at }]) =>
    state === "APPROVED" && commit_id === head.sha && submitted_at !== undefined
      ? [
          claimOf({
            by: login,
            at: Date.parse(submitted_at),
            commit,
            source: `github review of #${number}`,
            url: html_url,
          }),
        ]
      : [],
  )
}

/** Returns who approved the pull request that was merged as this commit, if the release has nothing else. */
async function ofReviews(get: Get, at: string, { commit, since }: Asked): Promise<Answer> {
  const pulls = pullsSchema.parse(await get(`${at}/commits/${commit}/pulls?per_page=100`))
  const pull = pulls.find((one) => one.merged_at !== null && one.merge_commit_sha === commit)
  if (!pull) return { ...NOTHING, refused: ["github reviews: no pull request was merged as this commit"] }
  const own = commitsSchema.parse(await get(`${at}/pulls/${pull.number}/commits?per_page=100`))
  const reviewed = new Set([commit, ...own.map(({ sha }) => sha)])
  const others = since.filter((one) => !reviewed.has(one))
  const involved = [pull.user.login]
  if (others.length > 0)
    return {
      claims: [],
      involved,
      refused: [`github reviews: the release has ${others.length} more commits than #${pull.number}`],
    }
  return { claims: await reviewsOf(get, at, pull, commit), involved, refused: [] }
}

/** The requests to GitHub. */
export const github: Questions = {
  at: (repository) => `/repos/${repository.split("/").map(encodeURIComponent).join("/")}`,
  run: ofEnvironment,
  reviews: ofReviews,
}
