/** The simulator: AWS's wire protocols for what a deployment needs, on one port and a virtual clock. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { type Scenario, SUCCESS } from "./scenario.ts"
import { alb, isAlb } from "./server/alb.ts"
import { answerAws } from "./server/aws.ts"
import { control, isControl } from "./server/control.ts"
import { json, type Request, type Response, read } from "./server/http.ts"
import { type Rehearsal, startRehearsal } from "./server/rehearsal.ts"
import type { World } from "./world.ts"

export interface Simulator {
  /** For AWS_ENDPOINT_URL. */
  readonly url: string
  readonly rehearsal: Rehearsal
  readonly close: () => Promise<void>
}

export interface Settings {
  readonly world: World
  readonly scenario?: Scenario
  /** 0: any that is free. */
  readonly port?: number
  readonly host?: string
}

function answer(rehearsal: Rehearsal, request: Request): Promise<Response> | Response {
  const participant = request.headers["x-simulator-participant"]
  if (participant !== undefined) rehearsal.clock.heard(participant)
  if (isControl(request.path)) return control(rehearsal, request)
  return isAlb(request.path) ? alb(rehearsal, request) : answerAws(rehearsal, request)
}

async function handle(
  rehearsal: Rehearsal,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.on("close", () => gone.abort())
  try {
    const { status, headers, body } = await answer(rehearsal, await read(incoming, gone.signal))
    outgoing.writeHead(status, { ...headers })
    outgoing.end(incoming.method === "HEAD" ? "" : body)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    outgoing.writeHead(500, { "content-type": "application/json" })
    outgoing.end(json({ __type: "InternalFailure", message: `The simulator failed: ${message}` }).body)
  }
}

/** Starts it. The rehearsal begins at once, at the scenario's time. */
export async function startSimulator({
  world,
  scenario = SUCCESS,
  port = 0,
  host = "127.0.0.1",
}: Settings): Promise<Simulator> {
  const rehearsal = startRehearsal(world, scenario)
  const server = createServer((incoming, outgoing) => void handle(rehearsal, incoming, outgoing))
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const bound = typeof address === "object" && address !== null ? address.port : port
  const close = (): Promise<void> => {
    rehearsal.clock.close()
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return { url: `http://${host}:${bound}`, rehearsal, close }
}
