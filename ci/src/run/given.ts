import { type Container, type Directory, dag, type File, type Secret } from "@dagger.io/dagger"
import type { KindGate } from "../config/room.js"
import type { Project, Unchecked } from "../project/project.js"
import type { Causes } from "./causes.js"
import type { RunContext } from "./context.js"
import { imageReference } from "./images.js"
import type { Secrets } from "./request.js"
import type { ImageRecord, RunRecord, StageRecord } from "./result.js"
import { runCommand, within } from "./run-command.js"
import { before, named } from "./schedule.js"
import type { Done, Given, Shards, Stage, StageResult } from "./stage.js"
import type { Memory } from "./stored.js"
import { noticed, type Used, usedNothing } from "./used.js"

/** What a caller decides about a run. */
export interface RunOptions {
  /** Run again what failed when nothing changed since. */
  readonly rerun: boolean
  /** True where the caller named what runs: a tool that is missing is then an error. */
  readonly named: boolean
  /** How each kind of stage counts. */
  readonly gates: Readonly<Record<string, KindGate>>
  /** The exit code of each cause. */
  readonly causes: Causes
  readonly context: RunContext
  readonly base: RunRecord | null
  readonly history: Directory
  readonly secrets: Secrets
  readonly variables: Readonly<Record<string, Secret>>
  readonly shards: Shards | null
  /** What no stage checks. */
  readonly unchecked: readonly Unchecked[]
  /** Changes a stage's result before its gate applies: failures that the team has set aside do not count. */
  readonly review: (result: StageResult) => StageResult
  /** The store of results, or null. */
  readonly memory: Memory | null
  /** Results of stages that ran on other machines, by stage; null where all of them run here. */
  readonly joined: ReadonlyMap<string, Joined> | null
  /** When the run started, where that was on another machine: milliseconds since the epoch. */
  readonly startedAt?: number
  /** Told of each stage as it starts and ends. */
  readonly onStage: (stage: Stage, record: StageRecord | null) => void
}

/** A stage that ran on another machine. */
export interface Joined {
  readonly record: StageRecord
  /** What the stages after it read. */
  readonly result: StageResult
}

/** What stages of one run share. */
export interface Shared {
  readonly project: Project
  readonly source: Directory
  readonly stages: readonly Stage[]
  readonly options: RunOptions
  readonly startedAt: number
  readonly results: Map<string, StageResult>
  /** The results of stages that ran here, before their gates were applied. */
  readonly ran: Map<string, StageResult>
  /** What each of them used. */
  readonly used: Map<string, Used>
  /** The commands of the last attempt of each of them, in the order of their ends. */
  readonly commands: Map<string, Done[]>
  readonly fullLogs: Map<string, File>
  readonly images: Map<string, ImageRecord>
}

/** What a stage gets to work with.
 *
 * @param nonce goes into the environment of what runs, where a remembered result is not to be used.
 */
export function given(stage: Stage, shared: Shared, files: Directory, nonce: string | null): Given {
  const { options } = shared
  const used = shared.used.get(stage.name) ?? usedNothing()
  shared.used.set(stage.name, used)
  const reads = <T>(word: string, value: T): T => {
    used.reads.add(word)
    return value
  }
  return {
    ...earlierResults(stage, shared, used),
    ...containers(stage, shared, used, nonce),
    project: stage.project ?? shared.project,
    source: files,
    context: noticed(options.context, (field) => used.reads.add(`context.${field}`)),
    get base() {
      return reads("base", options.base)
    },
    get history() {
      return reads("history", options.history)
    },
    secrets: noticed(options.secrets, (field) => used.reads.add(`secrets.${field}`)),
    get variables() {
      return reads("variables", options.variables)
    },
    get shards() {
      return reads("shards", stage.part ?? options.shards)
    },
    get startedAt() {
      return reads("startedAt", shared.startedAt)
    },
  }
}

/** What a stage gets of those before it. */
function earlierResults(
  stage: Stage,
  { results, stages }: Shared,
  used: Used,
): Pick<Given, "results" | "from"> {
  const nameOf = (name: string) => stage.renamed?.[name] ?? name
  return {
    results: (name) =>
      new Map(
        named(stage, [nameOf(name)], before(stage, stages)).flatMap((other) => {
          const result = results.get(other.name)
          return result ? [[other.name === nameOf(name) ? name : other.name, result] as const] : []
        }),
      ),
    from: (name) => {
      const container = results.get(nameOf(name))?.container
      if (!container) throw new Error(`${stage.name} uses ${name} and does not need it`)
      used.stages.add(nameOf(name))
      return container
    },
  }
}

/** What a stage makes and runs containers with: its images and commands are recorded. */
function containers(
  stage: Stage,
  shared: Shared,
  used: Used,
  nonce: string | null,
): Pick<Given, "image" | "command" | "built" | "service"> {
  const { config } = stage.project ?? shared.project
  const again = (container: Container): Container =>
    nonce === null ? container : container.withEnvVariable("SLIPWAY_RERUN", nonce)
  const commands: Done[] = []
  shared.commands.set(stage.name, commands)
  return {
    image: (image, tag) => {
      const reference = imageReference(image, config.images, tag)
      used.images.add(reference)
      shared.images.set(reference, { name: reference, digest: null, purpose: `${stage.kind} runs on it` })
      return dag.container().from(reference)
    },
    command: async (command) => {
      const own = { ...command, container: again(command.container) }
      const ran = await runCommand(own, Object.keys(shared.options.variables))
      commands.push({ steps: command.steps, ran })
      return ran
    },
    built: (container, seconds) => within(seconds, "build", container.sync()),
    service: (container, { privileged = false, engine = false } = {}) =>
      again(container).withEnvVariable("SLIPWAY_STAGE", stage.name).asService({
        useEntrypoint: true,
        insecureRootCapabilities: privileged,
        experimentalPrivilegedNesting: engine,
      }),
  }
}
