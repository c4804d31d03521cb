import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

/** Returns the folder of this Slipway, with `dagger.json` and `cli/`. */
export function repository(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url))
  while (!fs.existsSync(path.join(folder, "cli/main.ts"))) folder = path.dirname(folder)
  return folder
}

/** Returns the bundled command line, which Slipway starts its own processes with. */
export const entry = (): string => path.join(repository(), "node_modules/.slipway/cli.mjs")
