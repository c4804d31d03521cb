import { createHash } from "node:crypto"
import { type Directory, dag, type File } from "@dagger.io/dagger"
import { engineFilter } from "../formats/glob.js"
import { withTargets } from "../project/links.js"
import type { Project } from "../project/project.js"
import { TAIL_LINES } from "./command.js"
import { explain, notOffered } from "./explain.js"
import { Undescribed } from "./fault.js"
import { gated, gatingOf } from "./gate.js"
import { given, type RunOptions, type Shared } from "./given.js"
import type { ImageSource } from "./images.js"
import { skipped } from "./outcome.js"
import { readReruns, rememberReruns } from "./reruns.js"
import { type ImageRecord, type RunRecord, type StageRecord, type Verdict, worst } from "./result.js"
import { before, needed, schedule } from "./schedule.js"
import type { Stage, StageResult } from "./stage.js"
import { withUnreadFiles } from "./unread.js"
import { VERSION } from "./version.js"

/** A run: its record, and the whole logs of stages whose record holds only the end, by stage. */
export interface Run {
  readonly record: RunRecord
  readonly fullLogs: ReadonlyMap<string, File>
  /** Files that stages left for the evidence, by their path in it. */
  readonly files: ReadonlyMap<string, string | File>
  /** Where its images came from. */
  readonly images: ImageSource
}

/** Runs stages of a project and returns what became of all of them. Never throws for a stage. */
export async function run(
  project: Project,
  source: Directory,
  stages: readonly Stage[],
  options: RunOptions,
): Promise<Run> {
  const shared: Shared = {
    project,
    source,
    stages,
    options,
    startedAt: Date.now(),
    results: new Map(),
    fullLogs: new Map(),
    images: new Map(),
  }
  const reruns = await readReruns(project.config.images)
  const fresh: Record<string, string> = {}
  const one = async (stage: Stage): Promise<StageRecord> => {
    options.onStage(stage, null)
    const files = source.filter(engineFilter(withTargets(stage.inputs, project.links, project.files)))
    const inputs = files.digest().catch(() => null)
    const key = async () => hash(stage.name, (await inputs) ?? "")
    const known = reruns.any ? reruns.of(await key()) : null
    let { record, ran } = await attempt(stage, shared, files, known)
    if (record.cached && (ran === "errored" || (options.rerun && ran === "failed"))) {
      const nonce = String(shared.startedAt)
      fresh[await key()] = nonce
      ;({ record, ran } = await attempt(stage, shared, files, nonce))
    }
    options.onStage(stage, record)
    return { ...record, inputs: await inputs }
  }
  const records = await schedule(stages, {
    limit: project.config.concurrency,
    run: one,
    skip: (stage, because) =>
      notRun(stage, `needs ${because.map(({ name }) => name).join(", ")}, which did not pass`),
    good: (record) => record.verdict === "passed",
  })
  await rememberReruns(project.config.images, fresh)
  // In an order of their own: stages end in another one each time.
  const named = [...shared.images.values()].sort((a, b) => a.name.localeCompare(b.name, "en"))
  const images = (await Promise.all(named.map(withDigest))).flatMap((image) => image ?? [])
  return {
    record: summarize(shared, [...records.values()], images),
    fullLogs: shared.fullLogs,
    files: new Map([...shared.results.values()].flatMap(({ files }) => Object.entries(files ?? {}))),
    images: project.config.images,
  }
}

const hash = (...parts: readonly string[]) => createHash("sha256").update(parts.join("\0")).digest("hex")

/** Adds the digest that an image's name stood for in this run; one that was built here has none yet. Null for one that is not here. */
async function withDigest(image: ImageRecord): Promise<ImageRecord | null> {
  if (!image.name.includes(":")) return image
  try {
    const reference = await dag.container().from(image.name).imageRef()
    return { ...image, digest: reference.split("@")[1] ?? null }
  } catch (error) {
    return notOffered(error) === null ? image : null
  }
}

/** The record of a stage that did not run. */
export function notRun(stage: Pick<Stage, "name" | "needs">, reason: string): StageRecord {
  return {
    name: stage.name,
    needs: stage.needs,
    ...skipped(reason),
    startedAt: null,
    endedAt: null,
    cached: false,
  }
}

