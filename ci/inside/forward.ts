/**
 * Makes the app answer on localhost: browsers keep secure cookies, and give pages their whole API, only there and
 * over HTTPS.
 *
 *   node forward.ts <port here> <host> <port there>
 */
import { connect, createServer } from "node:net"

const [here, host, there] = process.argv.slice(2)

createServer((inner) => {
  const outer = connect(Number(there), host)
  inner.on("error", () => outer.destroy())
  outer.on("error", () => inner.destroy())
  inner.pipe(outer).pipe(inner)
}).listen(Number(here))
