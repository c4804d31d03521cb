import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

/** The folder of this Slipway: where `dagger.json` and `cli/` are. */
export function repository(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url))
  while (!fs.existsSync(path.join(folder, "cli/main.ts"))) folder = path.dirname(folder)
  return folder
}

/** The command line as the launcher bundled it: what processes of our own are started with. */
export const entry = (): string => path.join(repository(), "node_modules/.slipway/cli.mjs")
