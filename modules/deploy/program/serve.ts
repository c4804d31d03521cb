/**
 * The deployer as an HTTP service, for a caller that runs some steps itself.
 *
 * `POST /run` with `{request, steps}` starts the run, once: the request, and the names of the caller's steps.
 * `GET /events?after=N` returns the events after the first N, and waits if there are none yet: lines to show, steps to
 * run, steps to stop, the result. `POST /steps/<name>` with `{exitCode, output}` reports the result of such a step. SIGTERM stops the run.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { json } from "node:stream/consumers"
import * as z from "zod"
import type { Port, PortResult, Ports } from "./core/context.ts"
import { readRequest } from "./core/request.ts"
import type { Result } from "./core/result.ts"
import { messageOf } from "./core/text.ts"
import { credentialsOf } from "./credentials.ts"
import { deploy } from "./deploy.ts"

type Event =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "needs"; readonly step: string; readonly again: boolean }
  | { readonly kind: "stop"; readonly step: string }
  | { readonly kind: "refused"; readonly problems: readonly string[] }
  | { readonly kind: "result"; readonly result: Result }

const PORT = 8080
/** How long `GET /events` waits for an event, in milliseconds. */
const LONG_POLL_MS = 20_000

const runSchema = z.object({ request: z.unknown(), steps: z.array(z.enum(["verify", "terraform"])) })
const stepSchema = z.object({
  exitCode: z.int(),
  output: z.string(),
  verdict: z.string().nullable().default(null),
  note: z.string().nullable().default(null),
})

const events: Event[] = []
const waiting = new Set<() => void>()
const open = new Map<string, (result: PortResult) => void>()
const stop = new AbortController()

function emit(event: Event): void {
  events.push(event)
  for (const wake of [...waiting]) wake()
}

/** A step that the caller runs: it ends when the caller reports its result. */
const callerStep =
  (step: string): Port =>
  ({ signal, again }) =>
    new Promise((resolve) => {
      open.set(step, resolve)
      emit({ kind: "needs", step, again })
      signal.addEventListener("abort", () => emit({ kind: "stop", step }), { once: true })
    })

async function run(body: unknown): Promise<void> {
  const { request, steps } = runSchema.parse(body)
  const read = readRequest(JSON.stringify(request))
  if (!read.ok) return emit({ kind: "refused", problems: read.problems })
  const ports: Ports = Object.fromEntries(steps.map((step) => [step, callerStep(step)]))
  const result = await deploy(read.request, {
    ...credentialsOf(read.request),
    ports,
    signal: stop.signal,
    print: (text) => emit({ kind: "line", text }),
    // The audit log is in the bucket and in the result.
    log: () => {},
  })
  emit({ kind: "result", result })
}

async function eventsAfter(seen: number): Promise<readonly Event[]> {
  if (events.length <= seen) {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, LONG_POLL_MS)
      waiting.add(wake)
    })
  }
  return events.slice(seen)
}

let started: Promise<void> | null = null

async function answer(method: string, url: URL, request: IncomingMessage): Promise<[number, unknown]> {
  const [, first = "", step = ""] = url.pathname.split("/")
  if (method === "GET" && first === "events")
    return [200, { events: await eventsAfter(Number(url.searchParams.get("after"))) }]
  if (method === "POST" && first === "run") {
    if (started !== null) return [409, "this service has already started its run"]
    started = run(await json(request)).catch((error: unknown) =>
      emit({ kind: "refused", problems: [String(error)] }),
    )
    return [200, {}]
  }
  const report = open.get(step)
  if (method === "POST" && first === "steps" && report) {
    open.delete(step)
    report(stepSchema.parse(await json(request)))
    return [200, {}]
  }
  return [404, `unknown request: ${method} ${url.pathname}`]
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://deployer")
  try {
    const [status, body] = await answer(request.method ?? "GET", url, request)
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  } catch (error) {
    response.writeHead(400).end(messageOf(error))
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => {
    stop.abort()
    void (started ?? Promise.resolve()).then(() => process.exit(0))
  })

const server = createServer((request, response) => void handle(request, response))
// A client pauses between two polls: a connection closed in that moment would look like a failure.
server.keepAliveTimeout = 3_600_000
server.listen(PORT)
