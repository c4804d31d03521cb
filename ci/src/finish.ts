import { type Directory, dag, type File } from "@dagger.io/dagger"
import { type Call, toRequest } from "./call.js"
import type { Config } from "./config/config.js"
import { sha256 } from "./formats/canonical.js"
import { evidenceFiles } from "./report/evidence.js"
import { fullLogPath, logPaths } from "./report/evidence-paths.js"
import { summaryText } from "./report/summary.js"
import { keptFiles } from "./results/folder.js"
import { memoryOf } from "./results/memory.js"
import { failedCommand } from "./run/explain.js"
import { Fault } from "./run/fault.js"
import type { RunOptions } from "./run/given.js"
import { type ImageSource, imageReference, NODE } from "./run/images.js"
import { type Pipeline, pipeline } from "./run/pipeline.js"
import { readRecord } from "./run/record.js"
import type { Request } from "./run/request.js"
import type { StageRecord } from "./run/result.js"
import { type Run, run, select } from "./run/run.js"
import type { Stage } from "./run/stage.js"
import type { Memory } from "./run/stored.js"
import { CAUSES, defaultConfig, GATES } from "./settings.js"
import { LINES, linesText } from "./shards/read.js"
import { KINDS } from "./stages.js"
import { reviewOf } from "./testing/quarantine-stage.js"
import { parseShards } from "./testing/shards.js"

/** Runs the stages of some kinds, or all, and prints how they go on. */
export async function runStages(request: Request, kinds: readonly string[] | null): Promise<Run> {
  const found = await pipeline(request.source, KINDS, request.reader, request.links)
  const stages = select(found.stages, kinds)
  const empty = stages.every((stage) => stage.prepares)
  if (found.unknown && (empty || kinds === null)) throw found.unknown
  if (empty) throw nothing(found, kinds)
  return runThese(request, found, stages, kinds !== null)
}

/**
 * Runs stages of a project, and prints how they go on.
 *
 * @param named true where the caller named them: a tool that is missing is then an error.
 * @param more what is otherwise in this run.
 */
export async function runThese(
  request: Request,
  {
    project,
    source,
    repository,
  }: Pick<Pipeline, "project" | "source"> & Partial<Pick<Pipeline, "repository">>,
  stages: readonly Stage[],
  named: boolean,
  more: Partial<RunOptions> = {},
): Promise<Run> {
  const shards = parseShards(request.shards)
  const base = request.base === null ? null : readRecord(await request.base.contents())
  return run(project, source, stages, {
    ...request,
    named,
    causes: CAUSES,
    gates: GATES,
    base,
    shards,
    unchecked: repository?.unchecked ?? [],
    review: await reviewOf(project, source),
    memory: await memory(project.config, request),
    joined: null,
    onStage: announce,
    ...more,
  })
}

/** The store of results for a run, with what the caller passed for it. */
const memory = async (config: Config, { results, secrets }: Request): Promise<Memory | null> =>
  memoryOf(config, { folder: results, login: (await secrets.resultsLogin?.plaintext()) ?? null })

/** Runs the stages of some kinds, or all, and says how it went. */
export const checkStages = (call: Call, kinds: readonly string[] | null): Promise<string> =>
  respond(call, async (request) => conclude(await runStages(request, kinds)))

/** What is checked by nothing must not come out green. */
function nothing({ left }: Pipeline, kinds: readonly string[] | null): Fault {
  const why = left
    .filter(({ kind }) => kinds === null || kinds.includes(kind))
    .map(({ kind, reason }) => `${kind}: ${reason}`)
  return new Fault("no-project", {
    what: `there is nothing to check: ${why.join("\n  ")}`,
    where: null,
    fix: "`plan` shows what there is; slipway.yaml can name other scripts and describe stages of your own",
  })
}

/** Marks lines for whoever follows a run: the command line shows them as they come. */
const MARK = "⚓"

function announce(stage: Stage, record: StageRecord | null): void {
  process.stdout.write(`${MARK} ${stage.name} ${record === null ? "starts" : outcomeOf(record)}\n`)
}

const outcomeOf = ({ verdict, cached, summary }: StageRecord): string =>
  `${verdict}${cached ? " (cached)" : ""}: ${summary}`

/** The evidence of a run as files. */
export async function evidence({ record, fullLogs, files, kept, lines }: Run): Promise<Directory> {
  const paths = logPaths(record)
  const logs = [...fullLogs].map(([name, file]) => [fullLogPath(paths.get(name) ?? name), file] as const)
  const shard = record.shard ? [[LINES, linesText(lines)] as const] : []
  const left = [...files, ...logs, ...shard]
  const digests = await Promise.all(left.map(async ([path, file]) => [path, await digest(file)] as const))
  const own = evidenceFiles(record, Object.fromEntries(digests))
  return [...left, ...Object.entries(own), ...keptFiles(kept)].reduce(
    (folder, [path, content]) =>
      typeof content === "string" ? folder.withNewFile(path, content) : folder.withFile(path, content),
    dag.directory(),
  )
}

/** Of a file's contents; null where the engine does not say: the file is there all the same. */
const digest = async (content: string | File): Promise<string | null> =>
  typeof content === "string"
    ? `sha256:${sha256(content)}`
    : content.digest({ excludeMetadata: true }).catch(() => null)

/** The summary of a green run; for any other, an error with the summary and the verdict's exit code. */
export async function conclude({ record, images }: Run): Promise<string> {
  return ended(record.exitCode, summaryText(record, { color: false }), images)
}

/** A text that ends a function: its result with the exit code 0, an error with any other. */
export const ended = async (exitCode: number, text: string, images: ImageSource): Promise<string> =>
  exitCode === 0 ? text : exit(exitCode, text, [images, defaultConfig().images])

/** Does what a call asks for. The one way out of the functions that work on a repository. */
export const respond = <T>(call: Call, work: (request: Request) => Promise<T>): Promise<T> =>
  explained(async () => work(await toRequest(call)))

/** Runs `work`; a {@link Fault} in it becomes an error with its exit code. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return exit(CAUSES[error.code].code, error.message, [defaultConfig().images])
  }
}

/**
 * Ends a function with a message and an exit code for the shell: the client exits with the code of a command
 * whose error reaches it, so one is run that has this code.
 *
 * @param sources where its image may come from, the first that has it.
 */
async function exit(code: number, message: string, sources: readonly ImageSource[]): Promise<never> {
  for (const source of sources) {
    try {
      await dag
        .container()
        .from(imageReference(NODE, source))
        .withExec(["sh", "-c", `exit ${code}`])
        .sync()
    } catch (error) {
      if (failedCommand(error)?.exitCode !== code || !(error instanceof Error)) continue
      error.message = message
      throw error
    }
  }
  throw new Error(message)
}
