/** What a CI vendor's files must do, independent of the vendor. A vendor's `wrapper` renders it. */
export interface Work {
  /** Says what wrote a file: the comment in its first line. */
  readonly mark: string
  /** The branch that is released. */
  readonly branch: string
  /** How many machines share the check. */
  readonly shards: number
  /** Where a release is deployed, in this order. None: check only. */
  readonly targets: readonly Target[]
  /** The environments that are watched at night. */
  readonly environments: readonly string[]
  /** True where slipway.yaml names channels: people are told of runs on the branch that is released, red and green. */
  readonly notifies: boolean
  /** Secrets of the store of results that slipway.yaml names. */
  readonly results: readonly (typeof KEY | typeof LOGIN)[]
}

/** The secret that signs results: for the branch that is released alone. */
export const KEY = "SLIPWAY_RESULTS_KEY"

/** The secret that reads a store of results over the network. */
export const LOGIN = "SLIPWAY_RESULTS_LOGIN"

/** An environment that a release reaches, or waves of several. */
export interface Target {
  readonly name: string
  /** The job that it waits for: the check, or the target before it. */
  readonly after: string
  /** What people approve, each a job or an environment of the vendor: `<environment>-approval-1`, `-2` … */
  readonly gates: readonly string[]
}

/** The files of a wrapper, as path → content. */
export type Files = Readonly<Record<string, string>>

/** Renders a vendor's files. */
export type Wrapper = (work: Work) => Files

/** The script that runs Slipway, at its pinned commit, with its pinned client. */
export const SLIPWAY = ".ci/slipway"

/** The script that takes a release to an environment, or watches one, by the role of that environment. */
export const ENVIRONMENT = ".ci/environment"

/** The name of the job that checks. */
export const CHECK = "check"

/** The command of the whole check. */
export const checkAll = `sh ${SLIPWAY} ci`

/** The command that tells people of a run. It remembers what they know in the file of {@link NOTIFIED}. */
export const notify = ({ branch }: Work): string => `sh ${SLIPWAY} notify --branch ${branch}`

/** What people have been told: each vendor keeps it from run to run, so that a cause is told once, and its end at all. */
export const NOTIFIED = ".slipway/notified.json"

/** The name of the jobs that share the check, where several machines do. */
export const SHARD = "shard"

/** Where the evidence of shards is collected. */
export const SHARDS = ".slipway/shards"

/** The command of one shard. @param number 1-based, or what stands for it in the vendor's language. */
export const checkShard = (number: string, { shards }: Pick<Work, "shards">): string =>
  `${checkAll} --shard ${number}/${shards}`

/** The command of a shard whose job is green for a red verdict, where a red job would keep nothing: the check has the verdict. */
export const checkShardGreen = (number: string, work: Pick<Work, "shards">): string =>
  `${checkShard(number, work)} || [ -f .slipway/result.json ]`

/** The command that moves the evidence of each shard to a separate folder. */
export const collect = (number: string): string =>
  `mv .slipway .shard && mkdir -p ${SHARDS} && mv .shard ${SHARDS}/${number}`

/** The command of the job that checks: joins the shards, where there are some. */
export const checkOf = ({ shards }: Pick<Work, "shards">): string =>
  sharded({ shards }) ? `sh ${SLIPWAY} merge ${SHARDS}` : checkAll

/** The command that takes the checked commit to an environment. */
export const deployTo = (name: string): string => `sh ${ENVIRONMENT} deploy ${name}`

/** The command that looks for drift in an environment, and scans the images that run there. */
export const watch = (name: string): string => `sh ${ENVIRONMENT} watch ${name}`

/** Minutes after which a vendor ends a check or a deployment. */
export const MINUTES = { check: 90, deploy: 180 } as const

/** When environments are watched, as cron in UTC. */
export const NIGHT = "17 3 * * *"

/** Days that evidence is kept by the vendor. */
export const DAYS = 30

/** The most that vendors show of a summary, in bytes. */
export const SUMMARY = 1_000_000

/** The audience of tokens for AWS, where the vendor lets one choose. */
export const AUDIENCE = "sts.amazonaws.com"

/** Tells whether several machines share the check. */
export const sharded = ({ shards }: Pick<Work, "shards">): boolean => shards > 1

/** Numbers of the shards: 1, 2, …. */
export const numbers = ({ shards }: Pick<Work, "shards">): readonly number[] =>
  Array.from({ length: shards }, (_, i) => i + 1)

/** Puts the mark above a text. */
export const marked = ({ mark }: Work, body: string, sign = "#"): string =>
  `${sign} ${mark}\n${body.trimStart()}`

/** Joins parts of a text; `false` and "" leave nothing. */
export const parts = (...all: readonly (string | false)[]): string => all.filter(Boolean).join("")
