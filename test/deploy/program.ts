/** Runs the deployer as a separate program that can be killed. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { createServer, request as forward, type IncomingMessage } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "esbuild"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"

/** Bundles the program. @returns the path of the bundle. */
export async function bundle(): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), "slipway-deploy-"))
  await build({
    entryPoints: ["modules/deploy/program/main.ts"],
    ...{ bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "error", outdir },
    ...{ minify: true, outExtension: { ".js": ".mjs" } },
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url)',
    },
  })
  return join(outdir, "main.mjs")
}

interface Proxy {
  readonly url: string
  /** The operations that were called, in order. */
  readonly calls: readonly string[]
  readonly close: () => Promise<void>
}

/** When the program is killed: before its call reaches AWS, or after AWS has executed it and before it responds. */
export interface KillPoint {
  readonly call: number
  readonly carriedOut: boolean
}

/** Returns the operation of a call; for S3 its method and path. */
export const operationIn = ({ method = "", url = "/", headers }: IncomingMessage, body: string): string =>
  String(headers["x-amz-target"] ?? "").split(".")[1] ??
  /Action=(\w+)/.exec(body)?.[1] ??
  `${method} ${url.split("?")[0]}`

/**
 * Starts a proxy in front of a simulator that calls `kill` at a point.
 *
 * @param kill returns whether to drop the call.
 */
export async function proxyOf(
  simulator: Simulator,
  at: KillPoint | null,
  kill: () => boolean,
): Promise<Proxy> {
  const calls: string[] = []
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk))
    incoming.on("end", () => {
      const body = Buffer.concat(chunks)
      const path = incoming.url ?? "/"
      calls.push(operationIn(incoming, body.toString()))
      const hit = at !== null && calls.length === at.call
      if (hit && !at.carriedOut && kill()) return
      const options = { method: incoming.method, headers: incoming.headers }
      const passed = forward(new URL(path, simulator.url), options, (answer) => {
        if (hit && at.carriedOut && kill()) return
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      })
      passed.on("error", () => outgoing.destroy())
      passed.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

interface Exited {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the program with a request. */
export function start(file: string, request: object, endpoint: string, env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [file], {
    env: {
      PATH: process.env.PATH,
      NODE_NO_WARNINGS: "1",
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "canary-aws-secret-key",
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  })
  const out = { stdout: "", stderr: "" }
  child.stdout?.on("data", (chunk: Buffer) => {
    out.stdout += chunk.toString()
  })
  child.stderr?.on("data", (chunk: Buffer) => {
    out.stderr += chunk.toString()
  })
  child.stdin?.end(JSON.stringify(request))
  const exited = new Promise<Exited>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, ...out })),
  )
  return { child, exited }
}
