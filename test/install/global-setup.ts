import { execFileSync } from "node:child_process"
import * as path from "node:path"
import { prepare } from "../../engine/control.js"
import { repository } from "../../engine/host/repository.js"

/** Builds what every test's own state folder is then linked from. */
export async function setup(): Promise<void> {
  // The launcher bundles the command line, of which the engine's own process is started.
  execFileSync(path.join(repository(), "slipway"), ["help"], { stdio: "ignore" })
  await prepare()
}
