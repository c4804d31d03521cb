/** Approvals of GitHub: of environments, and of pull requests. */
import * as z from "zod"
import { type Answer, type Ask, type Asked, type Get, NOTHING } from "./answer.ts"
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
async function ofEnvironment(get: Get, at: string, { number, environment }: Asked): Promise<Answer> {
  if (number === null) return { ...NOTHING, refused: ["github environment: this run is not one of GitHub's"] }
  const run = runSchema.parse(await get(`${at}/actions/runs/${encodeURIComponent(number)}`))
  const history = historySchema.parse(await get(`${at}/actions/runs/${encodeURIComponent(number)}/approvals`))
  const ours = history.filter(({ environments }) =>
    environments.some(({ name }) => name.replace(GATE, "").toLowerCase() === environment.toLowerCase()),
  )
  const rejected = new Set(ours.filter(({ state }) => state !== "approved").map((one) => one.user.login))
  const claims = ours
    .filter((one) => !rejected.has(one.user.login))
    .map(
      (one): Claim => ({
        by: one.user.login,
        at: Date.parse(run.run_started_at),
        commit: run.head_sha,
        ...{ environment: null, images: null, source: "github environment", url: run.html_url },
      }),
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
          {
            by: login,
            at: Date.parse(submitted_at),
            ...{
              commit,
              environment: null,
              images: null,
              source: `github review of #${number}`,
              url: html_url,
            },
          },
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
      ...{ claims: [], involved },
      refused: [`github reviews: the release has ${others.length} more commits than #${pull.number}`],
    }
  return { claims: await reviewsOf(get, at, pull, commit), involved, refused: [] }
}

/** Asks GitHub. */
export const github: Ask = async (get, asked, { repository, reviews }) => {
  const at = `/repos/${repository.split("/").map(encodeURIComponent).join("/")}`
  const run = await ofEnvironment(get, at, asked)
  const change = reviews ? await ofReviews(get, at, asked) : NOTHING
  return {
    claims: [...run.claims, ...change.claims],
    involved: [...run.involved, ...change.involved],
    refused: [...run.refused, ...change.refused],
  }
}
