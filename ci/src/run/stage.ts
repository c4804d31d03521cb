import type { Container, Directory, File, Secret, Service } from "@dagger.io/dagger"
import type { Gate } from "../config/room.js"
import type { LineHits } from "../formats/coverage-reader.js"
import type { Wanted } from "../project/declared/found.js"
import type { Language, Project, Unchecked } from "../project/project.js"
import type { CommandResult, CommandStep } from "./command.js"
import type { RunContext } from "./context.js"
import type { Image } from "./images.js"
import type { Secrets } from "./request.js"
import type { Content, Finding, ImageRecord, RunRecord, StageOutcome } from "./result.js"

/** The files that a stage reads, as glob patterns of the project. Nothing else reaches its container. */
export interface Inputs {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** True: the targets of symbolic links are not added. */
  readonly exact?: true
}

/** A kind of stage: what slipway.yaml and users call by one name, and the stages that a project has of it. */
export interface StageKind {
  /** `lint`, `unit`: the key in slipway.yaml. */
  readonly kind: string
  /** What it looks at: each project of a language by itself, or, where it is absent, the repository as a whole. */
  readonly scope?: Language
  /**
   * Whether its stages run on each version of its language that the project names, or on those that other stages need it on;
   * as a rule, on the first.
   */
  readonly versions?: "each" | "needed"
  /** True where its files make a folder a project without a package.json. */
  readonly standsAlone?: boolean
  /**
   * Returns the stages that a project has of this kind, or why it has none.
   *
   * @param others the stages of the kinds before it.
   */
  applies(project: Project, others?: readonly Stage[]): Applies
}

/** Whether a project has the stages of a kind; where not, the reason as a reader of the plan sees it. */
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
  /** Names or kinds of stages that it waits for if the run has them, passed or failed. It can read their results. */
  readonly after?: readonly string[]
  /** True for one that the whole check leaves out: it runs when a caller asks for it by its name. */
  readonly onlyWhenNamed?: boolean
  /** True for one that only prepares others: by itself it checks nothing. */
  readonly prepares?: boolean
  /** True for one that says whether the files are the commit's: where it is `errored` so is the run, however red the others are. */
  readonly vouches?: boolean
  /** Of tests: why they report no coverage of lines; null where they do. */
  readonly lacksLines?: string | null
  /** The project that it belongs to; the repository as a whole where it is absent. */
  readonly project?: Project
  /** Whose gate it is, where that differs from its kind's. */
  readonly gate?: Gate | undefined
  /** Full names of stages that it needs, on its version of the language, by their names in `needs`. */
  readonly renamed?: Readonly<Record<string, string>>
  /** True for a stage that runs only if another one needs it. */
  readonly spare?: boolean
  /** Of tests: the services that they get. */
  readonly services?: readonly Wanted[]
  /** Images that it runs on beside those of its kind and of its services. */
  readonly images?: readonly Image[]
  /** What of its work it leaves out. */
  readonly unchecked?: readonly Unchecked[]
  /** Of tests: true where several machines can share their files. */
  readonly splits?: boolean
  /** The share of its test files that runs on this machine; all of them where it is absent. */
  readonly part?: Shards
  /** Why it is there, for `plan`: the script or file that was found. */
  readonly because: string
  readonly inputs: Inputs
  /** Does the work. May throw: what an engine or a service refuses becomes `errored`. */
  run(given: Given): Promise<StageResult>
}

/** A source file that a tool could not read, wholly or in part. */
export interface Unread {
  /** Path in the project. */
  readonly file: string
  /** 1-based, or null where the tool names none. */
  readonly line: number | null
  /** The tool's reason, in a few words: `syntax error: "=" was unexpected`. */
  readonly reason: string
  /** The tools that could not read it, by name. */
  readonly tools: readonly string[]
}

