/** Steps that the caller runs: image verification, Terraform, smoke tests. */
import type { PortResult, RunContext } from "./context.ts"
import { errorLine } from "./log.ts"
import { Ended, end, Interrupted } from "./outcome.ts"
import { type Done, did, type Step, skipped } from "./step.ts"
import { oneLine } from "./text.ts"
import { minutes } from "./wait.ts"

const LINES = 15

/** Returns the last lines of output. */
export const tailOf = ({ output }: PortResult): readonly string[] =>
  output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-LINES)
    .map((line) => oneLine(line, 500))

/** Prefix of the line with the fix in the output of `ci`. */
const FIX = "To fix it: "

/** Reads cause and fix from a failed step. `ci` prints the cause first and the fix last; others print an error anywhere. */
function explained(result: PortResult): {
  readonly cause: string | null
  readonly fix: readonly string[]
} {
  const lines = tailOf(result)
  const fix = lines.filter((line) => line.startsWith(FIX)).map((line) => line.slice(FIX.length))
  return { cause: (fix.length > 0 ? lines[0] : errorLine(lines)) ?? null, fix }
}

/** Runs a step of the caller's with a time limit in real minutes. */
export async function runPort(
  context: RunContext,
  port: () => Promise<PortResult>,
  limit: { readonly name: string; readonly minutes: number },
): Promise<PortResult> {
  let timer: NodeJS.Timeout | undefined
  let stop = () => {}
  const late = new Promise<PortResult>((resolve, reject) => {
    timer = setTimeout(
      () => resolve({ exitCode: 124, output: `${limit.name} timed out after ${limit.minutes} min` }),
      minutes(limit.minutes),
    )
    stop = () => reject(new Interrupted())
    context.signal.addEventListener("abort", stop, { once: true })
  })
  try {
    if (context.signal.aborted) throw new Interrupted()
    return await Promise.race([port(), late])
  } finally {
    clearTimeout(timer)
    context.signal.removeEventListener("abort", stop)
  }
}

interface PortStep {
  readonly name: "verify" | "terraform"
  readonly minutes: number
  readonly once: boolean
  readonly passed: string
  readonly failed: string
  readonly todo: string
  readonly absent: string
}

/** @throws {Ended} `refused` for production without a verifier, whoever calls. */
function absent({ request }: RunContext, step: PortStep): Done {
  if (step.name !== "verify" || !request.environment.production) return skipped(step.absent)
  throw new Ended(
    end(
      "refused",
      `no verifier given: ${request.environment.name} is production, and runs only verified images`,
      {
        todo: [
          "from a project: add `--key cosign.pub`, or `--identity` and `--issuer`",
          "without it: pass `--verify` to the program, or `verify` among the steps of the service",
        ],
      },
    ),
  )
}

const portStep = (step: PortStep): Step<RunContext> => ({
  name: step.name,
  minutes: step.minutes,
  once: step.once,
  run: async (context: RunContext): Promise<Done> => {
    const port = context.ports[step.name]
    if (!port) return absent(context, step)
    const result = await runPort(context, port, { name: step.name, minutes: step.minutes })
    if (result.exitCode === 0) {
      if (result.verdict) await context.book.note({ verdict: result.verdict })
      return did(step.passed)
    }
    context.found.bundle = { ...context.found.bundle, log: tailOf(result) }
    const { cause, fix } = explained(result)
    throw new Ended(
      end(step.name === "verify" ? "refused" : "failed", `${step.failed} (exit code ${result.exitCode})`, {
        cause,
        todo: [...fix, step.todo],
      }),
    )
  },
})

export const verify = portStep({
  name: "verify",
  minutes: 15,
  once: false,
  passed: "signature, SBOM and verdict of the images are valid",
  failed: "the images failed verification",
  todo: "read the output of the verification below; nothing was changed",
  absent: "no verification requested",
})

export const terraform = portStep({
  name: "terraform",
  minutes: 60,
  once: true,
  passed: "the reviewed plan is applied",
  failed: "Terraform did not apply the reviewed plan",
  todo: "read the output of Terraform below; no service was deployed, infrastructure may have changed in part",
  absent: "no plan to apply",
})
