/**
 * Slipway: the whole check of a project, the same on a laptop and on every CI vendor.
 *
 * Point it at a folder with a package.json, or at one whose slipway.yaml describes its stages.
 */
import {
  argument,
  type Container,
  check,
  type Directory,
  type File,
  func,
  object,
  type Secret,
  type Service,
} from "@dagger.io/dagger"
import { type Call, fill, handOver, withShards } from "./call.js"
import { compatible } from "./deploy/compatible.js"
import { deployed, promoted } from "./deploy/functions.js"
import { rehearsed } from "./deploy/rehearse.js"
import { checkStages, conclude, evidence as evidenceOf, respond } from "./finish.js"
import { initial } from "./initial.js"
import { needsFrom } from "./needs/needs.js"
import { Audit } from "./objects/audit.js"
import { Image } from "./objects/image.js"
import { Infra } from "./objects/infra.js"
import { Scan } from "./objects/scan.js"
import { Test } from "./objects/test.js"
import { HISTORY, IGNORE } from "./project/ignore.js"
import { known, pipeline } from "./run/pipeline.js"
import { planText } from "./run/plan-text.js"
import type { SecretName } from "./run/request.js"
import { matrixOf, runWhole } from "./sharded.js"
import { stageShell } from "./stage-shell.js"
import { KINDS } from "./stages.js"

/** The check of one project, and its deployments. Every function gets the project and the run from here. */
@object()
export class Slipway implements Call {
  source!: Directory
  history!: Directory
  base?: File
  secrets!: Secret[]
  aws?: Service
  results?: Directory
  texts!: string

  /**
   * @param source The project. The folder you are in, where the module is used as blueprint or toolchain.
   * @param history The project's git history, for what looks at the commits of a change.
   * @param rerun Run again what failed though nothing changed: for tests that fail now and then.
   * @param run The run context as JSON: vendor, commit, branch, tag, base, change, actor, url, run, attempt.
   * @param base The result.json of a run on the base of the change: findings, coverage and sizes are compared
   *   with it.
   * @param snykToken Lets Snyk look at the dependencies.
   * @param sonarToken For the SonarQube server that slipway.yaml names.
   * @param signingKey The private key that images are signed with (cosign).
   * @param signingPassword The password of that key.
   * @param registryPassword For the registry that images are pushed to.
   * @param awsAccessKeyId Of the AWS role that infrastructure is planned or applied by.
   * @param awsSecretAccessKey Of the same.
   * @param awsSessionToken Of the same.
   * @param awsWebIdentityToken Instead of those: the CI vendor's token, which the environment's role is assumed with.
   * @param planKey What saved plans are encrypted with: 16 characters or more.
   * @param notifications Addresses and keys of notifications as JSON, by the names that slipway.yaml gives them.
   * @param approvalToken For the API of GitHub or GitLab, which says who approved a run or reviewed a change.
   * @param deploymentToken For the API of GitHub or GitLab, which shows deployments.
   * @param secret For the project's own commands and image builds, in the environment variable that its address
   *   ends with: env://NPM_TOKEN. Repeat it for others.
   * @param aws What answers instead of AWS, on port 4566: a simulator. It has the host name aws.
   * @param results The folder with results of earlier runs, instead of the store that `results` in slipway.yaml names.
   * @param resultsLogin For that store: `user:password` of a registry, or of S3 the access key's id, its secret and the
   *   session token where there is one, with colons between.
   */
  constructor(
    @argument({ defaultPath: ".", ignore: IGNORE }) source: Directory,
    @argument({ defaultPath: ".", ignore: HISTORY }) history: Directory,
    rerun: boolean = false,
    run: string = "",
    base?: File,
    snykToken?: Secret,
    sonarToken?: Secret,
    signingKey?: Secret,
    signingPassword?: Secret,
    registryPassword?: Secret,
    awsAccessKeyId?: Secret,
    awsSecretAccessKey?: Secret,
    awsSessionToken?: Secret,
    awsWebIdentityToken?: Secret,
    planKey?: Secret,
    notifications?: Secret,
    approvalToken?: Secret,
    deploymentToken?: Secret,
    aws?: Service,
    results?: Directory,
    resultsLogin?: Secret,
    secret: Secret[] = [],
  ) {
    Object.assign(this, { source, history, base, aws, results })
    const secrets = {
      snykToken,
      sonarToken,
      signingKey,
      signingPassword,
      registryPassword,
      awsAccessKeyId,
      awsSecretAccessKey,
      awsSessionToken,
      awsWebIdentityToken,
      planKey,
      notifications,
      approvalToken,
      resultsLogin,
      deploymentToken,
    } satisfies Record<SecretName, Secret | undefined>
    fill(this, { rerun, run, secrets, own: secret })
  }

