/** A server that speaks the deployments of GitHub and GitLab, as their documentation has them. */
import { createServer, type IncomingMessage } from "node:http"
import { text } from "node:stream/consumers"
import * as z from "zod"

const github = z.strictObject({
  ref: z.string(),
  environment: z.string(),
  payload: z.looseObject({}),
  description: z.string().max(140),
  production_environment: z.boolean(),
  auto_merge: z.literal(false),
  required_contexts: z.tuple([]),
})
const githubStatus = z.strictObject({
  state: z.enum(["error", "failure", "inactive", "in_progress", "queued", "pending", "success"]),
  description: z.string().max(140),
  log_url: z.url().optional(),
})
const gitlabStatus = z.enum(["running", "success", "failed", "canceled"])
const gitlab = z.strictObject({
  environment: z.string(),
  sha: z.string(),
  ref: z.string(),
  tag: z.boolean(),
  status: gitlabStatus,
})

interface Deployment {
  readonly id: number
  readonly environment: string
  readonly sha: string
  readonly payload: unknown
  /** All that it had, the newest last. */
  readonly states: string[]
  readonly urls: (string | undefined)[]
}

type Answer = readonly [number, unknown]
type Handler = (forge: Forge, path: RegExpExecArray, query: URLSearchParams, body: unknown) => Answer

interface Forge {
  readonly all: Deployment[]
}

const shown = ({ states, urls: _, ...rest }: Deployment) => ({
  ...rest,
  status: states.at(-1),
  deployable: null,
})

function add(
  forge: Forge,
  made: Pick<Deployment, "environment" | "sha" | "payload">,
  states: string[],
): Answer {
  const one = { id: forge.all.length + 1, ...made, states, urls: [] }
  forge.all.push(one)
  return [201, shown(one)]
}

const list: Handler = ({ all }, _path, query) => [
  200,
  all
    .filter(
      ({ environment, sha }) => environment === query.get("environment") && sha === (query.get("sha") ?? sha),
    )
    .map(shown)
    .reverse(),
]

const change =
  (act: (one: Deployment, body: unknown) => Answer): Handler =>
  ({ all }, [, id], _query, body) => {
    const one = all.find((each) => String(each.id) === id)
    return one === undefined ? [404, {}] : act(one, body)
  }

const HANDLERS: readonly (readonly [string, RegExp, Handler])[] = [
  ["GET", /^\/(?:repos\/clinic\/app|projects\/clinic%2Fapp)\/deployments$/, list],
  [
    "POST",
    /^\/repos\/clinic\/app\/deployments$/,
    (forge, _path, _query, body) => {
      const { ref: sha, environment, payload } = github.parse(body)
      return add(forge, { sha, environment, payload }, [])
    },
  ],
  [
    "GET",
    /^\/repos\/clinic\/app\/deployments\/(\d+)\/statuses$/,
    change(({ states }) => [200, states.map((state) => ({ state })).reverse()]),
  ],
  [
    "POST",
    /^\/repos\/clinic\/app\/deployments\/(\d+)\/statuses$/,
    change(({ states, urls }, body) => {
      const { state, log_url } = githubStatus.parse(body)
      states.push(state)
      urls.push(log_url)
      return [201, {}]
    }),
  ],
  [
    "POST",
    /^\/projects\/clinic%2Fapp\/deployments$/,
    (forge, _path, _query, body) => {
      const { sha, environment, status } = gitlab.parse(body)
      return add(forge, { sha, environment, payload: null }, [status])
    },
  ],
  [
    "PUT",
    /^\/projects\/clinic%2Fapp\/deployments\/(\d+)$/,
    change(({ states }, body) => {
      states.push(z.strictObject({ status: gitlabStatus }).parse(body).status)
      return [200, {}]
    }),
  ],
]

function answered(forge: Forge, method: string, url: URL, body: unknown): Answer {
  for (const [of, pattern, handle] of HANDLERS) {
    const path = of === method ? pattern.exec(url.pathname) : null
    if (path !== null) return handle(forge, path, url.searchParams, body)
  }
  return [404, {}]
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const body = await text(request)
  return body === "" ? null : JSON.parse(body)
}

export const TOKEN = "canary-deployment-token"

/** Starts the server. @param down answers instead of it; null: nothing. */
export async function forge(down: () => number | null = () => null) {
  const state: Forge = { all: [] }
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://forge")
    const refused = request.headers.authorization === `Bearer ${TOKEN}` ? down() : 401
    const [status, body] =
      refused === null ? answered(state, request.method ?? "", url, await bodyOf(request)) : [refused, {}]
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    api: `http://127.0.0.1:${port}`,
    all: state.all,
    close: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
