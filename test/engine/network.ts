import type { Server } from "node:http"
import * as os from "node:os"

/** The address of this machine that containers reach it by. */
export const HERE = Object.values(os.networkInterfaces())
  .flat()
  .flatMap((one) => (one?.family === "IPv4" && !one.internal ? one.address : []))
  .at(0)

/** Opens a server of this machine to containers, on a port that is free. @returns how they reach it. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, HERE, resolve))
  const address = server.address()
  return `http://${HERE}:${typeof address === "object" ? address?.port : null}`
}
