import type { Directory } from "@dagger.io/dagger"
import { TAIL_LINES } from "./command.js"
import { explain, notOffered } from "./explain.js"
import { Undescribed } from "./fault.js"
import { gated, gatingOf } from "./gate.js"
import { given, type Shared } from "./given.js"
import { skipped } from "./outcome.js"
import type { StageRecord, Verdict } from "./result.js"
import { before } from "./schedule.js"
import { type Given, partOf, type Stage, type StageResult } from "./stage.js"
import { type Found, resultOf } from "./stored.js"
import { withUnreadFiles } from "./unread.js"

/**
 * Runs a stage. Returns its record, and the verdict before its gate was applied: what errored is not remembered.
 *
 * @param nonce a value for the environment of its commands, so that they run again; null to accept remembered results.
 */
export async function attempt(
  stage: Stage,
  shared: Shared,
  files: Directory,
  nonce: string | null,
): Promise<{ readonly record: StageRecord; readonly ran: Verdict }> {
  const began = Date.now()
  const own = given(stage, shared, files, nonce)
  const ran = await stage.run(own).then(
    (came) => {
      const result = withContents(came, stage, shared)
      // Before the review: a failure that is set aside is still a failure, and is not kept for other runs.
      shared.ran.set(stage.name, result)
      return shared.options.review(result)
    },
    (error: unknown) => thrown(error, shared),
  )
  const { outcome, cached } = await judged(stage, shared, own, ran)
  const ends = outcome.steps.map((step) => step.endedAt)
  // A stage without commands is as old as the stages that it is made from.
  const sources = before(stage, shared.stages).flatMap(({ name }) => shared.results.get(name)?.steps ?? [])
  const known = ends.length > 0 ? ends : sources.map((step) => step.endedAt)
  const record = {
    ...outcome,
    startedAt: Math.min(...outcome.steps.map((step) => step.startedAt), ends.length > 0 ? Infinity : began),
    endedAt: ends.length > 0 ? Math.max(...ends) : Date.now(),
    cached: cached ?? (known.length > 0 && Math.max(...known) < shared.startedAt),
  }
  return { record, ran: ran.verdict }
}

/** Adds which builds of images a stage looked at: those of the stages whose containers it got. */
function withContents(result: StageResult, { name }: Stage, { used, results }: Shared): StageResult {
  const got = [...(used.get(name)?.stages ?? [])].flatMap((other) => results.get(other)?.content ?? [])
  return result.contents || got.length === 0 ? result : { ...result, contents: got }
}

/** Returns the record of a stage whose result a store has. It does not run. */
export async function remembered(
  stage: Stage,
  shared: Shared,
  files: Directory,
  found: Found,
): Promise<StageRecord> {
  const result = shared.options.review(resultOf(found))
  const { outcome } = await judged(stage, shared, given(stage, shared, files, null), result)
  const { startedAt, endedAt, origin } = found.record
  return { ...outcome, startedAt, endedAt, cached: true, remembered: origin }
}

/** Applies a stage's gate to its result. Keeps what other stages and the evidence need of it. */
async function judged(stage: Stage, shared: Shared, own: Given, ran: StageResult) {
  const result = await withUnreadFiles(gated(ran, gatingOf(stage, shared)), stage.name, own)
  shared.results.set(stage.name, result)
  const { fullLog, images = [], cached, files: left = {}, ...outcome } = withoutPassedOn(result)
  if (fullLog && outcome.log.lines > TAIL_LINES) shared.fullLogs.set(stage.name, fullLog)
  for (const image of images) shared.images.set(image.name, image)
  return {
    outcome: {
      name: stage.name,
      needs: stage.needs,
      ...(stage.after ? { after: stage.after } : {}),
      ...partOf(stage),
      ...outcome,
      ...(Object.keys(left).length > 0 ? { files: Object.keys(left) } : {}),
    },
    cached,
  }
}

/** Returns the result of a stage that threw. A stage that lacks a setting in slipway.yaml is skipped, unless it must run. */
function thrown(error: unknown, { project, options }: Shared): StageResult {
  const must = options.named || project.config.policy === "strict"
  if (error instanceof Undescribed && !must) return skipped(error.message)
  return { ...explain(error), unavailable: notOffered(error) !== null }
}

/** Leaves out what is for other stages alone: the record of a run does not have it. */
const withoutPassedOn = ({
  container: _,
  content: _content,
  made: _made,
  lineHits: _hits,
  unread: _unread,
  unchecked: _unchecked,
  incomplete: _incomplete,
  onlyTests: _onlyTests,
  unavailable: _unavailable,
  worse: _worse,
  conclude: _conclude,
  until: _until,
  ...rest
}: StageResult) => rest
