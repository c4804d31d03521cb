/**
 * Makes services answer on localhost: the app, because browsers keep secure cookies and give pages their whole API only
 * there; services of tests, because tests look for them where the team's compose file publishes them.
 *
 *   node forward.ts <port here> <host> <port there> […]
 *
 * Writes a file once all ports are open.
 */
import { writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"

const words = process.argv.slice(2)
const ways = Array.from({ length: Math.floor(words.length / 3) }, (_, i) => words.slice(i * 3, i * 3 + 3))

await Promise.all(
  ways.map(([here, host, there]) => {
    const server = createServer((inner) => {
      const outer = connect(Number(there), host)
      inner.on("error", () => outer.destroy())
      outer.on("error", () => inner.destroy())
      inner.pipe(outer).pipe(inner)
    })
    return new Promise<void>((resolve) => server.listen(Number(here), resolve))
  }),
)
writeFileSync("/tmp/slipway-forward", "")