  /**
   * Runs the whole check: every stage that applies, side by side where they can. Prints a line a stage, the
   * cause first when red, and fails with the exit code of the verdict: 10 failed, 11 errored (it could not
   * look), 12 to 24 for causes of their own.
   *
   * @param shard One share of the check, for a matrix of machines: `2/3`, or a `shard` of `plan --matrix 3`.
   * @param durations How long stages and test files take, for shares of equal size: slipway.durations.json unless it is
   *   named.
   * @param evidence The evidence of all shards: is joined into one verdict, and their stages do not run again.
   */
  // What it finds depends on more than its arguments: databases, days, images made since. Its stages are remembered.
  @func({ cache: "session" })
  async ci(shard: string = "", durations?: File, evidence?: Directory): Promise<string> {
    return respond(this, async (request) => conclude(await runWhole(request, { shard, durations, evidence })))
  }

  /**
   * The evidence of the same run, whether it is green or red: report.html, summary.md, junit.xml, result.json,
   * logs/ and what the stages leave. After `ci` it comes from the cache: nothing runs twice.
   *
   * @param shard One share of the check, for a matrix of machines: `2/3`, or a `shard` of `plan --matrix 3`.
   * @param durations How long stages and test files take, for shares of equal size: slipway.durations.json unless it is
   *   named.
   * @param evidence The evidence of all shards: is joined into one, and their stages do not run again.
   */
  @func({ cache: "session" })
  async report(shard: string = "", durations?: File, evidence?: Directory): Promise<Directory> {
    return respond(this, async (request) =>
      evidenceOf(await runWhole(request, { shard, durations, evidence })),
    )
  }

  /**
   * What was done in a run, by whom and when: `audit verify` checks the log, `audit export` gives it to others.
   *
   * @param log The audit.jsonl of a run's evidence.
   * @param folder Logs of deployments, as they lie in the bucket below `<environment>/audit`.
   * @param env An environment, of environments in slipway.yaml, whose logs are read from the bucket.
   */
  @func()
  audit(log?: File, folder?: Directory, env: string = ""): Audit {
    return Object.assign(handOver(this, new Audit()), { log, folder, env })
  }

  /**
   * What would run and why, and what is left out and why, without running it.
   *
   * @param matrix Instead, for so many machines: JSON of balanced shards, each with a token for `--shard`.
   * @param durations How long stages and test files take: slipway.durations.json unless it is named.
   */
  @func()
  async plan(matrix: number = 0, durations?: File): Promise<string> {
    return respond(this, async (request) => {
      const { source, links, reader } = request
      const found = known(await pipeline(source, KINDS, reader, links))
      return matrix === 0 ? planText(found) : matrixOf(found, matrix, durations)
    })
  }

  /**
   * What the check gets from outside, as JSON: images, registries, packages and databases, for a site's own mirrors.
   * `slipway mirror` asks whether they are there.
   */
  @func()
  async needs(): Promise<string> {
    return respond(this, async ({ source, links, reader }) =>
      JSON.stringify(await needsFrom(known(await pipeline(source, KINDS, reader, links)))),
    )
  }

  /**
   * A slipway.yaml for the project, from what its own files and its CI say: with a comment on where each key is from, and
   * on the steps of its CI that are not taken over.
   *
   * @param strict Every gate blocks: `policy: strict`. And how long build, tests and deployments may take.
   */
  @func()
  async init(strict: boolean = false): Promise<File> {
    return respond(this, (request) => initial(request, strict))
  }

