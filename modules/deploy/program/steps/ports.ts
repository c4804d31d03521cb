/** Steps that the caller brings: images' signatures, Terraform, smoke tests. */
import type { Given, PortResult } from "../given.ts"
import { tellingLine } from "../plan/log.ts"
import { Ended, end, Interrupted } from "../plan/outcome.ts"
import { oneLine } from "../plan/text.ts"
import { type Done, did, type Step, skipped } from "./step.ts"
import { minutes } from "./wait.ts"

const LINES = 15

/** The last lines that were printed. */
export const tailOf = ({ output }: PortResult): readonly string[] =>
  output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-LINES)
    .map((line) => oneLine(line, 500))

/** How `ci` begins the line that says what to do. */
const FIX = "To fix it: "

/** What a failed step says: `ci` begins with the cause and ends with what to do, others name an error somewhere. */
export function explained(result: PortResult): {
  readonly cause: string | null
  readonly fix: readonly string[]
} {
  const lines = tailOf(result)
  const fix = lines.filter((line) => line.startsWith(FIX)).map((line) => line.slice(FIX.length))
  return { cause: (fix.length > 0 ? lines[0] : tellingLine(lines)) ?? null, fix }
}

/** Runs what the caller brought, for so long at most, in real time. */
export async function runPort(
  given: Given,
  port: () => Promise<PortResult>,
  limit: { readonly name: string; readonly minutes: number },
): Promise<PortResult> {
  let timer: NodeJS.Timeout | undefined
  let stop = () => {}
  const late = new Promise<PortResult>((resolve, reject) => {
    timer = setTimeout(
      () => resolve({ exitCode: 124, output: `${limit.name} did not end in ${limit.minutes} min` }),
      minutes(limit.minutes),
    )
    stop = () => reject(new Interrupted())
    given.signal.addEventListener("abort", stop, { once: true })
  })
  try {
    if (given.signal.aborted) throw new Interrupted()
    return await Promise.race([port(), late])
  } finally {
    clearTimeout(timer)
    given.signal.removeEventListener("abort", stop)
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

const portStep = (step: PortStep): Step => ({
  name: step.name,
  minutes: step.minutes,
  once: step.once,
  run: async (given: Given): Promise<Done> => {
    const port = given.ports[step.name]
    if (!port) return skipped(step.absent)
    const result = await runPort(given, port, { name: step.name, minutes: step.minutes })
    if (result.exitCode === 0) return did(step.passed)
    given.found.bundle = { ...given.found.bundle, log: tailOf(result) }
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
  passed: "signature, SBOM and verdict of the images are right",
  failed: "the images are not what may be deployed",
  todo: "read the lines of the verification below; nothing was changed",
  absent: "the caller brings no verification",
})

export const terraform = portStep({
  name: "terraform",
  minutes: 60,
  once: true,
  passed: "the reviewed plan is applied",
  failed: "Terraform did not apply the reviewed plan",
  todo: "read Terraform's lines below; no service was touched, infrastructure may have changed in part",
  absent: "no plan to apply",
})
