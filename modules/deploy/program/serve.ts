/**
 * The deployer as a service, for a caller who runs some of its steps himself.
 *
 * `POST /run` takes `{request, steps}` once: the request, and the names of the steps that the caller brings.
 * `GET /events?after=N` waits for what follows the first N events: lines for people, steps that are needed, the result.
 * `POST /steps/<name>` takes what such a step ended with. SIGTERM stops the run as it stops the program.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { json } from "node:stream/consumers"
import * as z from "zod"
import { deploy } from "./deploy.ts"
import type { PortResult, Ports } from "./given.ts"
import { readRequest } from "./request.ts"
import type { Result } from "./result.ts"
import { accessOf, notifySecrets, secretValues } from "./secrets.ts"

type Event =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "needs"; readonly step: string }
  | { readonly kind: "refused"; readonly problems: readonly string[] }
  | { readonly kind: "result"; readonly result: Result }

const PORT = 8080
/** How long an answer is held back when nothing happens, in milliseconds. */
const PATIENCE = 20_000

const STEPS = ["verify", "terraform", "smoke"] as const

const callSchema = z.object({ request: z.unknown(), steps: z.array(z.enum(STEPS)) })
const broughtSchema = z.object({ exitCode: z.int(), output: z.string() })

const events: Event[] = []
const waiting = new Set<() => void>()
const open = new Map<string, (result: PortResult) => void>()
const stop = new AbortController()

function tell(event: Event): void {
  events.push(event)
  for (const wake of [...waiting]) wake()
}

/** A step of the caller's: it is over when he says so. */
const brought = (step: string) => (): Promise<PortResult> =>
  new Promise((resolve) => {
    open.set(step, resolve)
    tell({ kind: "needs", step })
  })

async function run(body: unknown): Promise<void> {
  const { request, steps } = callSchema.parse(body)
  const read = readRequest(JSON.stringify(request))
  if (!read.ok) return tell({ kind: "refused", problems: read.problems })
  const ports: Ports = Object.fromEntries(steps.map((step) => [step, brought(step)]))
  const result = await deploy(read.request, {
    access: accessOf(read.request),
    ...{ ports, notify: notifySecrets(), secrets: secretValues(), signal: stop.signal },
    print: (text) => tell({ kind: "line", text }),
    // It is kept in the bucket, and in the result.
    log: () => {},
  })
  tell({ kind: "result", result })
}

/** The events after the first `seen`; waits for one where there is none yet. */
async function eventsAfter(seen: number): Promise<readonly Event[]> {
  if (events.length <= seen) {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, PATIENCE)
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
    if (started !== null) return [409, "a run is going on"]
    started = run(await json(request)).catch((error: unknown) =>
      tell({ kind: "refused", problems: [String(error)] }),
    )
    return [200, {}]
  }
  const over = open.get(step)
  if (method === "POST" && first === "steps" && over) {
    open.delete(step)
    over(broughtSchema.parse(await json(request)))
    return [200, {}]
  }
  return [404, `there is no ${method} ${url.pathname}`]
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://deployer")
  try {
    const [status, body] = await answer(request.method ?? "GET", url, request)
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  } catch (error) {
    response.writeHead(400).end(error instanceof Error ? error.message : String(error))
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => {
    stop.abort()
    void (started ?? Promise.resolve()).then(() => process.exit(0))
  })

const server = createServer((request, response) => void handle(request, response))
// Who asks waits between two questions, and would meet a connection that ends just then.
server.keepAliveTimeout = 3_600_000
server.listen(PORT)
