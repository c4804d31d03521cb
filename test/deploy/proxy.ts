/** A proxy in front of a simulator, which looks at each call on its way. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http"

/** A call on its way. */
export interface Call {
  /** `UpdateService`; for S3 the method and the path: `PUT /clinic-state/slipway/staging/lease.json`. */
  readonly operation: string
  /** Its content type; "" without one. */
  readonly type: string
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Another server that answers in the simulator's place. */
interface Elsewhere {
  readonly from: string
}

/** What happens to a call: it goes on, is left without an answer, loses its connection, or is answered by another. */
export type Fate = "passes" | "dropped" | "reset" | Answer | Elsewhere

export interface Look {
  /** Called before a call reaches the simulator. */
  readonly before?: (call: Call) => Fate
  /** Headers that do not go on. */
  readonly without?: readonly string[]
  /** Headers of the answers, in the place of the simulator's own. */
  readonly headers?: Readonly<Record<string, string>>
  /** Called once the simulator has executed a call. Returns what becomes of its answer. */
  readonly after?: (call: Call) => Fate
}

export interface ProxyServer {
  readonly url: string
  readonly close: () => Promise<void>
}

const operationOf = ({ method = "", url = "/", headers }: IncomingMessage, body: string): string =>
  String(headers["x-amz-target"] ?? "").split(".")[1] ??
  /Action=(\w+)/.exec(body)?.[1] ??
  `${method} ${url.split("?")[0]}`

/** Gives the answer of the proxy, where it has one. @returns whether the call or the simulator's answer passes. */
function passes(fate: Fate, outgoing: ServerResponse): boolean {
  if (fate === "reset") outgoing.destroy()
  if (typeof fate !== "object") return fate === "passes"
  if ("from" in fate) return true
  outgoing.writeHead(fate.status, { "content-type": fate.type }).end(fate.body)
  return false
}

/** Returns the server that a call goes on to. */
const upstream = (fate: Fate, { url }: { readonly url: string }): string =>
  typeof fate === "object" && "from" in fate ? fate.from : url

const callOf = (incoming: IncomingMessage, body: string): Call => ({
  operation: operationOf(incoming, body),
  type: incoming.headers["content-type"] ?? "",
  body,
})

/** Starts a proxy on loopback. */
export async function proxyOf(
  simulator: { readonly url: string },
  { before = () => "passes", after = () => "passes", without = [], headers: own = {} }: Look,
): Promise<ProxyServer> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
    incoming.on("end", () => {
      const sent = Buffer.concat(chunks)
      const call = callOf(incoming, sent.toString())
      const fate = before(call)
      if (!passes(fate, outgoing)) return
      const { method, url = "/" } = incoming
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).filter(([name]) => !without.includes(name)),
      )
      const passed = forward(new URL(url, upstream(fate, simulator)), { method, headers }, (answer) => {
        if (!passes(after(call), outgoing)) return
        outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, ...own })
        answer.pipe(outgoing)
      })
      passed.on("error", () => outgoing.destroy())
      passed.end(sent)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
