/**
 * Makes the ports that containers publish answer on localhost, as they do beside a Docker daemon of the same machine.
 *
 *   node published.ts <host of the daemon> <its port>
 *
 * Writes a file once it listens for containers that start.
 */
import { writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"

const [host = "", port = ""] = process.argv.slice(2)
const open = new Set<number>()

interface Container {
  readonly Ports: readonly { readonly PublicPort?: number; readonly Type: string }[]
}

async function look(): Promise<void> {
  const response = await fetch(`http://${host}:${port}/containers/json`)
  const containers = (await response.json()) as readonly Container[]
  for (const { PublicPort: here, Type } of containers.flatMap(({ Ports }) => Ports)) {
    if (here === undefined || Type !== "tcp" || open.has(here)) continue
    open.add(here)
    const server = createServer((inner) => {
      const outer = connect(here, host)
      inner.on("error", () => outer.destroy())
      outer.on("error", () => inner.destroy())
      inner.pipe(outer).pipe(inner)
    })
    // A program of the tests may listen there itself.
    server.on("error", () => {})
    server.listen(here)
  }
}

const events = encodeURIComponent(JSON.stringify({ type: ["container"], event: ["start"] }))
const stream = await fetch(`http://${host}:${port}/events?filters=${events}`)
await look()
writeFileSync("/tmp/slipway-published", "")
const reader = stream.body?.getReader()
while (reader && !(await reader.read()).done) await look().catch(() => {})
