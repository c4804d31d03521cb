import * as fs from "node:fs"
import * as path from "node:path"
import { CONFIG_FILE } from "../ci/src/config/read.js"
import { CommandFault } from "./fault.js"

/**
 * Returns an app's folder as an absolute path.
 *
 * @param command the command that it is for.
 * @throws CommandFault `no-folder`.
 */
export function requireFolder(command: string, folder: string): string {
  const app = path.resolve(folder)
  if (fs.statSync(app, { throwIfNoEntry: false })?.isDirectory()) return app
  const what = fs.existsSync(app) ? `not a folder: ${app}` : `folder not found: ${app}`
  throw new CommandFault("no-folder", what, `name the app's folder: \`slipway ${command} path/to/app\``)
}

/** Writes a file as a whole: whoever reads it meanwhile sees the old content or the new one. */
export function replaceFile(file: string, content: string | Uint8Array, mode = 0o666): void {
  const next = `${file}.${process.pid}`
  fs.writeFileSync(next, content, { mode })
  fs.renameSync(next, file)
}

/** Returns the text of an app's slipway.yaml; "" for an app without one. */
export function configText(app: string): string {
  const file = path.join(app, CONFIG_FILE)
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : ""
}
