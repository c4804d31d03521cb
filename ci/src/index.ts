/**
 * Slipway: the whole check of a project, the same on a laptop and on every CI vendor.
 *
 * Point it at a folder with a package.json, or at one whose slipway.yaml describes its stages.
 */
import { argument, check, type Directory, func, object } from "@dagger.io/dagger"
import { conclude, evidence, explained, runStages } from "./finish.js"
import { Test } from "./objects/test.js"
import { IGNORE } from "./plan/ignore.js"
import { pipeline, planText } from "./plan/pipeline.js"
import { KINDS } from "./stages.js"

@object()
export class Slipway {
  /**
   * Runs the whole check: every stage that applies, side by side where they can. Prints a line a stage, the
   * cause first when red, and fails with the exit code of the verdict: 10 failed, 11 errored (it could not
   * look), 12 to 17 for causes of their own.
   *
   * @param source The project. The folder you are in, where the module is used as blueprint or toolchain.
   * @param rerun Run again what failed though nothing changed: for tests that fail now and then.
   */
  @func()
  async ci(
    @argument({ defaultPath: ".", ignore: IGNORE }) source: Directory,
    rerun: boolean = false,
  ): Promise<string> {
    return explained(async () => conclude(await runStages(source, rerun, null)))
  }

  /**
   * The evidence of the same run, whether it is green or red: report.html, summary.md, junit.xml, result.json
   * and logs/. After `ci` it comes from the cache: nothing runs twice.
   *
   * @param source The project.
   * @param rerun Run again what failed though nothing changed.
   */
  @func()
  async report(
    @argument({ defaultPath: ".", ignore: IGNORE }) source: Directory,
    rerun: boolean = false,
  ): Promise<Directory> {
    return explained(async () => evidence(await runStages(source, rerun, null)))
  }

  /**
   * What would run and why, and what is left out and why, without running it.
   *
   * @param source The project.
   */
  @func()
  async plan(@argument({ defaultPath: ".", ignore: IGNORE }) source: Directory): Promise<string> {
    return explained(async () => planText(await pipeline(source, KINDS)))
  }

  /**
   * Runs the project's linter.
   *
   * @param source The project.
   */
  @func()
  @check()
  async lint(@argument({ defaultPath: ".", ignore: IGNORE }) source: Directory): Promise<string> {
    return explained(async () => conclude(await runStages(source, false, ["lint"])))
  }

  /**
   * Checks the formatting.
   *
   * @param source The project.
   */
  @func()
  @check()
  async format(@argument({ defaultPath: ".", ignore: IGNORE }) source: Directory): Promise<string> {
    return explained(async () => conclude(await runStages(source, false, ["format"])))
  }

  /**
   * Checks the types.
   *
   * @param source The project.
   */
  @func()
  @check()
  async types(@argument({ defaultPath: ".", ignore: IGNORE }) source: Directory): Promise<string> {
    return explained(async () => conclude(await runStages(source, false, ["types"])))
  }

  /**
   * The tests: `test unit`, `test integration`, or `test all`.
   *
   * @param source The project.
   */
  @func()
  test(@argument({ defaultPath: ".", ignore: IGNORE }) source: Directory): Test {
    return new Test(source)
  }

  /**
   * Builds the images of the app's Dockerfiles.
   *
   * @param source The project.
   */
  @func()
  @check()
  async build(@argument({ defaultPath: ".", ignore: IGNORE }) source: Directory): Promise<string> {
    return explained(async () => conclude(await runStages(source, false, ["image"])))
  }
}
