import { createServer, type Server } from "node:http"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { askVendor } from "../../../modules/deploy/program/core/approvals/vendor.ts"
import { commit } from "../../deploy/rehearsal.ts"

/** What the server answers, by path: JSON, or pages of a list. */
let answers: Readonly<Record<string, unknown>> = {}
let asked: { readonly path: string; readonly token: string | undefined }[] = []
let server: Server
let api = ""

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", api)
    const path = url.pathname.replace(/^\/api/, "")
    asked.push({ path, token: request.headers.authorization })
    if (!Object.hasOwn(answers, path)) return response.writeHead(404).end("{}")
    const answer = answers[path]
    const page = Number(url.searchParams.get("page") ?? 1)
    const pages = answer instanceof Pages ? answer.pages : [answer]
    const next = page < pages.length ? { link: `<${api}${path}?page=${page + 1}>; rel="next"` } : {}
    response
      .writeHead(200, { "content-type": "application/json", ...next })
      .end(JSON.stringify(pages[page - 1]))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  api = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/api`
})
afterAll(() => server.close())

class Pages {
  readonly pages: readonly unknown[]
  constructor(...pages: readonly unknown[]) {
    this.pages = pages
  }
}

const RUN = { number: "17", commit: commit(0), environment: "production", since: [commit(0)] }

const ask = (
  kind: "github" | "gitlab",
  change: Partial<typeof RUN> = {},
  more: object = {},
  token: string | null = "t0ken",
) => {
  asked = []
  const settings = { kind, repository: "clinic/app", environment: null, reviews: true, api, ...more }
  return askVendor(settings, token, { ...RUN, ...change })
}

const who = ({ claims }: Awaited<ReturnType<typeof ask>>) => claims.map(({ by }) => by)

describe("GitHub", () => {
  const at = "/repos/clinic/app"
  const user = (login: string) => ({ user: { login } })
  const run = {
    head_sha: commit(0),
    run_started_at: "2026-03-06T10:00:00Z",
    html_url: "https://ci.example/17",
    actor: { login: "ann" },
    triggering_actor: { login: "eve" },
  }
  const approval = (login: string, state = "approved", name = "Production") => ({
    state,
    comment: "",
    environments: [{ name }],
    ...user(login),
  })
  const pull = {
    number: 3,
    merged_at: "2026-03-06T09:00:00Z",
    merge_commit_sha: commit(0),
    html_url: "https://x",
    head: { sha: commit(1) },
    ...user("ann"),
  }
  const review = (login: string, state: string, commit_id = commit(1)) => ({
    state,
    commit_id,
    submitted_at: "2026-03-06T08:00:00Z",
    ...user(login),
  })
  const all = {
    [`${at}/actions/runs/17`]: run,
    [`${at}/actions/runs/17/approvals`]: [
      ...[
        approval("bob"),
        approval("ida", "approved", "production-approval-2"),
        approval("cleo", "approved", "staging"),
        approval("dan", "rejected"),
        approval("dan"),
      ],
    ],
    [`${at}/commits/${commit(0)}/pulls`]: [{ ...pull, number: 2, merged_at: null }, pull],
    [`${at}/pulls/3/commits`]: [{ sha: commit(1) }],
    [`${at}/pulls/3/reviews`]: new Pages(
      [review("fay", "APPROVED"), review("gus", "APPROVED"), review("hal", "APPROVED", commit(2))],
      [review("fay", "COMMENTED"), review("gus", "CHANGES_REQUESTED")],
    ),
  }

  test("counts who approved the run for this environment, and who approved the change as it was merged", async () => {
    answers = all
    const answer = await ask("github")
    expect(who(answer)).toEqual(["bob", "ida", "fay"])
    expect(answer).toMatchObject({ involved: ["ann", "eve", "ann"], refused: [] })
    expect(answer.claims[0]).toEqual({
      by: "bob",
      at: Date.parse(run.run_started_at),
      commit: commit(0),
      environment: null,
      images: null,
      source: "github environment",
      url: run.html_url,
    })
    expect(new Set(asked.map(({ token }) => token))).toEqual(new Set(["Bearer t0ken"]))
  })

  test("asks for reviews only where slipway.yaml says so, and for the environment by its name there", async () => {
    answers = all
    expect(who(await ask("github", {}, { reviews: false }))).toEqual(["bob", "ida"])
    expect(who(await ask("github", {}, { reviews: false, environment: "staging" }))).toEqual(["cleo"])
  })

  test.each([
    [
      "more commits than the reviewed change",
      { since: [commit(0), commit(3)] },
      all,
      /1 more commits than #3/,
    ],
    [
      "a commit that no change was merged as",
      {},
      { ...all, [`${at}/commits/${commit(0)}/pulls`]: [{ ...pull, merge_commit_sha: commit(4) }] },
      /no pull request was merged as this commit/,
    ],
  ])("counts no review for %s", async (_what, change, given, why) => {
    answers = given
    const answer = await ask("github", change)
    expect(who(answer)).toEqual(["bob", "ida"])
    expect(answer.refused.join()).toMatch(why)
  })

  test("names the commit of the run, whichever is released", async () => {
    answers = { ...all, [`${at}/actions/runs/17`]: { ...run, head_sha: commit(4) } }
    expect((await ask("github", {}, { reviews: false })).claims[0]).toMatchObject({
      by: "bob",
      commit: commit(4),
    })
  })
})

describe("GitLab", () => {
  const at = "/projects/clinic%2Fapp"
  const user = (username: string) => ({ user: { username } })
  const deployment = (id: number, pipeline: number) => ({
    id,
    sha: commit(0),
    deployable: { pipeline: { id: pipeline } },
  })
  const approval = (username: string, status = "approved") => ({
    status,
    created_at: "2026-03-06T10:00:00Z",
    ...user(username),
  })
  const job = (name: string, by: string, status = "success") => ({
    name,
    status,
    started_at: "2026-03-06T09:50:00Z",
    web_url: "https://x",
    ...user(by),
  })
  const merge = {
    iid: 4,
    state: "merged",
    sha: commit(1),
    merge_commit_sha: commit(0),
    squash_commit_sha: commit(2),
    author: { username: "ann" },
    web_url: "https://x",
  }
  const all = {
    [`${at}/pipelines/17`]: { sha: commit(0), web_url: "https://ci.example/17", ...user("eve") },
    [`${at}/pipelines/17/jobs`]: [
      job("production-approval-1", "ida"),
      job("production-approval-2", "jan", "skipped"),
      job("production-approval-x", "kim"),
      job("staging-approval-1", "leo"),
    ],
    [`${at}/deployments`]: [deployment(8, 18), deployment(7, 17)],
    [`${at}/deployments/7`]: {
      sha: commit(0),
      environment: { name: "production" },
      ...user("eve"),
      approvals: [approval("bob"), approval("dan", "rejected")],
    },
    [`${at}/repository/commits/${commit(0)}/merge_requests`]: [merge],
    [`${at}/merge_requests/4/commits`]: [{ id: commit(1) }],
    [`${at}/merge_requests/4/approvals`]: {
      approved_by: [
        { ...user("fay"), approved_at: "2026-03-06T09:30:00Z" },
        { ...user("gus"), approved_at: "2026-03-06T08:30:00Z" },
        user("hal"),
      ],
    },
    [`${at}/merge_requests/4/versions`]: [
      { head_commit_sha: commit(1), created_at: "2026-03-06T09:00:00Z" },
      { head_commit_sha: commit(3), created_at: "2026-03-06T07:00:00Z" },
    ],
  }

  test("counts who approved this pipeline's deployment, and the last version of the change", async () => {
    answers = all
    const answer = await ask("gitlab", { since: [commit(0), commit(1), commit(2)] })
    expect(who(answer)).toEqual(["ida", "bob", "fay"])
    expect(answer).toMatchObject({ involved: ["eve", "ann"], refused: [] })
    expect(answer.claims[1]).toMatchObject({ commit: commit(0), at: Date.parse("2026-03-06T10:00:00Z") })
  })

  test("counts nobody for a pipeline without a deployment, and no review of an older version", async () => {
    const versions = [{ head_commit_sha: commit(3), created_at: "2026-03-06T07:00:00Z" }]
    answers = {
      ...all,
      [`${at}/pipelines/17/jobs`]: [],
      [`${at}/deployments`]: [deployment(8, 18)],
      [`${at}/merge_requests/4/versions`]: versions,
    }
    const answer = await ask("gitlab")
    expect(who(answer)).toEqual([])
    expect(answer.refused).toEqual(["gitlab deployment: the pipeline has none to production"])
  })
})

describe("an API that does not answer as it should", () => {
  test.each([
    ["an error", {}, /runs\/17 answers 404/],
    ["another form", { "/repos/clinic/app/actions/runs/17": { head_sha: 1 } }, /head_sha/],
    ["nothing for a token that is missing", {}, /--approval-token/],
  ])("counts nobody: %s", async (what, given, why) => {
    answers = given
    const answer = await ask("github", {}, {}, what.includes("token") ? null : "t0ken")
    expect(answer).toMatchObject({ claims: [], refused: [expect.stringMatching(why)] })
    expect(JSON.stringify(answer)).not.toContain("t0ken")
  })

  test("counts nobody where it cannot be reached", async () => {
    expect((await ask("github", {}, { api: "http://127.0.0.1:9" })).refused.join()).toMatch(
      /github .*127\.0\.0\.1:9/,
    )
  })
})
