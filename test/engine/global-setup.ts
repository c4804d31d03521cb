import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { openSession } from "../../cli/session.js"
import { cgroupFolders } from "../../engine/cgroups.js"
import { status } from "../../engine/control.js"
import { repository } from "../../engine/host/repository.js"
import { layout } from "../../engine/layout.js"
import { RECIPES } from "../../engine/recipes/index.js"
import { forget } from "../../engine/stand-in.js"
import { ENGINE_TIMES } from "../suite/times.js"

/**
 * Makes sure that an engine answers, and hands every test what a Dagger client needs to reach it. Scanners that were
 * made on it beforehand are out of the tests' sight until the end: without their databases they would look at nothing.
 */
export async function setup(): Promise<() => void> {
  // The launcher bundles the command line, of which the engine's own process is started.
  execFileSync(path.join(repository(), "slipway"), ["help"], { stdio: "ignore" })
  const { choice, env, dagger } = await openSession()
  Object.assign(process.env, env, { _EXPERIMENTAL_DAGGER_CLI_BIN: dagger })
  if (env.DAGGER_SESSION_PORT === undefined) delete process.env.DAGGER_SESSION_PORT
  const counters = choice.kind === "embedded" ? engineTimes() : []
  if (counters.length > 0) process.env[ENGINE_TIMES] = counters.join("\n")
  const aside = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-made-"))
  const { pins } = layout()
  if (fs.existsSync(pins)) fs.cpSync(pins, aside, { recursive: true })
  for (const image of RECIPES) if (image.onDemand) forget(image)
  return () => {
    if (fs.existsSync(pins)) fs.cpSync(aside, pins, { recursive: true, force: false })
    fs.rmSync(aside, { recursive: true, force: true })
  }
}

/** Files that count the processor time of the embedded engine: of its containers together, and of its own process. */
function engineTimes(): readonly string[] {
  const engine = status()
  if (engine.state === "stopped") return []
  const containers = cgroupFolders()
    .map((folder) => path.join(folder, "cpu.stat"))
    .filter((file) => textOf(file).startsWith("usage_usec"))
  const own = fs
    .readdirSync("/proc")
    .map((name) => `/proc/${name}/stat`)
    // The session is the fourth field behind the name (proc(5)): the engine runs in its daemon's.
    .filter((file) =>
      new RegExp(`^\\d+ \\(dagger-engine\\) \\S+ \\d+ \\d+ ${engine.pid} `).test(textOf(file)),
    )
  return [...containers, ...own]
}

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return ""
  }
}
