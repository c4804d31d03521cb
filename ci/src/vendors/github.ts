import { isRecord, type JsonRecord, recordOf, recordsOf } from "../formats/json.js"
import {
  escaper,
  type Host,
  lines,
  perLevel,
  properties,
  type Remark,
  refOf,
  type Vendor,
  webAddress,
} from "./vendor.js"
import { wrapper } from "./wrappers/github.js"

/** GitHub shows ten annotations per level and step: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions */
const MOST = 10
const DATA = [
  ["%", "%25"],
  ["\r", "%0D"],
  ["\n", "%0A"],
] as const
const data = escaper(DATA)
const property = escaper([...DATA, [":", "%3A"], [",", "%2C"]])

function command({ level, file, line, title, message }: Remark): string {
  const place = file === null ? {} : { file, line }
  return `::${level} ${properties({ ...place, title }, property, ",")}::${data(message)}`
}

/** A merge queue's branch: gh-readonly-queue/BASE/pr-NUMBER-COMMIT. */
const QUEUE = /^refs\/heads\/gh-readonly-queue\/(.+)\/pr-(\d+)-[0-9a-f]+$/

/**
 * The run that a `workflow_run` follows. GITHUB_REF and GITHUB_SHA are the default branch's then: the other run counts
 * only where its commit is the one that is checked out.
 */
function followed({ event, checkedOut }: Host): JsonRecord {
  const run = recordOf(event.workflow_run)
  return run.head_sha === checkedOut ? run : {}
}

/** The branch of the followed run. A fork's is `owner:main`, as GitHub shows it: this repository has no such branch. */
function followedBranch(host: Host): string | undefined {
  const { head_branch: branch, head_repository: head, repository: base } = followed(host)
  const [from, to] = [head, base].map((one) => text(recordOf(one).full_name))
  const named = text(branch)
  return named && from && to && from !== to ? `${from.split("/")[0]}:${named}` : named
}

/** The pull request of the event, or of the run that is followed. */
const pullRequest = (host: Host): JsonRecord =>
  isRecord(host.event.pull_request)
    ? host.event.pull_request
    : (recordsOf(followed(host).pull_requests)[0] ?? {})

/** The pull request of a comment: to GitHub, it is an issue. */
function commentedOn({ event }: Host): string | undefined {
  const issue = recordOf(event.issue)
  return isRecord(issue.pull_request) ? text(issue.number) : undefined
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined

/**
 * GitHub Actions. GITHUB_SHA of a pull request is its merge into the base; the commit of its author is in the event
 * alone, and so is the number for `pull_request_target`, which runs on the base.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
export const github: Vendor = {
  name: "github",
  signs: ["GITHUB_ACTIONS"],
  payload: "GITHUB_EVENT_PATH",
  fields: {
    repository: "GITHUB_REPOSITORY",
    commit: "GITHUB_SHA",
    head: (_env, host) => text(recordOf(pullRequest(host).head).sha) ?? text(followed(host).head_sha),
    branch: (env, host) =>
      env.GITHUB_HEAD_REF ??
      followedBranch(host) ??
      text(recordOf(pullRequest(host).head).ref) ??
      refOf("heads", env.GITHUB_REF),
    tag: (env) => refOf("tags", env.GITHUB_REF),
    base: (env, host) =>
      env.GITHUB_BASE_REF ??
      QUEUE.exec(env.GITHUB_REF ?? "")?.[1] ??
      text(recordOf(pullRequest(host).base).ref),
    change: (env, host) =>
      /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? "")?.[1] ??
      QUEUE.exec(env.GITHUB_REF ?? "")?.[2] ??
      text(pullRequest(host).number) ??
      commentedOn(host),
    event: "GITHUB_EVENT_NAME",
    actor: (env) => env.GITHUB_TRIGGERING_ACTOR ?? env.GITHUB_ACTOR,
    url: ({ GITHUB_SERVER_URL: site, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id }) =>
      webAddress(site, repository, "actions/runs", id),
    run: "GITHUB_RUN_ID",
  },
  starters: ["GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR"],
  attempt: (env) => Number(env.GITHUB_RUN_ATTEMPT),
  annotations: { path: "annotations.txt", write: (all) => lines(perLevel(all, MOST).map(command)) },
  wrapper,
  shards: true,
}
