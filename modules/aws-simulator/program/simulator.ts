/** The simulator: AWS's wire protocols on one port, with a virtual clock. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { type Scenario, SUCCESS } from "./scenario.ts"
import { alb, isAlb } from "./server/alb.ts"
import { answerAws } from "./server/aws.ts"
import { control, isControl } from "./server/control.ts"
import { json, type Request, type Response, read } from "./server/http.ts"
import { endCommands } from "./server/processes.ts"
import { type Rehearsal, startRehearsal } from "./server/rehearsal.ts"
import type { World } from "./world.ts"

/** A simulator that runs. */
export interface Simulator {
  /** For AWS_ENDPOINT_URL. */
  readonly url: string
  readonly rehearsal: Rehearsal
  readonly close: () => Promise<void>
}

interface Settings {
  readonly world: World
  readonly scenario?: Scenario
  /** 0: any free port. */
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
  connection: number,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const away = new AbortController()
  outgoing.on("close", () => away.abort())
  try {
    const request = await read(incoming, { connection, gone: away.signal })
    const { status, headers, body } = await answer(rehearsal, request)
    outgoing.writeHead(status, { ...headers })
    outgoing.end(incoming.method === "HEAD" ? "" : body)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    outgoing.writeHead(500, { "content-type": "application/json" })
    outgoing.end(json({ __type: "InternalFailure", message: `the simulator failed: ${message}` }).body)
  }
}

/** How long idle connections are kept, in real milliseconds. A closed one counts as the end of its participant. */
const KEPT = 60_000

/** Returns a server that reports closed connections to the clock. */
function serverFor(rehearsal: Rehearsal): Server {
  const numbers = new WeakMap<Socket, number>()
  const server = createServer((incoming, outgoing) => {
    void handle(rehearsal, numbers.get(incoming.socket) ?? 0, incoming, outgoing)
  })
  let count = 0
  server.on("connection", (socket) => {
    count += 1
    const number = count
    numbers.set(socket, number)
    socket.once("close", () => rehearsal.clock.disconnected(number))
  })
  server.keepAliveTimeout = KEPT
  return server
}

const EVERYWHERE = "0.0.0.0"

/** Starts the simulator. The rehearsal begins at once, at the scenario's start time. */
export async function startSimulator({
  world,
  scenario = SUCCESS,
  port = 0,
  host = "127.0.0.1",
}: Settings): Promise<Simulator> {
  const rehearsal = startRehearsal(world, scenario)
  const server = serverFor(rehearsal)
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const bound = typeof address === "object" && address !== null ? address.port : port
  const close = (): Promise<void> => {
    rehearsal.clock.close()
    endCommands(rehearsal)
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return { url: `http://${host === EVERYWHERE ? "127.0.0.1" : host}:${bound}`, rehearsal, close }
}
