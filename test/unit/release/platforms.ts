import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type Server } from "node:http"
import { isRecord, type JsonRecord, parseJson } from "../../../ci/src/formats/json.js"

/**
 * The APIs of GitHub and GitLab as their references describe releases, with what they refuse: a wrong token, a tag or a
 * name that is taken, a file at the wrong host, too many requests. Both know one repository.
 */
export const REPOSITORY = "team/clinic"
export const SECRET = "token-of-the-test"

/** What a platform answers. `headers` beside those of JSON. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Call {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly bytes: Buffer
  readonly json: JsonRecord
}

/** A local server, and what tests change of it. */
export interface Local {
  readonly url: string
  /** Commits by tag. */
  readonly tags: Map<string, string>
  /** Requests that changed something, as `POST /repos/…`. */
  readonly changes: string[]
  /** Answers to the next requests, instead of its own; null for its own one. */
  readonly next: (Answer | null)[]
  /** Changes the text of every release. */
  readonly rewrite: (text: string) => void
  readonly close: () => Promise<void>
}

export type Route = readonly [
  method: string,
  path: RegExp,
  answer: (call: Call, ...words: readonly string[]) => Answer,
]

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex")

export const problem = (status: number, message: unknown, errors?: unknown): Answer => ({
  status,
  body: { message, ...(errors !== undefined && { errors }) },
})

/** Returns a page of a list, as `per_page` and `page` ask for it. */
export function pageOf(all: readonly unknown[], { query }: Call): Answer {
  const size = Number(query.get("per_page") ?? 30)
  const start = (Number(query.get("page") ?? 1) - 1) * size
  return { status: 200, body: all.slice(start, start + size) }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Starts a server of some routes. It refuses a request without the token, and one of no route. */
export async function serve(
  routes: readonly Route[],
  shared: Pick<Local, "changes" | "next">,
): Promise<{ readonly url: string; readonly server: Server }> {
  const answer = (request: IncomingMessage, bytes: Buffer): Answer => {
    const method = request.method ?? ""
    const { pathname: path, searchParams: query } = new URL(request.url ?? "", "http://local")
    if (request.headers.authorization !== `Bearer ${SECRET}`) return problem(401, "Bad credentials")
    if (!request.headers["user-agent"]) return problem(403, "Request forbidden by administrative rules")
    const instead = shared.next.shift()
    if (instead) return instead
    const json = parseJson(bytes.toString("utf8"))
    const call: Call = { method, path, query, bytes, json: isRecord(json) ? json : {} }
    const route = routes.find(([verb, form]) => verb === method && form.test(path))
    const words = route?.[1].exec(path)?.slice(1) ?? []
    const own = route?.[2](call, ...words) ?? problem(404, "Not Found")
    if (method !== "GET" && own.status < 400) shared.changes.push(`${method} ${path}`)
    return own
  }
  const server = createServer(async (request, response) => {
    const { status, body, headers } = answer(request, await bytesOf(request))
    response.writeHead(status, { "content-type": "application/json", ...headers })
    response.end(body === undefined ? "" : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, server }
}

export const closed = (...servers: readonly Server[]): Promise<void> =>
  Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve)))).then(() => {})
