/** Runs the deployer as a separate program that can be killed. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "esbuild"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import { type Call, proxyOf } from "./proxy.ts"

/** Bundles the program. @returns the path of the bundle. */
export async function bundle(): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), "slipway-deploy-"))
  await build({
    entryPoints: ["modules/deploy/program/main.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "error",
    outdir,
    minify: true,
    outExtension: { ".js": ".mjs" },
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url)',
    },
  })
  return join(outdir, "main.mjs")
}

/** When the program is killed: before its call reaches AWS, or after AWS has executed it and before it responds. */
export interface KillPoint {
  readonly call: number
  readonly carriedOut: boolean
}

/**
 * Starts a proxy in front of a simulator that calls `kill` at a point, and notes the operations that were called, in order.
 *
 * @param kill returns whether to drop the call.
 */
export async function killingProxy(simulator: Simulator, at: KillPoint | null, kill: () => boolean) {
  const calls: string[] = []
  let chosen: Call | null = null
  const proxy = await proxyOf(simulator, {
    before: (call) => {
      calls.push(call.operation)
      if (calls.length === at?.call) chosen = call
      return call === chosen && !at?.carriedOut && kill() ? "dropped" : "passes"
    },
    after: (call) => (call === chosen && at?.carriedOut && kill() ? "dropped" : "passes"),
  })
  return { ...proxy, calls }
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
