import { filesBelow } from "../formats/glob.js"
import { folderOf } from "../project/manifest.js"
import type { Project } from "../project/project.js"
import type { Given, StageKind, StageResult } from "../run/stage.js"
import { configurationPolicy } from "./configuration.js"
import { fmt } from "./fmt.js"
import { isTerraform } from "./roots.js"
import { hasTerraform, LEFT_BEHIND, TERRAFORM } from "./sources.js"
import { validate } from "./validate.js"
import { VERSION_FILES } from "./version.js"

const FILES = [...TERRAFORM, ...VERSION_FILES]

/** Terraform's stages of the check. They need neither credentials nor a state. */
export const terraform: readonly StageKind[] = [
  kindOf("fmt", () => FILES, fmt),
  kindOf("validate", modules, validate),
  kindOf("policy", () => FILES, configurationPolicy),
]

function kindOf(
  name: string,
  include: (project: Project) => readonly string[],
  run: (given: Given) => Promise<StageResult>,
): StageKind {
  const kind = `terraform-${name}`
  return {
    kind,
    standsAlone: true,
    applies: (project) =>
      hasTerraform(project)
        ? {
            applies: true,
            stages: [
              {
                name: `terraform:${name}`,
                kind,
                needs: [],
                because: "Terraform files",
                inputs: { include: include(project), exclude: LEFT_BEHIND },
                run,
              },
            ],
          }
        : { applies: false, reason: "no Terraform files" },
  }
}

/** Returns patterns of everything in folders with Terraform files: the configuration may read templates and archives. */
function modules({ files, config: { terraform: settings } }: Project): readonly string[] {
  const folders = [...new Set(files.filter(isTerraform).map(folderOf)), ...(settings.providers.folder ?? [])]
  return [...folders.map(filesBelow), ...VERSION_FILES]
}