  /**
   * The container of a stage after its command, red or green, with its files, services and secrets: `terminal` opens a
   * shell in it. What ran before comes from the cache; the services start empty.
   *
   * @param stage The stage's name, as `plan` shows it.
   */
  @func({ cache: "session" })
  async shell(stage: string): Promise<Container> {
    return respond(this, (request) => stageShell(request, stage))
  }

  /** Runs the project's linter. */
  @func()
  @check()
  async lint(): Promise<string> {
    return checkStages(this, ["lint"])
  }

  /** Checks the formatting. */
  @func()
  @check()
  async format(): Promise<string> {
    return checkStages(this, ["format"])
  }

  /** Checks the types. */
  @func()
  @check()
  async types(): Promise<string> {
    return checkStages(this, ["types"])
  }

  /** Looks for unused dependencies, and with knip's configuration for unused exports and files. */
  @func()
  @check()
  async deadcode(): Promise<string> {
    return checkStages(this, ["deadcode"])
  }

  /** Looks for lines that stand in several places. Fails above the percentage that `quality.duplication` allows. */
  @func()
  @check()
  async duplication(): Promise<string> {
    return checkStages(this, ["duplication"])
  }

  /** Looks for bugs and code smells. Fails when there are more than `quality` in slipway.yaml allows. */
  @func()
  @check()
  async maintainability(): Promise<string> {
    return checkStages(this, ["maintainability"])
  }

  /** Looks for personal and health data in logs, storage, addresses, fixtures and messages, and for its audit. */
  @func()
  @check()
  async privacy(): Promise<string> {
    return checkStages(this, ["privacy"])
  }

  /**
   * The tests: `test unit`, `test integration`, or `test all`.
   *
   * @param shards Containers that share the test files of each suite, side by side: up to 64. slipway.yaml's
   *   `tests.shards` where it is 0.
   * @param shard One share of several, for a matrix of machines: `2/4`.
   */
  @func()
  test(shards: number = 0, shard: string = ""): Test {
    return withShards(handOver(this, new Test()), shard || (shards === 0 ? "" : String(shards)))
  }

  /**
   * Scans for what is insecure: `scan dependencies`, `code`, `secrets`, `image`, `live`, `infrastructure`, `licences`,
   * `all`.
   */
  @func()
  scan(): Scan {
    return handOver(this, new Scan())
  }

  /** Probes the running app from outside: headers, cookies, open errors, injections. */
  @func()
  async dast(): Promise<string> {
    return checkStages(this, ["dast"])
  }

  /** Builds the images of the app's Dockerfiles. */
  @func()
  @check()
  async build(): Promise<string> {
    return checkStages(this, ["image"])
  }

  /** Builds the frontends, and weighs them against their budget and against the base. */
  @func()
  @check()
  async bundle(): Promise<string> {
    return checkStages(this, ["bundle"])
  }

  /** The images: `image build`, `sbom`, `push`, `sign`, `verify`, `promote`, `retain`. */
  @func()
  image(): Image {
    return handOver(this, new Image())
  }

  /** The infrastructure, by Terraform or OpenTofu: `infra check`, `plan`, `policy`, `apply`, `stop`, `drift`, `alert`. */
  @func()
  infra(): Infra {
    return handOver(this, new Infra())
  }

