/**
 * Sends requests and keeps the answers; runs in the container of the stage.
 *
 *   node send.ts <file with JSON: Plan> <file for JSON: Exchange[]>
 */
import { readFile, writeFile } from "node:fs/promises"
import { Agent, request as open } from "node:http"
import type { Exchange, Plan, Request } from "../src/app/dast/exchange.js"

const SIDE_BY_SIDE = 8
const PATIENCE = 15_000
const BYTES = 512 * 1024

const [from = "", to = ""] = process.argv.slice(2)
const plan: Plan = JSON.parse(await readFile(from, "utf8"))
const agent = new Agent({ keepAlive: true, maxSockets: SIDE_BY_SIDE })

function send(request: Request): Promise<Exchange> {
  const { method, path, headers, body } = request
  return new Promise((resolve) => {
    const failed = (error: unknown) =>
      resolve({ ...request, status: 0, answered: [], text: "", error: String(error) })
    const sent = open(new URL(plan.origin), { agent, method, path, headers, timeout: PATIENCE }, (answer) => {
      const parts: Buffer[] = []
      let size = 0
      answer.on("data", (part: Buffer) => {
        if (size < BYTES) parts.push(part)
        size += part.length
      })
      answer.on("error", failed)
      answer.on("end", () => {
        const raw = answer.rawHeaders
        const answered = raw.flatMap((name, i) =>
          i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1] ?? ""] as const] : [],
        )
        const text = Buffer.concat(parts).subarray(0, BYTES).toString("utf8")
        resolve({ ...request, status: answer.statusCode ?? 0, answered, text, error: null })
      })
    })
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${PATIENCE / 1000} s`)))
    sent.on("error", failed)
    sent.end(body ?? undefined)
  })
}

/** The app's own addresses in a page: of links, scripts and forms. */
function links({ path, text, answered }: Exchange): readonly string[] {
  if (!answered.some(([name, value]) => name === "content-type" && value.includes("html"))) return []
  const base = new URL(path, plan.origin)
  return [...text.matchAll(/\b(?:href|src|action)\s*=\s*["']?([^"'\s>]+)/gi)].flatMap(([, link = ""]) => {
    const url = URL.canParse(link, base) ? new URL(link, base) : null
    return url?.origin === base.origin ? [url.pathname + url.search] : []
  })
}

const exchanges: Exchange[] = []
const seen = new Set(plan.requests.map(({ path }) => path))
const waiting: Request[] = [...plan.requests]
let followed = 0

async function worker(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const exchange = await send(next)
    exchanges.push(exchange)
    for (const path of next.why === "page" ? links(exchange) : []) {
      if (seen.has(path) || followed >= plan.follow) continue
      seen.add(path)
      followed++
      waiting.push({ why: "page", method: "GET", path, headers: {}, body: null })
    }
  }
}

// One that finds nothing to do ends; while a page is under way, others may still be needed for what it links to.
while (waiting.length > 0) await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
agent.destroy()
// In an order that does not depend on who answered first.
const key = ({ why, method, path, body }: Request) => `${why} ${method} ${path} ${body}`
exchanges.sort((a, b) => (key(a) < key(b) ? -1 : 1))
await writeFile(to, JSON.stringify(exchanges))
console.log(`${exchanges.length} requests sent to ${plan.origin}`)
