import type { Container, Directory, File, Service } from "@dagger.io/dagger"
import type { CommandResult, CommandStep } from "./command.js"
import type { Project } from "./project.js"
import type { ImageRecord, StageOutcome } from "./result.js"

/** The files that a stage reads, as glob patterns of the project. Nothing else reaches its container. */
export interface Inputs {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** A kind of stage: what slipway.yaml and users call by one name, and what it comes to in a project. */
export interface StageKind {
  /** `lint`, `unit`: the key in slipway.yaml. */
  readonly kind: string
  /** One line for `plan` and for people who add stages. */
  readonly purpose: string
  /** The stages that it comes to in this project, or why there are none. */
  applies(project: Project): Applies
}

export type Applies =
  | { readonly applies: true; readonly stages: readonly Stage[] }
  | { readonly applies: false; readonly reason: string }

/** One node of the graph. */
export interface Stage {
  /** Unique in the run: `lint:backend`. */
  readonly name: string
  readonly kind: string
  /** Names of the stages, or kinds, that must have passed. */
  readonly needs: readonly string[]
  /** True for one that only prepares others: by itself it checks nothing. */
  readonly prepares?: boolean
  /** Why it is there, for `plan`: the script or file that was found. */
  readonly because: string
  readonly inputs: Inputs
  /** Does the work. May throw: what an engine or a service refuses becomes `errored`. */
  run(given: Given): Promise<StageResult>
}

/** What a stage came to, with what it hands on. */
export interface StageResult extends StageOutcome {
  /** For the stages that need this one. */
  readonly container?: Container
  /** The whole log, where the outcome holds only its end. */
  readonly fullLog?: File
  /** True where the engine had the result and the steps cannot tell: they are timed from outside. */
  readonly cached?: boolean
  /** Images that it built. */
  readonly images?: readonly ImageRecord[]
}

/** A command line to run in a container, and what to bring back from it. */
export interface Command {
  readonly container: Container
  /** Run in this order in one container; the first that fails is the last. */
  readonly steps: readonly CommandStep[]
  /** Paths of report files to bring back, absolute; shell patterns are expanded. */
  readonly reports?: readonly string[]
}

/** A command that ran. */
export interface Ran extends CommandResult {
  /** The container afterwards, with what the command changed. */
  readonly container: Container
  readonly fullLog: File
}

/** What a stage gets to work with. */
export interface Given {
  readonly project: Project
  /** Exactly the files of its {@link Inputs}. */
  readonly source: Directory
  /** The container that a stage of `needs` handed on. */
  readonly from: (stage: string) => Container
  /** A container of an image of the list; `tag` for another version than the list's. */
  readonly image: (name: string, tag?: string) => Container
  /** Runs a command as all stages do: with its timeout, its exit code and its log, and no files lost. */
  readonly command: (command: Command) => Promise<Ran>
  /** Builds an image and waits for it; fails after `seconds`. */
  readonly built: (container: Container, seconds: number) => Promise<Container>
  /** A service of this stage alone: two stages that ask for the same one get one each. */
  readonly service: (container: Container) => Service
}

/** Where a project lies in its containers. */
export const WORKDIR = "/app"

/** A container with environment variables set. */
export const withEnvironment = (container: Container, env: Readonly<Record<string, string>>): Container =>
  Object.entries(env).reduce((made, [name, value]) => made.withEnvVariable(name, value), container)
