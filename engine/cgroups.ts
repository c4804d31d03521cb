import * as fs from "node:fs"
import * as path from "node:path"
import { fingerprint, home } from "../cli/home.js"

const ROOT = "/sys/fs/cgroup"

/** The cgroup that holds every container of this state folder's engine. */
export const cgroupName = (): string => `slipway-${fingerprint(home())}`

/** Where that cgroup is: once with cgroup v2, once a controller with v1. */
export function cgroupFolders(): readonly string[] {
  if (!fs.existsSync(ROOT)) return []
  const controllers = fs.readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return [ROOT, ...controllers.map((entry) => path.join(ROOT, entry.name))]
    .map((parent) => path.join(parent, cgroupName()))
    .filter((folder) => fs.existsSync(folder))
}

/** Takes away the cgroups that an ended engine left. Only empty ones can be removed, so none that is in use is. */
export function removeCgroups(): void {
  for (const folder of cgroupFolders()) removeTree(folder)
}

function removeTree(folder: string): void {
  try {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) removeTree(path.join(folder, entry.name))
    fs.rmdirSync(folder)
  } catch {
    // Its last process is still ending: the next start or stop finds it empty.
  }
}
