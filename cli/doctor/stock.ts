import { DAGGER_VERSION } from "../../engine/binaries.js"
import { DAGGER_FIX, findDagger } from "../../engine/choose.js"
import { ask } from "../../engine/commands.js"
import { findRuntime } from "../../engine/runtime.js"
import { wrapperFolder } from "../session.js"
import { type Check, type Finding, ok, warn } from "./check.js"

/** Without a container runtime, nothing is missing: the embedded engine brings its own client. */
async function client(): Promise<Finding> {
  const found = await findDagger(process.env, wrapperFolder())
  if (found?.version === DAGGER_VERSION) return ok(`${found.version}, ${found.path}`)
  if (found) return warn(`${found.path} is ${found.version}, not ${DAGGER_VERSION}`, DAGGER_FIX)
  const absent = "not on the PATH"
  return (await findRuntime(process.env)) ? warn(absent, DAGGER_FIX) : ok(absent)
}

async function runtime(): Promise<Finding> {
  const found = await findRuntime(process.env)
  if (!found) return ok("none on the PATH")
  return found.fix === null ? ok(found.text) : warn(found.text, found.fix)
}

/** The stock client starts its engine from an image, and pulls that where it is missing. */
async function image(): Promise<Finding> {
  const [found, client] = await Promise.all([
    findRuntime(process.env),
    findDagger(process.env, wrapperFolder()),
  ])
  if (!found || found.fitness === "unfit" || !client?.image) return ok("not needed")
  const { code } = await ask(found.command, ["image", "inspect", client.image], process.env)
  if (code === 0) return ok(client.image)
  return warn(
    `${client.image} is not there: the first run pulls it`,
    "without internet, run `slipway engine image --load`",
  )
}

/** Checks of what the stock engine needs: the dagger command, a container runtime, the engine's image. */
export const stockChecks: readonly Check[] = [
  { name: "dagger", run: client },
  { name: "runtime", run: runtime },
  { name: "image", run: image },
]
