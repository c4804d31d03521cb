import { Fault } from "../run/fault.js"
import type { StageKind } from "../run/stage.js"
import type { Repository } from "./project.js"

/**
 * Returns why a folder is not a repository that the whole check covers; null for one that is. It has a project, custom
 * stages, or files of a kind that stands alone.
 */
export function unknownProject(
  { whole, projects, unchecked }: Repository,
  kinds: readonly StageKind[],
): Fault | null {
  if (projects.some(({ language }) => language !== null) || Object.keys(whole.config.custom).length > 0)
    return null
  if (kinds.some((kind) => kind.standsAlone && kind.applies(whole).applies)) return null
  const found = unchecked.map(({ what, reason }) => `\n  ${what}: ${reason}`)
  return new Fault("no-project", {
    what: `no project found in this folder: no package.json, no Python project, no Dockerfile, no Terraform files, and no custom stages in slipway.yaml${found.join("")}`,
    where: null,
    fix: "run Slipway in the repository's folder, or describe custom stages in slipway.yaml",
  })
}
