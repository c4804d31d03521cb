import { oneLine } from "../../ci/src/formats/clean.js"
import { utc } from "../../ci/src/formats/figures.js"
import { parseJson, recordOf } from "../../ci/src/formats/json.js"
import { messageOf } from "../../modules/deploy/program/core/text.ts"
import { CommandFault } from "../fault.js"

/** The environment variable of the token. */
export const TOKEN = "RELEASE_TOKEN"

/** A request to the API of a platform. */
export interface Request {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** JSON, or the bytes of a file. */
  readonly body?: object | Buffer
  /** Statuses beside success that the caller handles. */
  readonly allow?: readonly number[]
}

/** A response of a platform, its body read as JSON. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Sends a request. @throws CommandFault `not-published` for a failure, or a refusal that the caller does not allow. */
export type Client = (url: string, request?: Request) => Promise<Answer>

const TIMEOUT_MS = 120_000
const ATTEMPTS = 3
const RETRY_MS = 1_000
/** The longest wait for the end of a rate limit. */
const PATIENCE_MS = 60_000

const failed = (what: string, fix: string): CommandFault => new CommandFault("not-published", what, fix)

const AGAIN = "run it again: it completes what is missing"

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Returns milliseconds until a rate limit ends, as `retry-after` or a vendor's header says; null where none is exceeded. */
function limitOf({ status, headers }: Response): number | null {
  const after = headers.get("retry-after")
  if (status !== 429 && (status !== 403 || (after === null && headers.get("x-ratelimit-remaining") !== "0")))
    return null
  if (after !== null) return Number(after) * 1000 || RETRY_MS
  const reset = Number(headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset"))
  return reset > 0 ? Math.max(RETRY_MS, reset * 1000 - Date.now()) : PATIENCE_MS
}

/** Returns milliseconds until a request is sent again; null where it is not: a POST that failed may have arrived. */
function waitOf(sent: Response | string, { method }: Request): number | null {
  const limit = typeof sent === "string" ? null : limitOf(sent)
  const failed = typeof sent === "string" || sent.status >= 500
  return failed && method !== "POST" ? RETRY_MS : limit
}

/** Says what a platform answered, in its own words. */
function refusalOf(status: number, body: unknown): string {
  const { message, error, errors } = recordOf(body)
  const words = [message ?? error, errors].filter((word) => word !== undefined && word !== null)
  const text = words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ")
  return oneLine(`${status} ${text}`.trim(), 300)
}

const FIXES: Readonly<Record<number, string>> = {
  401: `set ${TOKEN} to a token that is valid`,
  403: `set ${TOKEN} to a token that may write releases: docs/releases.md`,
  404: `check the repository's name, and that the token of ${TOKEN} may see it`,
}

/** Returns a client of an API. @param headers what every request has. */
export function clientOf(name: string, token: string, headers: Readonly<Record<string, string>>): Client {
  const send = (url: string, { method = "GET", body }: Request): Promise<Response> =>
    fetch(url, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        "user-agent": "slipway",
        "content-type": Buffer.isBuffer(body) ? "application/octet-stream" : "application/json",
      },
      body: Buffer.isBuffer(body) ? new Uint8Array(body) : ((body && JSON.stringify(body)) ?? null),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })

  /** Returns the last answer, or why none came. */
  async function patiently(url: string, request: Request): Promise<Response | string> {
    for (let attempt = 1; ; attempt += 1) {
      const sent = await send(url, request).catch(messageOf)
      const wait = waitOf(sent, request)
      if (wait === null || wait > PATIENCE_MS || attempt === ATTEMPTS) return sent
      await sleep(wait)
    }
  }

  return async (url, request = {}) => {
    const sent = await patiently(url, request)
    if (typeof sent === "string")
      throw failed(`${name} is unreachable: ${new URL(url).host}: ${oneLine(sent)}`, AGAIN)
    const { ok, status } = sent
    const limit = limitOf(sent)
    if (limit !== null) throw overLimit(name, limit)
    const body = parseJson(await sent.text())
    if (ok || request.allow?.includes(status)) return { status, body }
    const refused = `${request.method ?? "GET"} ${new URL(url).pathname}: ${refusalOf(status, body)}`
    throw failed(`${name} refused ${refused}`, FIXES[status] ?? AGAIN)
  }
}

const overLimit = (name: string, limit: number) =>
  failed(`${name}: the rate limit is exceeded until ${utc(Date.now() + limit)}`, "run it again then")

const PER_PAGE = 100

/** Reads a list of all pages. @param url without a query, or with one. */
export async function listOf(client: Client, url: string, page = 1): Promise<readonly unknown[]> {
  const { body } = await client(`${url}${url.includes("?") ? "&" : "?"}per_page=${PER_PAGE}&page=${page}`)
  const items: readonly unknown[] = Array.isArray(body) ? body : []
  return items.length < PER_PAGE ? items : [...items, ...(await listOf(client, url, page + 1))]
}