  /**
   * Deploys images to an environment of slipway.yaml, and says the truth about it: freeze windows and approvals, lease,
   * signatures, the reviewed Terraform plan, snapshot, migration, rollout, health, bake time; or the way back.
   *
   * Exit codes: 0 succeeded, 40 rolled back, 41 the way back failed too, 42 a newer deployment took its place, 43 still
   * running, 44 a rule forbids it, 45 failed, 46 it waits for an answer, 48 waves could not ask an environment.
   *
   * @param env The environment, of environments in slipway.yaml; or waves, of waves.
   * @param images Images by digest, as `image push` returns them.
   * @param infrastructure The folder that `infra plan` gave: exactly this plan is applied, under the lease.
   * @param approver Who looked at that plan and allows it.
   * @param approvals What approvers signed with `slipway approve`, one after another.
   * @param breakGlass Why freeze windows and approvals are to be ignored: it is audited, and reviewed afterwards.
   * @param answer What a deployment that waits is told: `continue`, `rollback` (both with `:` and the question's ID behind
   *   it, as it is printed), or `full` (to the end, without analysis).
   * @param plan Only say what would change, after asking whether all that it needs is there.
   * @param key The public key of those who may sign images.
   * @param identity Instead of a key: who signed, as it stands in the certificate.
   * @param issuer Who vouches for that identity, as it stands in the certificate.
   * @param username Whose password --registry-password is.
   * @param registry A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async deploy(
    env: string,
    images: string,
    infrastructure?: Directory,
    approver: string = "",
    approvals?: File,
    breakGlass: string = "",
    answer: string = "",
    plan: boolean = false,
    key?: File,
    identity: string = "",
    issuer: string = "",
    username: string = "",
    registry?: Service,
  ): Promise<string> {
    const action = plan ? "plan" : "deploy"
    const signed = { key, identity, issuer, username, registry }
    return respond(this, (request) =>
      deployed(request, {
        action,
        env,
        images,
        infrastructure,
        approver,
        approvals,
        breakGlass,
        answer,
        ...signed,
      }),
    )
  }

  /**
   * Deploys what is live and proven good in one environment to another: the same images by the same digests, verified
   * again. The commit that is live there must be checked out. Exit codes as of `deploy`.
   *
   * @param from The environment that it was proven in, such as staging.
   * @param env The environment or the waves that it goes to, such as production.
   * @param infrastructure The folder that `infra plan` gave: exactly this plan is applied, under the lease.
   * @param approver Who looked at that plan and allows it.
   * @param approvals What approvers signed with `slipway approve`, one after another.
   * @param breakGlass Why freeze windows and approvals are to be ignored: it is audited, and reviewed afterwards.
   * @param answer What a deployment that waits is told: `continue`, `rollback` (both with `:` and the question's ID behind
   *   it, as it is printed), or `full` (to the end, without analysis).
   * @param key The public key of those who may sign images.
   * @param identity Instead of a key: who signed, as it stands in the certificate.
   * @param issuer Who vouches for that identity, as it stands in the certificate.
   * @param username Whose password --registry-password is.
   * @param registry A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async promote(
    from: string,
    env: string,
    infrastructure?: Directory,
    approver: string = "",
    approvals?: File,
    breakGlass: string = "",
    answer: string = "",
    key?: File,
    identity: string = "",
    issuer: string = "",
    username: string = "",
    registry?: Service,
  ): Promise<string> {
    const signed = { key, identity, issuer, username, registry }
    const said = { infrastructure, approver, approvals, breakGlass, answer, ...signed }
    return respond(this, (request) => promoted(request, { action: "deploy", env, ...said }, from))
  }

  /**
   * Takes an environment back to a release that was proven good there, as a set; unless a migration since then forbids it.
   *
   * @param env The environment, of environments in slipway.yaml.
   * @param to The release's number, as `status` shows it; 0 for the last proven-good one before the live one.
   * @param takeOver Preempts another run that only watches (rollout, bake time). Refused in the middle of a change.
   */
  @func({ cache: "never" })
  async rollback(env: string, to: number = 0, takeOver: boolean = false): Promise<string> {
    return respond(this, (request) => deployed(request, { action: "rollback", env, to, takeOver }))
  }

