import type * as http from "node:http"

// An import statement would read all of the module's exports, and so load its WebSocket: 20 ms.
const { request: send } = process.getBuiltinModule("node:http")

/** What a GraphQL server answers. */
export interface GraphQLResponse {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly data?: unknown
  readonly errors?: readonly {
    readonly message: string
    readonly extensions?: Readonly<Record<string, unknown>>
  }[]
}

/** What was asked, kept for error messages. */
export interface GraphQLRequest {
  readonly query: string
  readonly variables?: unknown
}

/** The error that the SDK's query builder knows how to turn into its own: the engine answered, but not with data. */
export class ClientError extends Error {
  readonly response: GraphQLResponse
  readonly request: GraphQLRequest

  constructor(response: GraphQLResponse, request: GraphQLRequest) {
    const message = response.errors?.[0]?.message ?? `GraphQL Error (Code: ${response.status})`
    super(`${message}: ${JSON.stringify({ response, request })}`)
    this.response = response
    this.request = request
  }
}

/** Where the engine's session listens, and how to enter it. */
export interface Session {
  readonly port: number
  readonly token: string
}

/** The headers that carry the active trace into the engine. */
export type TraceHeaders = () => Readonly<Record<string, string>>

/**
 * A GraphQL client for the engine's session, and no more than that: `node:http` on the loopback device, without
 * a timeout (a query may build for hours), keeping its connection.
 */
export class GraphQLClient {
  readonly url: string
  readonly #headers: Record<string, string>
  readonly #trace: TraceHeaders

  constructor(session: Session, trace: TraceHeaders) {
    this.url = `http://127.0.0.1:${session.port}/query`
    this.#trace = trace
    const credentials = Buffer.from(`${session.token}:`).toString("base64")
    this.#headers = {
      authorization: `Basic ${credentials}`,
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
    }
  }

  /** Sends a query and gives its data; a {@link ClientError} when the engine answers with errors. */
  async request(document: unknown, variables?: unknown): Promise<unknown> {
    return (await this.rawRequest(document, variables)).data
  }

  /** Sends a query and gives the whole answer. */
  async rawRequest(document: unknown, variables?: unknown): Promise<GraphQLResponse> {
    const request = { query: text(document), ...(variables === undefined ? {} : { variables }) }
    const response = await this.#post(JSON.stringify(request))
    if (response.errors || response.status >= 400 || response.data === undefined)
      throw new ClientError(response, request)
    return response
  }

  /** Sets a header on every later request. */
  setHeader(name: string, value: string): this {
    this.#headers[name.toLowerCase()] = value
    return this
  }

  /** Sets headers on every later request. */
  setHeaders(headers: Iterable<readonly [string, string]> | Readonly<Record<string, string>>): this {
    const entries = Symbol.iterator in headers ? headers : Object.entries(headers)
    for (const [name, value] of entries as Iterable<readonly [string, string]>) this.setHeader(name, value)
    return this
  }

  #post(body: string): Promise<GraphQLResponse> {
    return new Promise((resolve, reject) => {
      const headers = { ...this.#headers, ...this.#trace(), "content-length": Buffer.byteLength(body) }
      const request = send(this.url, { method: "POST", headers }, (response) => {
        const chunks: Buffer[] = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("error", (error) => reject(named(error)))
        response.on("end", () => resolve(parsed(response, Buffer.concat(chunks).toString("utf8"))))
      })
      request.on("error", (error) => reject(named(error)))
      request.end(body)
    })
  }
}

/** The source of a document: the string itself, or what a parsed document was made from. */
function text(document: unknown): string {
  if (typeof document === "string") return document
  const source = (document as { loc?: { source?: { body?: string } } } | null)?.loc?.source?.body
  if (source !== undefined) return source
  throw new TypeError("a GraphQL document must be a string")
}

function parsed(response: http.IncomingMessage, body: string): GraphQLResponse {
  const known = { status: response.statusCode ?? 0, headers: response.headers }
  try {
    return { ...known, ...JSON.parse(body) }
  } catch {
    return { ...known, errors: [{ message: body.trim() || `empty answer with status ${known.status}` }] }
  }
}

/** The SDK tells a closed session by the name in `errno`, where `node:http` puts a number. */
function named(error: NodeJS.ErrnoException): Error {
  return error.code === undefined ? error : Object.assign(error, { errno: error.code })
}
