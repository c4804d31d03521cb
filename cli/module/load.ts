import * as fs from "node:fs"
import * as path from "node:path"
import { entry, repository } from "../../engine/host/repository.js"
import { replaceFile } from "../folder.js"
import type { ModuleDescription } from "./description.js"

/** Where the description lies that was read last: beside the bundle of the command line. */
const kept = (): string => path.join(path.dirname(entry()), "module.json")

/**
 * The description of this Slipway's module, read from its sources without an engine. It is kept beside the
 * bundle, which the launcher makes anew when a source changes: what is older than the bundle is read again.
 * In a package of npm both have the same time, and there is no compiler.
 */
export async function moduleDescription(): Promise<ModuleDescription> {
  const file = kept()
  const known = timeOf(file)
  if (known !== null && known >= (timeOf(entry()) ?? Number.POSITIVE_INFINITY))
    return JSON.parse(fs.readFileSync(file, "utf8"))
  // Loaded here alone: the compiler takes longer to load than most commands to run.
  const { readModule } = await import("./read.js")
  const module = readModule(moduleSources().map((source) => fs.readFileSync(source, "utf8")))
  keep(file, module)
  return module
}

/** The files of the module that hold its `@object` classes. */
export function moduleSources(): readonly string[] {
  const root = path.join(repository(), "ci/src")
  const objects = fs.readdirSync(path.join(root, "objects")).filter((name) => name.endsWith(".ts"))
  return [path.join(root, "index.ts"), ...objects.map((name) => path.join(root, "objects", name))]
}

const timeOf = (file: string): number | null => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null

function keep(file: string, module: ModuleDescription): void {
  try {
    replaceFile(file, JSON.stringify(module))
  } catch {
    // Whoever may not write there reads the sources each time.
  }
}
