/** Steps that the caller runs: image verification, Terraform, smoke tests. */
import { beforeChange } from "./change.ts"
import type { Port, PortResult, RunContext } from "./context.ts"
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

/** How long a step may take to stop, in milliseconds: Terraform finishes its operation first. */
const STOP_MS = 120_000

interface Limit {
  readonly name: string
  readonly minutes: number
  readonly again?: boolean
}

/** Waits for a timer or a signal. */
function waiting(milliseconds: number, signal: AbortSignal | null): { over: Promise<void>; end: () => void } {
  let end = () => {}
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    const stop = () => resolve()
    signal?.addEventListener("abort", stop, { once: true })
    end = () => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", stop)
    }
  })
  return { over, end }
}

/**
 * Runs a step of the caller with a time limit in real minutes. When the run must stop, the step is told to, and waited
 * for: nothing that this run started goes on after it.
 */
export async function runPort(
  context: Pick<RunContext, "signal" | "found">,
  port: Port,
  limit: Limit,
): Promise<PortResult> {
  const { signal, found } = context
  if (signal.aborted) throw new Interrupted()
  const stop = new AbortController()
  const running = port({ signal: stop.signal, again: limit.again ?? false })
  const late = waiting(minutes(limit.minutes), signal)
  const first = await Promise.race([running, late.over.then(() => null)]).finally(late.end)
  // A command that the same signal reached says nothing about its plan.
  if (first !== null && first.exitCode !== 0 && signal.aborted) throw new Interrupted()
  if (first !== null) return first
  stop.abort()
  const grace = waiting(STOP_MS, null)
  const ended = await Promise.race([running, grace.over.then(() => null)]).finally(grace.end)
  if (ended === null) found.unstopped = [...(found.unstopped ?? []), limit.name]
  if (signal.aborted) throw new Interrupted()
  const why = `${limit.name} timed out after ${limit.minutes} min`
  return { exitCode: 124, output: [ended?.output ?? "", why].filter(Boolean).join("\n") }
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

const AGAIN =
  "an earlier run of this release started this plan: plan again, and run with the new plan, or without one if nothing is left to change"

const portStep = (step: PortStep): Step<RunContext> => ({
  name: step.name,
  minutes: step.minutes,
  once: step.once,
  run: async (context: RunContext): Promise<Done> => {
    const port = context.ports[step.name]
    if (!port) return absent(context, step)
    // Noted before: a rerun knows that the plan may be applied already.
    const again = step.once && context.book.journal().applying
    if (step.once) await beforeChange(context, { operation: step.name, on: {} })
    if (step.once && !again) await context.book.note({ applying: true })
    const result = await runPort(context, port, { name: step.name, minutes: step.minutes, again })
    if (result.exitCode === 0) {
      if (result.verdict) await context.book.note({ verdict: result.verdict })
      return did(again ? `${step.passed} (started by an earlier run)` : (result.note ?? step.passed))
    }
    context.found.bundle = { ...context.found.bundle, log: tailOf(result) }
    const { cause, fix } = explained(result)
    throw new Ended(
      end(step.name === "verify" ? "refused" : "failed", `${step.failed} (exit code ${result.exitCode})`, {
        cause,
        todo: [...fix, ...(again ? [AGAIN] : []), step.todo],
        // A new plan continues this release.
        resumable: again,
      }),
    )
  },
})

/** Runs the caller's verification of the images, before anything changes. */
export const verify = portStep({
  name: "verify",
  minutes: 15,
  once: false,
  passed: "signature, SBOM and verdict of the images are valid",
  failed: "the images failed verification",
  todo: "read the output of the verification below; nothing was changed",
  absent: "no verification requested",
})

/** Runs the caller's command that applies the reviewed plan. */
export const terraform = portStep({
  name: "terraform",
  minutes: 60,
  once: true,
  passed: "the reviewed plan is applied",
  failed: "Terraform did not apply the reviewed plan",
  todo: "read the output of Terraform below; no service was deployed, infrastructure may have changed in part",
  absent: "no plan to apply",
})