  /**
   * Runs the migration of an environment alone, as a task of its own.
   *
   * @param env The environment, of environments in slipway.yaml.
   * @param images Images by digest, as `image push` returns them.
   * @param approvals What approvers signed with `slipway approve`, one after another.
   * @param breakGlass Why freeze windows and approvals are to be ignored: it is audited, and reviewed afterwards.
   * @param key The public key of those who may sign images.
   * @param identity Instead of a key: who signed, as it stands in the certificate.
   * @param issuer Who vouches for that identity, as it stands in the certificate.
   * @param username Whose password --registry-password is.
   * @param registry A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async migrate(
    env: string,
    images: string,
    approvals?: File,
    breakGlass: string = "",
    key?: File,
    identity: string = "",
    issuer: string = "",
    username: string = "",
    registry?: Service,
  ): Promise<string> {
    const signed = { key, identity, issuer, username, registry }
    return respond(this, (request) =>
      deployed(request, { action: "migrate", env, images, approvals, breakGlass, ...signed }),
    )
  }

  /**
   * Tries whether the live release still works on the migrated schema, before a deployment migrates: starts its images
   * on a PostgreSQL that its own migrations and then those of the new images were applied to, and asks the health checks
   * and smoke tests that it was proven with. The result is kept in the environment's bucket, where `deploy` finds it.
   *
   * Exit codes: 0 it works, or nothing is live; 16 the migration fails; 47 the live release does not work.
   *
   * @param env The environment, of environments in slipway.yaml.
   * @param images Images by digest, as `image push` returns them.
   * @param from Instead of images: the environment whose live release is promoted.
   * @param username Whose password --registry-password is.
   * @param registry A registry that runs as a service, without TLS, under the host that is named.
   */
  @func({ cache: "never" })
  async compatible(
    env: string,
    images: string = "",
    from: string = "",
    username: string = "",
    registry?: Service,
  ): Promise<string> {
    return respond(this, (request) =>
      compatible(request, { action: "compatible", env, images, username, registry }, from),
    )
  }

  /**
   * Asks the health checks of an environment.
   *
   * @param env The environment, of environments in slipway.yaml; or waves, of waves.
   */
  @func({ cache: "never" })
  async health(env: string): Promise<string> {
    return respond(this, (request) => deployed(request, { action: "health", env }))
  }

  /**
   * What is live in an environment since when, what of it was proven good, and what is going on.
   *
   * @param env The environment, of environments in slipway.yaml; or waves, of waves.
   * @param repair Restores the environment's objects in the state bucket where they are damaged or missing, and says what
   *   is lost.
   */
  @func({ cache: "never" })
  async status(env: string, repair: boolean = false): Promise<string> {
    return respond(this, (request) => deployed(request, { action: "status", env, repair }))
  }

  /**
   * The same deployment of your own configuration against a simulator of AWS, in seconds: no account, no credentials.
   * Images that you pass are verified, and a Terraform plan is applied. Everything else is simulated.
   *
   * @param env The environment, of environments in slipway.yaml.
   * @param scenario What goes wrong: a name such as crash-loop (docs/simulator.md lists them), or a scenario as JSON.
   * @param images Images by digest, as `image push` returns them.
   * @param infrastructure The folder that `infra plan` gave.
   * @param approver Who looked at that plan and allows it.
   * @param approvals What approvers signed with `slipway approve`. Without it, made-up people approve.
   * @param breakGlass Why freeze windows and approvals are to be ignored.
   * @param key The public key of those who may sign images.
   * @param identity Instead of a key: who signed, as it stands in the certificate.
   * @param issuer Who vouches for that identity, as it stands in the certificate.
   * @param username Whose password --registry-password is.
   * @param registry A registry that runs as a service, without TLS, under the host that is named.
   * @param app Run the app itself: its migration on an empty PostgreSQL, health checks and smoke tests against what its
   *   images answer.
   */
  @func({ cache: "never" })
  async rehearse(
    env: string,
    scenario: string = "success",
    images: string = "",
    infrastructure?: Directory,
    approver: string = "",
    approvals?: File,
    breakGlass: string = "",
    key?: File,
    identity: string = "",
    issuer: string = "",
    username: string = "",
    registry?: Service,
    app: boolean = false,
  ): Promise<string> {
    const signed = { key, identity, issuer, username, registry }
    const said = { env, images, infrastructure, approver, approvals, breakGlass, ...signed }
    return respond(this, (request) => rehearsed(request, { action: "deploy", ...said }, scenario, app))
  }
}
