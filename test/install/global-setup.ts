import { execFileSync } from "node:child_process"
import * as path from "node:path"
import { repository } from "../../cli/repository.js"
import { prepare } from "../../engine/control.js"

/** Builds what every test's own state folder is then linked from. */
export async function setup(): Promise<void> {
  // The launcher bundles the command line, of which the engine's own process is started.
  execFileSync(path.join(repository(), "slipway"), ["help"], { stdio: "ignore" })
  await prepare()
}
