/**
 * Slipway: the whole check of a project, the same on a laptop and on every CI vendor.
 *
 * Point it at a folder with a package.json, or at one whose slipway.yaml describes its stages.
 */
import { argument, check, type Directory, type File, func, object, type Secret } from "@dagger.io/dagger"
import { type Call, handOver, toCall, toRequest, withShards } from "./call.js"
import { checkStages, evidence, explained, runStages } from "./finish.js"
import { Audit } from "./objects/audit.js"
import { Image } from "./objects/image.js"
import { Infra } from "./objects/infra.js"
import { Scan } from "./objects/scan.js"
import { Test } from "./objects/test.js"
import { HISTORY, IGNORE } from "./plan/ignore.js"
import { pipeline, planText } from "./plan/pipeline.js"
import { KINDS } from "./stages.js"

@object()
export class Slipway implements Call {
  folders: Directory[] = []
  files: File[] = []
  secrets: Secret[] = []
  settings: string = ""

  /**
   * @param source The project. The folder you are in, where the module is used as blueprint or toolchain.
   * @param history The project's git history, for what looks at the commits of a change.
   * @param rerun Run again what failed though nothing changed: for tests that fail now and then.
   * @param make Also run what takes minutes to make first, on an engine without an image registry: scanners
   *   that are built from source.
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
   * @param planKey What saved plans are encrypted with: 16 characters or more.
   */
  constructor(
    @argument({ defaultPath: ".", ignore: IGNORE }) source: Directory,
    @argument({ defaultPath: ".", ignore: HISTORY }) history: Directory,
    rerun: boolean = false,
    make: boolean = false,
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
    planKey?: Secret,
  ) {
    const secrets = {
      snykToken,
      sonarToken,
      signingKey,
      signingPassword,
      registryPassword,
      awsAccessKeyId,
      awsSecretAccessKey,
      awsSessionToken,
      planKey,
    }
    handOver(toCall({ source, history, rerun, make, run, shards: "", base: base ?? null, secrets }), this)
  }

  /**
   * Runs the whole check: every stage that applies, side by side where they can. Prints a line a stage, the
   * cause first when red, and fails with the exit code of the verdict: 10 failed, 11 errored (it could not
   * look), 12 to 24 for causes of their own.
   */
  // What it finds depends on more than its arguments: databases, days, images made since. Its stages are remembered.
  @func({ cache: "session" })
  async ci(): Promise<string> {
    return checkStages(this, null)
  }

  /**
   * The evidence of the same run, whether it is green or red: report.html, summary.md, junit.xml, result.json,
   * logs/ and what the stages leave. After `ci` it comes from the cache: nothing runs twice.
   */
  @func({ cache: "session" })
  async report(): Promise<Directory> {
    return explained(async () => evidence(await runStages(this, null)))
  }

  /**
   * What was done in a run, by whom and when: `audit verify` checks the log, `audit export` gives it to others.
   *
   * @param log The audit.jsonl of a run's evidence.
   */
  @func()
  audit(log: File): Audit {
    return new Audit(log)
  }

  /** What would run and why, and what is left out and why, without running it. */
  @func()
  async plan(): Promise<string> {
    return explained(async () => planText(await pipeline(toRequest(this).source, KINDS)))
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

  /** Scans for what is insecure: `scan dependencies`, `code`, `secrets`, `image`, `infrastructure`, `licences`, `all`. */
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
}
