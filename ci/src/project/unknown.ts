import { Fault } from "../run/fault.js"
import type { StageKind } from "../run/stage.js"
import { folderOf, INSTALLED, MANIFEST } from "./manifest.js"
import { hasManifest } from "./packages.js"
import type { Project } from "./project.js"

/**
 * Why the whole check of a folder would miss what matters in it, or null for a project: one with a package.json, custom
 * stages, or files that a kind of stage needs no package.json beside.
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
    what: `this folder is no project that Slipway knows: it has no package.json at its root${found}, and slipway.yaml describes no custom stages`,
    where: null,
    fix: `point Slipway at another folder: ${example}; or describe custom stages in slipway.yaml`,
  })
}
