import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { promisify } from "node:util"
import { bytes } from "../ci/src/formats/figures.js"
import { DAGGER_VERSION } from "../engine/binaries.js"
import { prepare } from "../engine/control.js"
import { HostFault } from "../engine/host/fault.js"
import { home } from "../engine/host/home.js"
import { step } from "../engine/host/progress.js"
import { writeEngineImage } from "../engine/image.js"
import { requireRoot } from "../engine/parts.js"
import { findRuntime } from "../engine/runtime.js"
import { parse, usage } from "./args.js"

const DEFAULT_FILE = `dagger-engine-${DAGGER_VERSION}.tar`

/** Makes an image of the embedded engine: an archive, or one that a container runtime of this machine has. */
export async function makeEngineImage(args: readonly string[]): Promise<string> {
  const { values, positionals } = parse("engine", args, {
    output: { type: "string", short: "o" },
    load: { type: "boolean", default: false },
  })
  if (positionals.length > 0) throw usage(`engine image: unknown argument ${positionals[0]}`, "engine")
  const loader = values.load ? await requireLoader() : null
  requireRoot()
  const parts = await prepare()
  const kept = values.output ?? (loader === null ? DEFAULT_FILE : null)
  const file = path.resolve(kept ?? path.join(home(), DEFAULT_FILE))
  if (!fs.statSync(path.dirname(file), { throwIfNoEntry: false })?.isDirectory())
    throw usage(`engine image: no such folder: ${path.dirname(file)}`, "engine")
  try {
    const mirror = process.env.SLIPWAY_MIRROR
    const { name, digest } = await step("engine's image", "about 20 s", ({ update }) =>
      writeEngineImage({ parts, file, mirror, progress: update }),
    )
    if (loader !== null) await load(loader, file)
    const size = bytes(fs.statSync(file).size)
    return [
      ...(kept === null ? [] : [`${kept}: ${name}, ${size}, ${digest}`]),
      ...(loader === null ? next(kept ?? file, name) : [`${loader} has ${name}, ${digest}`]),
    ].join("\n")
  } finally {
    if (kept === null) fs.rmSync(file, { force: true })
  }
}

/** What to type on the machine with Docker, or for a cluster. */
const next = (file: string, name: string): readonly string[] => [
  "",
  "The dagger client finds it by this name, once Docker has it:",
  `  docker load --input ${file}`,
  "For a registry of your own, such as a cluster's:",
  `  docker tag ${name} REGISTRY/dagger-engine:${DAGGER_VERSION}`,
]

async function requireLoader(): Promise<string> {
  const found = await findRuntime(process.env)
  if (found && found.fitness !== "unfit") return found.command
  throw new HostFault(
    "tool-missing",
    `--load: ${found?.text ?? "no container runtime is on the PATH"}`,
    found?.fix ?? `omit --load, and load ${DEFAULT_FILE} where Docker is`,
  )
}

async function load(command: string, file: string): Promise<void> {
  try {
    await step(`${command} load`, "about 20 s", () => promisify(execFile)(command, ["load", "--input", file]))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new HostFault("tool-missing", `${command} cannot load the image: ${why.trim()}`, null)
  }
}
