import { check, type Directory, func, object } from "@dagger.io/dagger"
import { conclude, explained, runStages } from "../finish.js"

/** The tests of a project. */
@object()
export class Test {
  /** The project. */
  private source: Directory

  constructor(source: Directory) {
    this.source = source
  }

  /** Runs the unit tests. */
  @func()
  @check()
  async unit(): Promise<string> {
    return this.run(["unit"])
  }

  /** Runs the integration tests, against PostgreSQL migrated by the app's own migrations. */
  @func()
  @check()
  async integration(): Promise<string> {
    return this.run(["integration"])
  }

  /** Runs all tests. */
  @func()
  async all(): Promise<string> {
    return this.run(["unit", "integration"])
  }

  private run(kinds: readonly string[]): Promise<string> {
    return explained(async () => conclude(await runStages(this.source, false, kinds)))
  }
}
