/** A proxy in front of a simulator that answers some calls itself: storms, outages, refusals. */
import { type Answer, type Call, type ProxyServer, proxyOf } from "./proxy.ts"
import type { simulate } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

export interface Passing extends Pick<Call, "operation" | "body"> {
  /** Of the simulator, in milliseconds. */
  readonly now: number
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
export function answerOf(
  { status, code }: Instead,
  { operation, type }: Pick<Call, "operation" | "type">,
): Answer {
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
export const weatherFor = (
  simulator: Simulator,
  weather: (call: Passing) => Instead | null,
): Promise<ProxyServer> =>
  proxyOf(simulator, {
    before: ({ operation, type, body }) => {
      const instead = weather({ operation, now: simulator.rehearsal.clock.now(), body })
      return instead === null ? "passes" : answerOf(instead, { operation, type })
    },
  })