/**
 * Runs a stage. Returns its record, and the verdict before its gate was applied: what errored is not remembered.
 *
 * @param nonce goes into the environment of what runs, where a remembered result is not to be taken.
 */
async function attempt(
  stage: Stage,
  shared: Shared,
  files: Directory,
  nonce: string | null,
): Promise<{ readonly record: StageRecord; readonly ran: Verdict }> {
  const began = Date.now()
  const own = given(stage, shared, files, nonce)
  const ran = await stage.run(own).then(shared.options.review, (error: unknown) => thrown(error, shared))
  const result = await withUnreadFiles(gated(ran, gatingOf(stage, shared)), stage.name, own)
  shared.results.set(stage.name, result)
  const { fullLog, images = [], cached, files: left = {}, ...outcome } = withoutPassedOn(result)
  if (fullLog && outcome.log.lines > TAIL_LINES) shared.fullLogs.set(stage.name, fullLog)
  for (const image of images) shared.images.set(image.name, image)
  const ends = outcome.steps.map((step) => step.endedAt)
  // What runs nothing itself is as old as what it was made of.
  const sources = before(stage, shared.stages).flatMap(({ name }) => shared.results.get(name)?.steps ?? [])
  const known = ends.length > 0 ? ends : sources.map((step) => step.endedAt)
  const record = {
    name: stage.name,
    needs: stage.needs,
    ...(stage.after ? { after: stage.after } : {}),
    ...outcome,
    ...(Object.keys(left).length > 0 ? { files: Object.keys(left) } : {}),
    startedAt: Math.min(...outcome.steps.map((step) => step.startedAt), ends.length > 0 ? Infinity : began),
    endedAt: ends.length > 0 ? Math.max(...ends) : Date.now(),
    cached: cached ?? (known.length > 0 && Math.max(...known) < shared.startedAt),
  }
  return { record, ran: ran.verdict }
}

/** What a stage comes to that threw. One that needs a word of the team is skipped, unless it must run. */
function thrown(error: unknown, { project, options }: Shared): StageResult {
  const must = options.named || project.config.policy === "strict"
  if (error instanceof Undescribed && !must) return skipped(error.message)
  return { ...explain(error), unavailable: notOffered(error) !== null }
}

/** The record of a run has nothing of what is there for other stages alone. */
const withoutPassedOn = ({
  container: _,
  made: _made,
  lineHits: _hits,
  unread: _unread,
  unchecked: _unchecked,
  incomplete: _incomplete,
  onlyTests: _onlyTests,
  unavailable: _unavailable,
  worse: _worse,
  conclude: _conclude,
  ...rest
}: StageResult) => rest

function summarize(
  shared: Shared,
  stages: readonly StageRecord[],
  images: readonly ImageRecord[],
): RunRecord {
  const verdict = worst(stages.map((stage) => stage.verdict))
  const unchecked = [
    ...shared.options.unchecked,
    ...[...shared.results.values()].flatMap(({ unchecked }) => unchecked ?? []),
  ]
  const red = stages.find((stage) => stage.verdict === verdict && stage.cause !== null)
  return {
    schema: 1,
    slipway: VERSION,
    project: shared.project.name,
    verdict,
    exitCode: shared.options.causes[red?.cause ?? "passed"].code,
    startedAt: shared.startedAt,
    endedAt: Date.now(),
    context: shared.options.context,
    stages,
    images,
    ...(unchecked.length > 0 ? { unchecked } : {}),
  }
}

/**
 * The stages of some kinds or names, with those that they need.
 *
 * @param wanted null for the whole check: all but those that run only when they are named.
 */
export function select(stages: readonly Stage[], wanted: readonly string[] | null): readonly Stage[] {
  const chosen = new Set(
    stages.filter(
      ({ name, kind, onlyWhenNamed = false }) =>
        wanted?.includes(name) || (!onlyWhenNamed && (wanted?.includes(kind) ?? true)),
    ),
  )
  for (const stage of chosen) for (const other of needed(stage, stages)) chosen.add(other)
  return stages.filter((stage) => chosen.has(stage))
}
