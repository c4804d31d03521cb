/** A proxy in front of a simulator that answers some calls itself: storms, outages, refusals. */
import { createServer, request as forward } from "node:http"
import { operationIn } from "./program.ts"
import type { simulate } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

/** A call on its way. */
export interface Passing {
  /** `UpdateService`; for S3 the method and the path: `PUT /clinic-state/slipway/staging/lease.json`. */
  readonly operation: string
  /** Of the simulator, in milliseconds. */
  readonly now: number
  readonly body: string
}

/** An answer instead of the simulator's. */
export interface Instead {
  readonly status: number
  readonly code: string
}

export const THROTTLED: Instead = { status: 400, code: "ThrottlingException" }
export const DOWN: Instead = { status: 503, code: "ServiceUnavailable" }
export const DENIED: Instead = { status: 403, code: "AccessDenied" }

const XML = "application/xml"

/** Answers as the protocol of the call does: S3, Query, or JSON. */
function answerOf({ status, code }: Instead, operation: string, type: string) {
  const error = `<Error><Code>${code}</Code><Message>weather</Message></Error>`
  if (/^(GET|PUT) \//.test(operation)) return { status, type: XML, body: error }
  return type.includes("form")
    ? { status, type: XML, body: `<ErrorResponse>${error}</ErrorResponse>` }
    : {
        status,
        type: "application/x-amz-json-1.1",
        body: JSON.stringify({ __type: code, message: "weather" }),
      }
}

/** @param weather decides about each call; null: it goes on to the simulator. */
export async function weatherFor(simulator: Simulator, weather: (call: Passing) => Instead | null) {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
    incoming.on("end", () => {
      const body = Buffer.concat(chunks)
      const operation = operationIn(incoming, body.toString())
      const now = simulator.rehearsal.clock.now()
      const instead = weather({ operation, now, body: body.toString() })
      if (instead !== null) {
        const {
          status,
          type,
          body: text,
        } = answerOf(instead, operation, incoming.headers["content-type"] ?? "")
        outgoing.writeHead(status, { "content-type": type }).end(text)
        return
      }
      const path = new URL(incoming.url ?? "/", simulator.url)
      const passed = forward(path, { method: incoming.method, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      })
      passed.on("error", () => outgoing.destroy())
      passed.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close: (): Promise<void> => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
