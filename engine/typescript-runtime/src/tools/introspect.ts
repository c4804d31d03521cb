import * as fs from "node:fs"
import { scan } from "sdk:module/introspector/index.js"
import type { ModuleTypes } from "../description.js"
import { sourceFiles } from "./files.js"
import { LIBRARY } from "./paths.js"
import { describe } from "./scanned.js"
import { readLibraries } from "./typescript.js"

/**
 * Has the SDK read the types of the module in `folder`/src, with nothing else of the module in its sight.
 *
 * The browser's types are most of what TypeScript reads, and hardly a module's signatures need them. Without
 * them a type that does is not resolved, which the introspector refuses: it gets another try with all of them.
 */
export async function introspect(folder: string, name: string): Promise<ModuleTypes> {
  fs.cpSync(`${LIBRARY}/sdk`, `${folder}/sdk`, { recursive: true })
  fs.mkdirSync(`${folder}/node_modules/@dagger.io`, { recursive: true })
  fs.symlinkSync(`${folder}/sdk`, `${folder}/node_modules/@dagger.io/dagger`)
  process.chdir(folder)
  const files = [...sourceFiles("src"), "sdk/client.gen.ts"]
  try {
    readLibraries("language")
    return describe(await scan(files, name, false))
  } catch {
    readLibraries("all")
    return describe(await scan(files, name, false))
  }
}
