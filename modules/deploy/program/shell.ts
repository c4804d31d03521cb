import { spawn } from "node:child_process"
import type { PortResult } from "./core/context.ts"
import type { Request } from "./core/request.ts"

/** Characters of output that are kept. */
const OUTPUT = 200_000

/** Environment variables that only trusted commands see. */
const SECRET = /^AWS_|^SLIPWAY_(NOTIFY|WEB_IDENTITY_TOKEN|APPROVAL_TOKEN)$/

/**
 * Returns a step that runs a shell command, with SLIPWAY_COMMIT and SLIPWAY_IMAGES (one a line) of the release. SIGTERM
 * ends the command too.
 *
 * @param trusted whether the command sees AWS credentials and tokens.
 */
export const shellCommand =
  (line: string, { release }: Request, trusted: boolean) =>
  (): Promise<PortResult> =>
    new Promise((resolve) => {
      const kept = Object.entries(process.env).filter(([name]) => trusted || !SECRET.test(name))
      const env = {
        ...Object.fromEntries(kept),
        SLIPWAY_COMMIT: release.commit,
        SLIPWAY_IMAGES: Object.values(release.images).join("\n"),
      }
      const child = spawn("sh", ["-c", line], { env, stdio: ["ignore", "pipe", "pipe"] })
      let output = ""
      const append = (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-OUTPUT)
      }
      child.stdout.on("data", append)
      child.stderr.on("data", append)
      child.on("error", (error) => resolve({ exitCode: 127, output: error.message }))
      child.on("close", (code) => resolve({ exitCode: code ?? 137, output }))
      const stop = () => child.kill("SIGTERM")
      process.once("SIGTERM", stop)
      child.on("close", () => process.off("SIGTERM", stop))
    })
