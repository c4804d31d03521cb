import type { Config } from "../config/config.js"
import type { Gate, KindGate } from "../config/room.js"
import { sha256 } from "../formats/canonical.js"
import { plural } from "../formats/figures.js"
import { inCi } from "./context.js"
import type { Shared } from "./given.js"
import type { Finding, StageRecord, Standing } from "./result.js"
import type { Given, Stage, StageResult } from "./stage.js"

/** By what a stage's outcome is weighed. */
export interface Gating {
  readonly gate: Gate
  readonly policy: Config["policy"]
  /** False where a look that could not be taken must be red: in CI, under `strict`, and for what a caller named. */
  readonly lenient: boolean
  /** The stage in the record of the base; null where the base has no look of it. */
  readonly base: StageRecord | null
}

/**
 * Returns whose gate a stage is: the project's own where slipway.yaml sets it, else the stage's, else its kind's.
 *
 * @param written the keys of slipway.yaml, with dots.
 */
export function gateOf(
  { kind, gate }: Pick<Stage, "kind" | "gate">,
  gates: Readonly<Record<string, KindGate>>,
  written: readonly string[],
): Gate {
  const known = gates[kind]
  const sets = (key: string) => written.some((one) => one === key || one.startsWith(`${key}.`))
  if (known?.ownBy?.some(sets)) return "own"
  return gate ?? known?.gate ?? "own"
}

/** True where a look must be taken: a laptop may do without a token or a history, CI and `policy: strict` may not. */
export const mustLook = ({ context, project: { config } }: Pick<Given, "context" | "project">): boolean =>
  config.policy === "strict" || inCi(context)

/** Returns by what the outcome of a stage of this run is weighed. */
export function gatingOf(stage: Stage, { project, options }: Shared): Gating {
  const { config } = project
  const before = options.base?.stages.find(({ name }) => name === stage.name)
  return {
    gate: gateOf(stage, options.gates, config.written),
    policy: config.policy,
    lenient: !options.named && !mustLook({ context: options.context, project }),
    base: before?.verdict === "passed" || before?.verdict === "failed" ? before : null,
  }
}

/**
 * Turns what a stage found into how that counts. A gate of the project's own, and one that blocks under every policy,
 * keeps its verdict. One that Slipway adds reports; it blocks for what the base does not have.
 */
export function gated(result: StageResult, gating: Gating): StageResult {
  const added = gating.gate === "added" && gating.policy !== "strict"
  const ran = added ? withoutLook(result) : result
  const judged = added && ran.verdict === "failed" ? concluded(weighed(ran, gating)) : ran
  return gating.lenient ? excused(judged, gating.gate) : judged
}

/** A tool that took too long, or failed and names nothing, has not looked: that is nothing about the code. */
function withoutLook(result: StageResult): StageResult {
  const { verdict, cause, findings } = result
  const looked = cause !== "timed-out" && (verdict !== "failed" || findings.some(blocks))
  return looked ? result : { ...result, verdict: "errored" }
}

/**
 * Makes a visible skip of a look that could not be taken. Of several tools, those that looked count. A stage that
 * Slipway does not add is excused for a tool that this engine does not have, and for nothing else.
 */
function excused(result: StageResult, gate: Gate): StageResult {
  const { verdict, cause, unavailable = false, looked } = result
  if (verdict !== "errored" || cause === "configuration" || (gate !== "added" && !unavailable)) return result
  const some = !result.incomplete && (looked?.some((one) => one.verdict === "passed") ?? false)
  return {
    ...result,
    verdict: some ? "passed" : "skipped",
    cause: null,
    ...(looked
      ? {
          looked: looked.map((one) =>
            one.verdict === "errored" ? { ...one, verdict: "skipped" as const } : one,
          ),
        }
      : {}),
  }
}

const blocks = ({ standing }: Finding): boolean => (standing?.status ?? "blocks") === "blocks"

/** Names findings by what outlives moved lines and counts; the same one again has another name. */
export function names(findings: readonly Finding[]): readonly string[] {
  const seen = new Map<string, number>()
  return findings.map(({ fingerprint, rule, file, message }) => {
    if (fingerprint !== undefined) return fingerprint
    const name = sha256([rule, file ?? "", message.replace(/\d+/g, "")].join("\0"))
    const times = seen.get(name) ?? 0
    seen.set(name, times + 1)
    return `${name}-${times}`
  })
}

/** Gives each finding that would block its standing against the base. */
function weighed(result: StageResult, { base, policy }: Gating): StageResult {
  const all = result.findings
  const known = new Set(base ? names(base.findings) : [])
  const compared = names(all).map((name) => !known.has(name))
  const findings = all.map((finding, i): Finding => {
    if (!blocks(finding) || finding.standing?.always) return finding
    const isNew = base === null || policy === "report" ? null : (result.worse ?? compared[i] ?? true)
    const reason = result.worse ? "the base is better" : "new: the base does not have it"
    return { ...finding, standing: standing(finding.standing?.why ?? "", isNew, reason, policy) }
  })
  return { ...result, findings }
}

/** @param isNew null where there is no base to compare with. @param blocking why a new one blocks. */
function standing(why: string, isNew: boolean | null, blocking: string, policy: Config["policy"]): Standing {
  const because = (reason: string) => [why, reason].filter(Boolean).join("; ")
  if (isNew === null)
    return {
      status: "reported",
      why: because(policy === "report" ? "policy: report" : "no base to compare with"),
    }
  return isNew
    ? { status: "blocks", why: because(blocking) }
    : { status: "known", why: because("the base has it as well") }
}

/** Makes the verdict of an added gate from its findings. */
function concluded(result: StageResult): StageResult {
  const { findings, summary, cause } = result
  if (result.conclude) return { ...result, ...result.conclude(findings) }
  const blocking = findings.filter(blocks).length
  if (blocking > 0)
    return { ...result, summary: `${plural(blocking, "new finding")}; ${summary}`, cause: cause ?? "failed" }
  const reported = findings.some(({ standing }) => standing?.status === "reported")
  const note = reported ? "reported, does not block" : "as in the base"
  return { ...result, verdict: "passed", cause: null, summary: `${summary}; ${note}` }
}
