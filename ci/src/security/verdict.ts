import type { Cause } from "../run/causes.js"
import { blockingText } from "../run/outcome.js"
import type { Finding, StageOutcome, Verdict } from "../run/result.js"
import type { Looking } from "./scanner.js"

/** Returns the verdict: blocking findings outrank scanners that did not look, and those outrank a clean result. */
export function conclude(
  looking: readonly Pick<Looking, "looked" | "cause">[],
  findings: readonly Finding[],
): Pick<StageOutcome, "verdict" | "cause" | "summary"> {
  const having = (status: string) => findings.filter(({ standing }) => standing?.status === status).length
  const blocking = having("blocks")
  const rest = (["reported", "known", "waived"] as const).flatMap((status) =>
    having(status) > 0 ? [`${having(status)} ${status}`] : [],
  )
  const judged = [blockingText(blocking), ...rest].join(", ")
  const says = (verdict: Verdict) =>
    looking
      .filter(({ looked }) => looked.verdict === verdict)
      .map(({ looked }) => `${looked.tool}: ${describe(looked)}`)
  const [saw, broken, left] = [says("passed"), says("errored"), says("skipped")]
  const at = [...saw, ...left].join("; ")
  if (blocking > 0)
    return { verdict: "failed", cause: "policy", summary: [judged, ...broken, at].filter(Boolean).join("; ") }
  const cause: Cause | undefined = looking.flatMap((each) => each.cause ?? [])[0]
  if (broken.length > 0)
    return {
      verdict: "errored",
      cause: cause ?? "errored",
      summary: [...broken, at, findings.length > 0 ? judged : ""].filter(Boolean).join("; "),
    }
  if (saw.length === 0)
    return { verdict: "skipped", cause: null, summary: left.join("; ") || "no scanner is configured" }
  return { verdict: "passed", cause: null, summary: `${saw.join("; ")}; ${[judged, ...left].join("; ")}` }
}

function describe({ what, database }: Looking["looked"]): string {
  const day = database?.updatedAt?.slice(0, 10)
  return day ? `${what}, database of ${day}` : what
}

/** Joins what the tools wrote, each under its name. */
export function logOf(looking: readonly Looking[]): StageOutcome["log"] {
  const parts = looking.filter(({ log }) => log.text.trim() !== "")
  const text = parts.map(({ looked, log }) => `[${looked.tool}]\n${log.text.trimEnd()}\n`).join("")
  const lines = parts.reduce((sum, { log }) => sum + log.lines + 1, 0)
  return { text, lines }
}
