/** The few facts of each run and each deployment that metrics count. */

/** A stage of a run. */
export interface StageFacts {
  readonly name: string
  readonly verdict: "passed" | "failed" | "errored" | "skipped"
  /** True where an earlier run's result was used. */
  readonly cached: boolean
  /** The engine's digest of the files that it read, or null. */
  readonly inputs: string | null
  /** Milliseconds of work in this run; null where nothing ran. */
  readonly ms: number | null
  /** Milliseconds of further tries of failed tests. */
  readonly retryMs: number
}

/** A test that failed, or that failed and then passed. */
export interface TestFacts {
  readonly stage: string
  readonly inputs: string | null
  readonly suite: string
  readonly name: string
  readonly file: string | null
  readonly verdict: "flaky" | "failed"
}

/** A run of the check. */
export interface RunFacts {
  readonly kind: "run"
  readonly file: string
  readonly project: string
  /** `code`: what is in the repository is wrong. `infrastructure`: it could not be judged. */
  readonly end: "passed" | "code" | "infrastructure" | "skipped"
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number
  readonly vendor: string | null
  readonly commit: string | null
  /** The commit that its author wrote; that of the run where the vendor names no other. */
  readonly head: string | null
  readonly branch: string | null
  /** True for the run of a pull or merge request. */
  readonly isChange: boolean
  /** The vendor's name for the run; null on a laptop. */
  readonly run: string | null
  readonly attempt: number
  readonly stages: readonly StageFacts[]
  /** Tests of stages that ran. */
  readonly tests: readonly TestFacts[]
}

/** The release number of a request that made no release: it was refused, or changed nothing. */
export const NO_RELEASE = 0

/** A deployment, a rollback. */
export interface DeploymentFacts {
  readonly kind: "deployment"
  readonly file: string
  readonly environment: string
  /** The number of the release in the environment's ledger, or {@link NO_RELEASE}. */
  readonly release: number
  readonly action: string
  readonly commit: string
  readonly outcome: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number
}

/** A file that holds no evidence that can be read. */
export interface Unread {
  readonly kind: "unread"
  readonly file: string
  readonly why: string
}

/** A share of a run: the record of the whole counts. */
interface ShardFile {
  readonly kind: "shard"
  readonly file: string
}

/** What one file of evidence says. */
export type Fact = RunFacts | DeploymentFacts | ShardFile | Unread
