import { Fault } from "../run/fault.js"
import type { StageKind } from "../run/stage.js"
import { folderOf, INSTALLED, MANIFEST } from "./manifest.js"
import { hasManifest } from "./packages.js"
import type { Project } from "./project.js"

/**
 * Returns why a folder is not a project that the whole check covers; null for a project. A project has a package.json,
 * custom stages, or files of a kind that stands alone and no package.json in its folders.
 */
export function unknownProject(project: Project, kinds: readonly StageKind[]): Fault | null {
  if (hasManifest(project) || Object.keys(project.config.custom).length > 0) return null
  const inside = project.files.filter((file) => file.endsWith(`/${MANIFEST}`) && !INSTALLED.test(file))
  const [first] = inside.map(folderOf)
  if (first === undefined && kinds.some((kind) => kind.standsAlone && kind.applies(project).applies))
    return null
  const more = inside.length > 3 ? ` and ${inside.length - 3} more` : ""
  const found = first === undefined ? "" : ` (only in folders: ${inside.slice(0, 3).join(", ")}${more})`
  const example =
    first === undefined ? "the one with package.json" : `one with package.json, such as "${first}"`
  return new Fault("no-project", {
    what: `no project found in this folder: no package.json at its root${found}, no Terraform files to check alone, and no custom stages in slipway.yaml`,
    where: null,
    fix: `run Slipway in another folder: ${example}; or describe custom stages in slipway.yaml`,
  })
}
