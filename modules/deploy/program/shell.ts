import { spawn } from "node:child_process"
import type { Port } from "./core/context.ts"
import type { Request } from "./core/request.ts"

/** Characters of output that are kept. */
const OUTPUT = 200_000

/** Environment variables that only trusted commands see. */
const SECRET = /^AWS_|^SLIPWAY_(NOTIFY|WEB_IDENTITY_TOKEN|APPROVAL_TOKEN|DEPLOYMENT_TOKEN)$/

/** How long a command may take to end after SIGTERM, in milliseconds; then it is killed. */
const GRACE_MS = 60_000

/**
 * Returns a step that runs a shell command, with SLIPWAY_COMMIT and SLIPWAY_IMAGES (one a line) of the release, and
 * SLIPWAY_AGAIN=1 if an earlier run of the release started it. It runs in its own process group, which is stopped as a whole.
 *
 * @param trusted whether the command sees AWS credentials and tokens.
 */
export const shellCommand =
  (line: string, { release }: Request, trusted: boolean): Port =>
  ({ signal, again }) =>
    new Promise((resolve) => {
      const kept = Object.entries(process.env).filter(([name]) => trusted || !SECRET.test(name))
      const env = {
        ...Object.fromEntries(kept),
        SLIPWAY_COMMIT: release.commit,
        SLIPWAY_IMAGES: Object.values(release.images).join("\n"),
        ...(again ? { SLIPWAY_AGAIN: "1" } : {}),
      }
      const child = spawn("sh", ["-c", line], { env, stdio: ["ignore", "pipe", "pipe"], detached: true })
      let output = ""
      const append = (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-OUTPUT)
      }
      child.stdout.on("data", append)
      child.stderr.on("data", append)
      let killing: NodeJS.Timeout | undefined
      const end = (name: NodeJS.Signals) => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, name)
        } catch {
          // The group has ended.
        }
      }
      const stop = () => {
        end("SIGTERM")
        killing = setTimeout(() => end("SIGKILL"), GRACE_MS)
      }
      signal.addEventListener("abort", stop, { once: true })
      const over = (exitCode: number, text: string) => {
        clearTimeout(killing)
        signal.removeEventListener("abort", stop)
        resolve({ exitCode, output: text })
      }
      child.on("error", (error) => over(127, error.message))
      child.on("close", (code) => over(code ?? 137, output))
    })
