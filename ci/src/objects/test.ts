import { check, type Directory, type File, func, object, type Secret, type Service } from "@dagger.io/dagger"
import { loadStages } from "../app/load/load.js"
import type { Call } from "../call.js"
import { checkStages, conclude, respond, runStages } from "../finish.js"

/** The tests of a project. */
@object()
export class Test implements Call {
  source!: Directory
  history!: Directory
  base?: File
  secrets!: Secret[]
  aws?: Service
  results?: Directory
  texts!: string

  /** Runs the unit tests. */
  @func()
  @check()
  async unit(): Promise<string> {
    return checkStages(this, ["unit"])
  }

  /** Runs the integration tests, against PostgreSQL, migrated by the app's own migrations, and other services. */
  @func()
  @check()
  async integration(): Promise<string> {
    return checkStages(this, ["integration"])
  }

  /** Runs the tests that give coverage, and holds them together to the gates of slipway.yaml. */
  @func()
  async coverage(): Promise<string> {
    return checkStages(this, ["coverage"])
  }

  /** Runs the project's Playwright tests on the running app, with a database of its own. */
  @func()
  async endToEnd(): Promise<string> {
    return checkStages(this, ["e2e"])
  }

  /** Looks at the running app's pages with axe. */
  @func()
  async accessibility(): Promise<string> {
    return checkStages(this, ["a11y"])
  }

  /**
   * Puts the running app under load, with k6: fails where answers come too late or with errors.
   *
   * @param profile smoke (one user, 10 s), load, stress or spike.
   */
  @func()
  async load(profile: string = "smoke"): Promise<string> {
    return respond(this, async (request) => conclude(await runStages(request, loadStages(profile))))
  }

  /** Runs all tests. */
  @func()
  async all(): Promise<string> {
    return checkStages(this, ["unit", "integration", "e2e", "a11y"])
  }
}
