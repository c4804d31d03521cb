import { type ChildProcess, spawn } from "node:child_process"
import * as net from "node:net"

/** A registry for tests, which asks for a login. */
export interface Registry {
  /** As the engine's containers name it. */
  readonly host: string
  /** Arguments of functions that reach it. */
  readonly reach: readonly string[]
  /** Asks it for an index, or puts one. */
  readonly ask: (method: string, path: string, body?: string) => Promise<Response>
  readonly stop: () => void
}

export const USERNAME = "tester"
export const PASSWORD = "opensesame"
const HTPASSWD = `${USERNAME}:$2b$05$abcdefghijklmnopqrstuuQbLfdQZSxZ9gjhA5V9o8Tyc6aQRO0Qi`

const SETTINGS: Readonly<Record<string, string>> = {
  REGISTRY_STORAGE_DELETE_ENABLED: "true",
  REGISTRY_AUTH: "htpasswd",
  REGISTRY_AUTH_HTPASSWD_REALM: "tests",
  REGISTRY_AUTH_HTPASSWD_PATH: "/htpasswd",
}

/** Starts a registry as a service that outlives a single call of the module. */
export async function startRegistry(): Promise<Registry> {
  const port = await freePort()
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => [
    ...["with-env-variable", "--name", name, "--value", value],
  ])
  const child = spawn(
    process.env._EXPERIMENTAL_DAGGER_CLI_BIN ?? "dagger",
    [
      ...["core", "container", "from", "--address", "registry:2"],
      ...["with-new-file", "--path", "/htpasswd", "--contents", HTPASSWD],
      ...settings,
      ...["with-exposed-port", "--port", "5000", "as-service", "--use-entrypoint"],
      ...["up", "--ports", `${port}:5000`],
    ],
    { env: { ...process.env, DAGGER_PROGRESS: "plain" }, stdio: ["ignore", "ignore", "pipe"] },
  )
  await said(child, "tunnel started")
  return {
    host: `registry:${port}`,
    reach: ["--service", `tcp://127.0.0.1:${port}`, "--username", USERNAME],
    ask: async (method, path, body = "") => {
      const index = "application/vnd.oci.image.index.v1+json"
      const authorization = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString("base64")}`
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { authorization, accept: index, "content-type": index },
        ...(body === "" ? {} : { body }),
      })
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
      return response
    },
    stop: () => child.kill("SIGINT"),
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() =>
        typeof address === "object" && address !== null
          ? resolve(address.port)
          : reject(new Error("no port")),
      )
    })
  })
}

/** Waits for a word among what a process says, and goes on reading so that it is never held up. */
function said(child: ChildProcess, word: string): Promise<void> {
  let text = ""
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (data: Buffer) => {
      text = `${text}${data.toString()}`.slice(-20_000)
      if (text.includes(word)) resolve()
    })
    child.on("close", () => reject(new Error(`the registry did not start:\n${text}`)))
  })
}
