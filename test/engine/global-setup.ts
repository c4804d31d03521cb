import { execFileSync } from "node:child_process"
import * as path from "node:path"
import { repository } from "../../cli/repository.js"
import { openSession } from "../../cli/session.js"

/** Makes sure that an engine answers, and hands every test what a Dagger client needs to reach it. */
export async function setup(): Promise<void> {
  // The launcher bundles the command line, of which the engine's own process is started.
  execFileSync(path.join(repository(), "slipway"), ["help"], { stdio: "ignore" })
  const { env, dagger } = await openSession()
  Object.assign(process.env, env, { _EXPERIMENTAL_DAGGER_CLI_BIN: dagger })
  if (env.DAGGER_SESSION_PORT === undefined) delete process.env.DAGGER_SESSION_PORT
}
