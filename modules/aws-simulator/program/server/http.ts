import type { IncomingMessage } from "node:http"
import type { Line } from "./clock.ts"

/** A request that was read whole. */
export interface Request extends Line {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** An answer that is ready to be sent. */
export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** Returns an answer with a JSON body. */
export const json = (value: unknown, status = 200): Response => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
})

/** Reads a whole request, with lower-case header names. */
export async function read(incoming: IncomingMessage, line: Line): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const url = new URL(incoming.url ?? "/", "http://simulator")
  const headers = Object.entries(incoming.headers).map(
    ([name, value]) => [name, String(value ?? "")] as const,
  )
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
    ...line,
  }
}