/** The outcome of a stage, with what it passes to later stages and to the evidence. */
export interface StageResult extends StageOutcome {
  /** For the stages that need this one. */
  readonly container?: Container
  /** The build of an image that this container is of. */
  readonly content?: Content
  /** The files that it made in the project, for the stages that need this one. */
  readonly made?: Directory
  /** The whole log, where the outcome holds only its end. */
  readonly fullLog?: File
  /** True where the engine had the result and the steps cannot tell: they are timed from outside. */
  readonly cached?: boolean
  /** Images that it built. */
  readonly images?: readonly ImageRecord[]
  /** Files for the evidence, by their path in it: `sbom/backend.cdx.json`. Text, or a file of a container. */
  readonly files?: Readonly<Record<string, string | File>>
  /** What the stage saw that nothing checks. */
  readonly unchecked?: readonly Unchecked[]
  /** Files that no tool of the stage read. The runner decides how they count. */
  readonly unread?: readonly Unread[]
  /** True where no tool looked at a part of what it is about: then it never passes. */
  readonly incomplete?: boolean
  /** For a red command: true if failed tests alone can have made it red, and it had nothing left to run. */
  readonly onlyTests?: boolean
  /** True where it is `errored` because this engine does not have its tool. */
  readonly unavailable?: boolean
  /**
   * Whether it is worse than the base, by the stage's own comparison; null without a base. Absent where the runner
   * compares the findings.
   */
  readonly worse?: boolean | null
  /** Makes the verdict from findings whose standing is final. Absent where the runner makes it. */
  readonly conclude?: (findings: readonly Finding[]) => Pick<StageOutcome, "verdict" | "cause" | "summary">
  /**
   * When the result expires, in milliseconds since the epoch: by the age of a database, or the end of a waiver. 0 if it
   * depends on more than the stage's inputs. Absent if it holds as long as its inputs are the same.
   */
  readonly until?: number
  /** How often tests ran each line of each file of the project: file → line (1-based) → times. */
  readonly lineHits?: LineHits
}

/** A command line to run in a container, and what to bring back from it. */
export interface Command {
  readonly container: Container
  /** Run in this order in one container; the first that fails is the last. */
  readonly steps: readonly CommandStep[]
  /** Paths of report files to bring back, absolute; shell patterns are expanded. */
  readonly reports?: readonly string[]
  /** Secrets by the environment variable that holds them. Their values are removed from its output. */
  readonly secrets?: Readonly<Record<string, Secret>>
}

/** A command that ran. */
export interface Ran extends CommandResult {
  /** The container afterwards, with what the command changed. */
  readonly container: Container
  readonly fullLog: File
}

/** The steps of a command, and how they ended. */
export interface Done {
  readonly steps: readonly CommandStep[]
  readonly ran: Ran
}

/** What a stage gets to work with. */
export interface Given {
  readonly project: Project
  readonly context: RunContext
  /** The record of the base of the change, to compare with; null where the caller brought none. */
  readonly base: RunRecord | null
  /** When the run started: milliseconds since the epoch. */
  readonly startedAt: number
  /** The project's `.git` folder as `.git` in a folder; empty where there is none. */
  readonly history: Directory
  readonly secrets: Secrets
  /** Secrets for the project's own commands, by the environment variables that hold them. */
  readonly variables: Readonly<Record<string, Secret>>
  /** The result of each stage of `needs` and `after` that is done, by name. */
  readonly results: (stage: string) => ReadonlyMap<string, StageResult>
  /** How the caller wants test files shared among containers; null where slipway.yaml decides. */
  readonly shards: Shards | null
  /** Exactly the files of its {@link Inputs}. */
  readonly source: Directory
  /** The container that a stage of `needs` passed on. */
  readonly from: (stage: string) => Container
  /** A container of an image; `tag` for another version than the image's own. */
  readonly image: (image: Image, tag?: string) => Container
  /** Runs a command as all stages do: with its timeout, its exit code and its log, and no files lost. */
  readonly command: (command: Command) => Promise<Ran>
  /** Builds an image and waits for it; fails after `seconds`. */
  readonly built: (container: Container, seconds: number) => Promise<Container>
  /** A service of this stage alone: two stages that ask for the same one get one each. */
  readonly service: (container: Container, access?: ServiceAccess) => Service
}

/** What a service may do beyond its container. */
export interface ServiceAccess {
  /** All that root may on the engine's machine. Engines can refuse it. */
  readonly privileged?: true
  /** To ask the engine, as this module does. */
  readonly engine?: true
}

/** How test files are shared among containers: all of `count` side by side, or only the one of an index (1-based). */
export interface Shards {
  readonly count: number
  readonly only: number | null
  /** Seconds that each test file takes, by path; the base says it where this is absent. */
  readonly seconds?: ReadonlyMap<string, number>
}

/** The share of a stage's test files as its record has it; empty for a stage that runs as a whole. */
export const partOf = ({ part }: Pick<Stage, "part">): Pick<StageOutcome, "part"> =>
  part?.only ? { part: { index: part.only, count: part.count, files: null } } : {}

/** Where a project lies in its containers. */
export const WORKDIR = "/app"

/** A container with secrets in environment variables. */
export const withVariables = (container: Container, variables: Readonly<Record<string, Secret>>): Container =>
  Object.entries(variables).reduce((made, [name, secret]) => made.withSecretVariable(name, secret), container)

/** A container with environment variables set. */
export const withEnvironment = (container: Container, env: Readonly<Record<string, string>>): Container =>
  Object.entries(env).reduce((made, [name, value]) => made.withEnvVariable(name, value), container)
