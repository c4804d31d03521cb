import { createHash } from "node:crypto"
import { type Container, type Directory, dag, type File } from "@dagger.io/dagger"
import { engineFilter } from "../formats/glob.js"
import type { Project } from "../project/project.js"
import type { Causes } from "./causes.js"
import { commandScript, LOG_FILE, parseResult, RESULT_FILE, TAIL_LINES } from "./command.js"
import type { RunContext } from "./context.js"
import { explain, notOffered } from "./explain.js"
import { type ImageSource, imageReference } from "./images.js"
import { skipped } from "./outcome.js"
import { readReruns, rememberReruns } from "./reruns.js"
import { type ImageRecord, type RunRecord, type StageRecord, worst } from "./result.js"
import { before, named, needed, schedule } from "./schedule.js"
import { blotter } from "./scrub.js"
import type { Command, Given, Ran, Secrets, Shards, Stage, StageResult } from "./stage.js"
import { withUnreadFiles } from "./unread.js"
import { VERSION } from "./version.js"

/** What a caller decides about a run. */
export interface RunOptions {
  /** Run again what failed when nothing changed since. */
  readonly rerun: boolean
  /** True where the caller named what runs: a tool that is missing is then an error. */
  readonly named: boolean
  /** The exit code of each cause. */
  readonly causes: Causes
  readonly context: RunContext
  readonly base: RunRecord | null
  readonly history: Directory
  readonly secrets: Secrets
  readonly shards: Shards | null
  /** Told of each stage as it starts and ends. */
  readonly onStage: (stage: Stage, record: StageRecord | null) => void
}

/** A run: its record, and the whole logs of stages whose record holds only the end, by stage. */
export interface Run {
  readonly record: RunRecord
  readonly fullLogs: ReadonlyMap<string, File>
  /** Files that stages left for the evidence, by their path in it. */
  readonly files: ReadonlyMap<string, string | File>
  /** Where its images came from. */
  readonly images: ImageSource
}

/** What stages of one run share. */
interface Shared {
  readonly project: Project
  readonly source: Directory
  readonly stages: readonly Stage[]
  readonly options: RunOptions
  readonly startedAt: number
  readonly results: Map<string, StageResult>
  readonly fullLogs: Map<string, File>
  readonly images: Map<string, ImageRecord>
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
    const files = source.filter(engineFilter(stage.inputs))
    const inputs = files.digest().catch(() => null)
    const key = async () => hash(stage.name, (await inputs) ?? "")
    const known = reruns.any ? reruns.of(await key()) : null
    let record = await attempt(stage, shared, files, known)
    if (record.cached && (record.verdict === "errored" || (options.rerun && record.verdict === "failed"))) {
      const nonce = String(shared.startedAt)
      fresh[await key()] = nonce
      record = await attempt(stage, shared, files, nonce)
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

/** @param nonce goes into the environment of what runs, where a remembered result is not to be taken. */
async function attempt(
  stage: Stage,
  shared: Shared,
  files: Directory,
  nonce: string | null,
): Promise<StageRecord> {
  const began = Date.now()
  let result: StageResult
  try {
    const own = given(stage, shared, files, nonce)
    result = await withUnreadFiles(await stage.run(own), stage.name, own)
  } catch (error) {
    const missing = missingIn(shared.options, error)
    result = missing === null ? explain(error) : skipped(missing)
  }
  shared.results.set(stage.name, result)
  const { fullLog, images = [], cached, files: left = {}, ...outcome } = withoutPassedOn(result)
  if (fullLog && outcome.log.lines > TAIL_LINES) shared.fullLogs.set(stage.name, fullLog)
  for (const image of images) shared.images.set(image.name, image)
  const ends = outcome.steps.map((step) => step.endedAt)
  // What runs nothing itself is as old as what it was made of.
  const sources = before(stage, shared.stages).flatMap(({ name }) => shared.results.get(name)?.steps ?? [])
  const known = ends.length > 0 ? ends : sources.map((step) => step.endedAt)
  return {
    name: stage.name,
    needs: stage.needs,
    ...(stage.after ? { after: stage.after } : {}),
    ...outcome,
    ...(Object.keys(left).length > 0 ? { files: Object.keys(left) } : {}),
    startedAt: Math.min(...outcome.steps.map((step) => step.startedAt), ends.length > 0 ? Infinity : began),
    endedAt: ends.length > 0 ? Math.max(...ends) : Date.now(),
    cached: cached ?? (known.length > 0 && Math.max(...known) < shared.startedAt),
  }
}

const missingIn = ({ named }: RunOptions, error: unknown): string | null => (named ? null : notOffered(error))

/** The record of a run has nothing of what is there for other stages alone. */
const withoutPassedOn = ({ container: _, lineHits: __, unread: ___, ...rest }: StageResult) => rest

function given(stage: Stage, shared: Shared, files: Directory, nonce: string | null): Given {
  const { project, options } = shared
  const again = (container: Container): Container =>
    nonce === null ? container : container.withEnvVariable("SLIPWAY_RERUN", nonce)
  return {
    project,
    context: options.context,
    base: options.base,
    history: options.history,
    secrets: options.secrets,
    shards: options.shards,
    source: files,
    results: (name) =>
      new Map(
        named(stage, [name], before(stage, shared.stages)).flatMap((other) => {
          const result = shared.results.get(other.name)
          return result ? [[other.name, result] as const] : []
        }),
      ),
    missing: (error) => missingIn(options, error),
    image: (image, tag) => {
      const reference = imageReference(image, project.config.images, tag)
      shared.images.set(reference, { name: reference, digest: null, purpose: `${stage.kind} runs on it` })
      return dag.container().from(reference)
    },
    from: (name) => {
      const container = shared.results.get(name)?.container
      if (!container) throw new Error(`${stage.name} uses ${name} and does not need it`)
      return container
    },
    command: (command) => runCommand({ ...command, container: again(command.container) }),
    built: (container, seconds) => within(seconds, "build", container.sync()),
    service: (container) =>
      again(container).withEnvVariable("SLIPWAY_STAGE", stage.name).asService({ useEntrypoint: true }),
  }
}

/** Seconds that the engine gets for what lies around a command: images, mounts, services. */
const ENGINE_SECONDS = 900

/** Runs a command as all stages do. */
export async function runCommand({ container, steps, reports, secrets = {} }: Command): Promise<Ran> {
  const seconds = steps.reduce((sum, step) => sum + step.timeout * (step.attempts ?? 1), ENGINE_SECONDS)
  const [script, names] = [commandScript(steps, reports), Object.keys(secrets)]
  const done = Object.entries(secrets)
    .reduce((made, [name, secret]) => made.withSecretVariable(name, secret), container)
    .withExec(["sh", "-c", names.length === 0 ? script : `${script}\n${blotter(names)}`])
  const text = await within(seconds, steps[0]?.name ?? "command", done.file(RESULT_FILE).contents())
  return { ...parseResult(text, steps), container: done, fullLog: done.file(LOG_FILE) }
}

/** Fails when the engine does not answer in time, so that a run always ends. */
async function within<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: no answer from the engine in ${seconds} s`)),
      seconds * 1000,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function summarize(
  shared: Shared,
  stages: readonly StageRecord[],
  images: readonly ImageRecord[],
): RunRecord {
  const verdict = worst(stages.map((stage) => stage.verdict))
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
