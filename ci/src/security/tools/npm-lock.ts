import type { Directory } from "@dagger.io/dagger"
import { isRecord, parseJson, recordOf } from "../../formats/json.js"

/**
 * A package-lock.json that says of each installed package only its version and whether it serves development alone.
 * Dependency-Check takes each range that a package asks for (`^9.0.0`) for a package of that version, passes over
 * optional ones, and looks up workspaces as if they were published.
 *
 * @returns the text as it is where it is no lock file of npm 7 or later.
 * @see https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 */
export function installedAlone(text: string): string {
  const { name, version, lockfileVersion, packages } = recordOf(parseJson(text))
  if (!isRecord(packages)) return text
  const installed = Object.entries(packages).flatMap(([path, entry]) => {
    const { version, dev, link } = recordOf(entry)
    return path.includes("node_modules/") && link !== true ? [[path, { version, dev }]] : []
  })
  // It passes over a lock file of a project without a name.
  const project = { name: name ?? "project", version: version ?? "0.0.0", lockfileVersion }
  return JSON.stringify({ ...project, packages: Object.fromEntries(installed) })
}

/** A project's files with its lock files as Dependency-Check can read them. */
export async function readable(source: Directory): Promise<Directory> {
  let made = source
  for (const file of await source.glob("**/package-lock.json"))
    made = made
      .withNewFile(file, installedAlone(await source.file(file).contents()))
      // It reads none without it, were it empty.
      .withNewDirectory(file.replace(/[^/]+$/, "node_modules"))
  return made
}
