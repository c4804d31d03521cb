import * as fs from "node:fs"
import * as path from "node:path"
import { fingerprint, home } from "./host/home.js"

const ROOT = "/sys/fs/cgroup"

/** Returns the name of the cgroup of all containers of this engine. */
export const cgroupName = (): string => `slipway-${fingerprint(home())}`

/** Lists the cgroup's folders: one with cgroup v2, one for each controller with v1. */
export function cgroupFolders(): readonly string[] {
  if (!fs.existsSync(ROOT)) return []
  const controllers = fs.readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return [ROOT, ...controllers.map((entry) => path.join(ROOT, entry.name))]
    .map((parent) => path.join(parent, cgroupName()))
    .filter((folder) => fs.existsSync(folder))
}

/** Deletes the cgroups of an engine that has ended. The kernel refuses to delete one that is in use. */
export function removeCgroups(): void {
  for (const folder of cgroupFolders()) removeTree(folder)
}

function removeTree(folder: string): void {
  try {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) removeTree(path.join(folder, entry.name))
    fs.rmdirSync(folder)
  } catch {
    // Its last process is still ending. The next start or stop deletes it.
  }
}
